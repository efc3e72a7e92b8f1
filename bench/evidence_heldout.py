"""Incidents of the frozen kind that the engine's rules were not written with: the guilty commit or none, no decoy blamed.

Batches by hand, in languages, formats and wordings of their own, each with innocent deploys at the onset. A batch was
written before the engine had run on any of it; what it scored then stands in `FIRST_RUN` and is the honest figure. After
that run the general faults that it showed were mended, so that what is printed now says only that nothing was lost since.

    python bench/evidence_heldout.py [--batch first,second,...] [--verbose] [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "heldout"))
sys.path.insert(0, str(Path(__file__).parent))

import fifth
import first
import fourth
import second
import third
from building import Build
from evidence_cases import Case, Outcome, answer, judge_change
from evidence_renamed import renamed, tokens_for

from afteraction.evidence.investigate import Parts

FIRST_RUN = {
    "first": {"cases": 15, "right": 7, "decoys_blamed": 2},
    "second": {"cases": 14, "right": 11, "decoys_blamed": 1},
    "third": {"cases": 16, "right": 9, "decoys_blamed": 0},
    "fourth": {"cases": 12, "right": 10, "decoys_blamed": 0},
    "fifth": {"cases": 11, "right": 8, "decoys_blamed": 0},
}
"""What each batch scored before anything was mended for it (2026-11-29)."""
BATCHES = {
    "first": first.CASES,
    "second": second.CASES,
    "third": third.CASES,
    "fourth": fourth.CASES,
    "fifth": fifth.CASES,
}


def case_of(build: Build, folder: Path) -> Case:
    here = build.write(folder)
    decoys = {str(deploy["commit_sha"]) for deploy in build.deploys} - {build.truth}
    return Case(name=build.name, paths=(here,), truth=build.truth, decoys=frozenset(decoys))


def renamed_case(build: Build, folder: Path) -> Case:
    """The same with all names of its services replaced by meaningless tokens, wherever they stand."""
    here = build.write(folder / "plain")
    tokens = tokens_for(sorted(build.services, key=lambda name: (-len(name), name)))
    renamed(here, folder / "renamed" / build.name, tokens)
    decoys = {str(deploy["commit_sha"]) for deploy in build.deploys} - {build.truth}
    return Case(name=build.name, paths=(folder / "renamed" / build.name,), truth=build.truth, decoys=frozenset(decoys))


def outcomes_of(batch: str, folder: Path, *, rename: bool = False) -> list[tuple[str, Outcome]]:
    out = []
    for make in BATCHES[batch]:
        case = renamed_case(make(), folder) if rename else case_of(make(), folder)
        out.append((case.name, judge_change(case, *answer(case, Parts()))))
    return out


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", default=",".join(BATCHES))
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--write", type=Path, default=None)
    chosen = parser.parse_args()
    report: dict[str, object] = {"date": datetime.now(UTC).date().isoformat()}
    with tempfile.TemporaryDirectory() as name:
        for batch in chosen.batch.split(","):
            found = outcomes_of(batch, Path(name))
            other = outcomes_of(batch, Path(name) / "tokens", rename=True)
            right, decoys = sum(o.rank == 1 for _, o in found), sum(o.decoy for _, o in found)
            report[batch] = {"first_run": FIRST_RUN.get(batch, {}), "cases": len(found), "right": right, "decoys_blamed": decoys,
                             "wrong": [name for name, o in found if o.rank != 1]}  # fmt: skip
            same = sum(o.rank == 1 for _, o in other)
            report[batch] |= {"right_renamed": same, "wrong_renamed": [name for name, o in other if o.rank != 1]}  # type: ignore[operator]
            print(f"{batch}: {right} of {len(found)} right, {decoys} decoys blamed; with names replaced {same} right")
            for case, o in found:
                if chosen.verbose and o.rank != 1:
                    print(f"  {o.rank:3d} {'DECOY' if o.decoy else '     '} {case}: {o.detail}")
            for case, o in other:
                if chosen.verbose and o.rank != 1:
                    print(f"  renamed: {o.rank:3d} {'DECOY' if o.decoy else '     '} {case}: {o.detail}")
    if chosen.write:
        chosen.write.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
