"""Whether any rule or value of the ranking of changes and outside causes rests on one case.

On the cases with a labelled commit (or "none"), of which eight lie in the development data:

* each rule switched off: which cases are lost then;
* each value made half and one and a half of what it is: the same;
* all values at once spread at random (log-normal, by a third): how many cases stay right, over many draws;
* all values of one sign made equal, so that only the signs of the rules are left;
* leave one out: the values are chosen anew on all cases but one, from the equal ones, and asked about that one.

    python bench/evidence_leave_one_out.py [--data ../shared/data] [--set frozen-incidents]
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from evidence_cases import Case, answer, frozen, judge_change

from afteraction.evidence.investigate import Parts
from afteraction.evidence.weights import WEIGHTS, Weights

RESULT = Path(__file__).parent / "results" / "evidence_leave_one_out.json"
DRAWS = 100
SPREAD = 0.33
LIMITS = ("even", "margin", "unspecific", "outside_at_least")
"""When it is enough; these are moved, never switched off."""
RULES = tuple(f.name for f in fields(Weights) if f.name not in LIMITS)
FACTORS = (0.0, 0.5, 1.5, 2.0)


def right(cases: list[Case], weights: Weights) -> list[bool]:
    """Whether each case is answered right, no decoy blamed."""
    return [judge_change(case, *answer(case, Parts(weights=weights))).rank == 1 for case in cases]


def lost(cases: list[Case], weights: Weights) -> list[str]:
    """The cases that are answered wrong."""
    return [case.name for case, ok in zip(cases, right(cases, weights), strict=True) if not ok]


def scaled(weights: Weights, name: str, factor: float) -> Weights:
    """Return the weights with one of them multiplied."""
    return replace(weights, **{name: getattr(weights, name) * factor})


def equal() -> Weights:
    """Return weights that keep nothing but the sign; only that a cause comes first, and how lag counts, stay as they are."""
    others = [n for n in RULES if n not in {"came_later", "lag"}]
    return replace(WEIGHTS, **{n: 1.5 if getattr(WEIGHTS, n) > 0 else -1.5 for n in others})


def spread(draw: random.Random) -> Weights:
    """Return all weights multiplied at random."""
    return replace(WEIGHTS, **{n: getattr(WEIGHTS, n) * draw.lognormvariate(0.0, SPREAD) for n in (*RULES, *LIMITS)})


def chosen(cases: list[Case]) -> Weights:
    """Choose the values anew on some cases, one after the other, from the equal ones; a tie keeps what there was."""
    weights = equal()
    best = sum(right(cases, weights))
    for name in RULES:
        for factor in FACTORS:
            if best == len(cases):
                return weights
            tried = scaled(weights, name, factor)
            if (now := sum(right(cases, tried))) > best:
                weights, best = tried, now
    return weights


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", type=Path, default=RESULT)
    options = parser.parse_args()
    cases = list(frozen(options.data))
    n = len(cases)
    off = {name: lost(cases, scaled(WEIGHTS, name, 0.0)) for name in RULES}
    moved = {f"{name} x {factor}": lost(cases, scaled(WEIGHTS, name, factor))
             for name in (*RULES, *LIMITS) for factor in (0.5, 1.5)}  # fmt: skip
    draw = random.Random(7)
    shares = sorted(sum(right(cases, spread(draw))) for _ in range(DRAWS))
    report = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": "python bench/evidence_leave_one_out.py",
        "cases": n,
        "as it is": n - len(lost(cases, WEIGHTS)),
        "rules": len(RULES),
        "rules whose loss costs nothing": sum(not names for names in off.values()),
        "lost without a rule": {name: names for name, names in off.items() if names},
        "lost with a value halved or half more": {name: names for name, names in moved.items() if names},
        "all values spread by a third": {"draws": DRAWS, "mean right": round(mean(shares), 2), "least": shares[0]},
        "only the signs": n - len(lost(cases, equal())),
        "left out and asked": sum(right([case], chosen([c for c in cases if c is not case]))[0] for case in cases),
    }
    print(json.dumps(report, indent=1))
    options.write.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
