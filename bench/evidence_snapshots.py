"""Small states of clusters as people paste them: the faulty object and its cause class first, nothing where nothing is wrong.

Read as `afteraction evidence FILE` reads them. Written before the engine had run on any of them; what it scored then
stands in `FIRST_RUN`, and is the honest figure.

    python bench/evidence_snapshots.py [--verbose] [--write FILE]
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

from evidence_cases import material_of
from snapshots import CASES

from afteraction.evidence.investigate import investigate
from afteraction.model.finding import Investigation

FIRST_RUN = {"faulty": 27, "object_first": 21, "object_and_cause_first": 18, "healthy": 3, "healthy_and_silent": 3}
"""What the engine scored before anything was mended for these (2026-11-29)."""


def answer(text: str, folder: Path, name: str) -> Investigation:
    file = folder / f"{name}.txt"
    file.write_text(text)
    return investigate(material_of((file,)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--write", type=Path, default=None)
    chosen = parser.parse_args()
    right_object: list[str] = []
    right_cause: list[str] = []
    quiet: list[str] = []
    faulty = [name for name, (_, ref, _) in CASES.items() if ref]
    with tempfile.TemporaryDirectory() as here:
        for name, (text, ref, causes) in CASES.items():
            found = answer(text, Path(here), name)
            top = found.suspects[0] if found.suspects else None
            if not ref:
                quiet += [name] if top is None else []
            elif top is not None and top.ref == ref:
                right_object.append(name)
                right_cause += [name] if top.cause_class in causes.split() else []
            wrong = (top is not None) if not ref else name not in right_cause
            if chosen.verbose and wrong:
                said = [(s.ref, s.cause_class, round(s.score, 2)) for s in found.suspects[:3]]
                print(f"  {name}: {ref} {causes} but {said or 'nothing'}")
    report = {
        "date": datetime.now(UTC).date().isoformat(), "first_run": FIRST_RUN, "faulty": len(faulty), "object_first": len(right_object),
        "object_and_cause_first": len(right_cause), "healthy": len(CASES) - len(faulty), "healthy_and_silent": len(quiet),
    }  # fmt: skip
    print(report)
    if chosen.write:
        chosen.write.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
