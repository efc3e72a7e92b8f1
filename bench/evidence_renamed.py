"""The labelled cases once more with every service's name replaced by a meaningless token, beside the cases as they are.

Names are taken from what was read (series, spans, logs, edges, events, labels) and replaced in the contents and names of
all files, in any case of letters, longest first; each becomes eight random letters. Nothing in the engine may hang on a
name, so the figures should be the same.

    python bench/evidence_renamed.py [--data ../shared/data]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from evidence_cases import (
    NOTHING,
    Case,
    boutique,
    frozen,
    judge_change,
    judge_service,
    material_of,
    measure,
    petshop,
    train_ticket,
)  # fmt: skip

from afteraction.evidence.investigate import Parts
from afteraction.formats.pods import service_of_pod

RESULT = Path(__file__).parent / "results" / "evidence_renamed.json"
SETS: dict[str, tuple[Callable[[Path], Iterator[Case]], Callable[..., object]]] = {
    "frozen-incidents": (frozen, judge_change),
    "train-ticket": (train_ticket, judge_service),
    "online-boutique-metrics": (boutique, judge_service),
    "petshop": (petshop, judge_service),
}


def names_of(cases: list[Case]) -> list[str]:
    """Return every service's name that the material of some cases shows, longest first."""
    found: set[str] = set()
    for case in cases:
        for paths in (case.paths, case.baseline):
            if not paths:
                continue
            seen = material_of(paths)
            found |= {s.service for s in seen.series} | {n for spans in seen.spans for n in spans.services}
            found |= {n for e in seen.edges for n in (e.caller, e.callee)} | {log.service for log in seen.logs}
            found |= {e.service for e in seen.events}
        found |= {case.truth} if judged_by_name(case) else set()
    found |= {service_of_pod(name) for name in found}
    return sorted((n for n in found if len(n) >= 3 and not n.isdigit()), key=lambda n: (-len(n), n))


def judged_by_name(case: Case) -> bool:
    """Whether the truth of a case is a service, not a commit or nothing."""
    return case.truth != NOTHING and not re.fullmatch(r"[0-9a-f]{7,40}", case.truth)


def tokens_for(names: list[str]) -> dict[str, str]:
    """Give each name eight random letters, the same in every run."""
    draw = random.Random(11)
    return {name.casefold(): "".join(draw.choices("bcdfghjklmnpqrstvwxz", k=8)) for name in names}


def renamed(source: Path, target: Path, tokens: dict[str, str]) -> None:
    """Copy a folder with all names replaced; labels keep the old names."""
    form = re.compile("(?<![A-Za-z0-9])(?:" + "|".join(map(re.escape, tokens)) + ")(?![A-Za-z0-9])", re.IGNORECASE)
    # Words of a path or a camel-case name hold a service's name without a border; such names are long enough to be told.
    inside = [name for name in tokens if len(name) >= 8 and name.isalnum()]
    glued = re.compile("|".join(map(re.escape, inside)), re.IGNORECASE) if inside else None

    def replaced(text: str) -> str:
        text = form.sub(lambda found: tokens[found[0].casefold()], text)
        return glued.sub(lambda found: tokens[found[0].casefold()], text) if glued else text

    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        labels = path.name.endswith(("truth.json", "faults.json", "target.json"))
        relative = path.relative_to(source)
        there = target / relative.parent / (path.name if labels else replaced(path.name))  # folders are named by case
        there.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        there.write_bytes(
            data if labels else replaced(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        )


def main() -> None:
    """Measure both, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    report: dict[str, object] = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": "python bench/evidence_renamed.py",
    }
    for name, (cases_of, judge) in SETS.items():
        plain = list(cases_of(data))
        tokens = tokens_for(names_of(plain))
        with tempfile.TemporaryDirectory() as folder:
            renamed(data / name, Path(folder) / name, tokens)
            other = [_with_truth(case, tokens) for case in cases_of(Path(folder))]
            ranks: dict[str, list[int]] = {}
            found: dict[str, object] = {}
            for label, cases in (("as they are", plain), ("renamed", other)):
                result, outcomes = measure(name, cases, judge, parts=Parts(), verbose=False, quiet=True)  # type: ignore[arg-type]
                ranks[label] = [outcome.rank for outcome in outcomes]
                found[label] = {
                    "cases": len(outcomes), "first": ranks[label].count(1), "first three": sum(r <= 3 for r in ranks[label]),
                    "decoys": result["decoys_blamed"],
                }  # fmt: skip
            pairs = zip(plain, *ranks.values(), strict=True)
            found["cases whose rank changed"] = [case.name for case, before, after in pairs if before != after]
        report[name] = {"names replaced": len(tokens), **found}
        print(name, json.dumps(report[name]))
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _with_truth(case: Case, tokens: dict[str, str]) -> Case:
    truth = tokens.get(case.truth.casefold(), case.truth)
    return Case(
        name=case.name, paths=tuple(_renamed_path(p, tokens) for p in case.paths), truth=truth,
        baseline=case.baseline, window=case.window, decoys=case.decoys, onset=case.onset,
    )  # fmt: skip


def _renamed_path(path: Path, tokens: dict[str, str]) -> Path:
    """Find the path under its new name; the folders of a case have no service in their names."""
    return path if path.exists() else path.with_name(tokens.get(path.name.casefold(), path.name))


if __name__ == "__main__":
    main()
