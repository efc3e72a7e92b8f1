"""Whether a suspect's score is the chance that it is right, and whether one monotone curve would make it truer.

Every suspect among the first ten of every labelled case counts: its score, and whether it is the true cause; in normal
windows every suspect is wrong. A curve of two parameters on the log-odds (Platt 1999) is fitted without the case that it
is then judged on, and again without the whole data set; beside it the raw score and the constant base rate. What counts
is the loss out of sample: a curve that does not lower it there is not put into the engine.

    python bench/evidence_calibration.py [--data ../shared/data]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from evidence_cases import NOTHING, Case, answer, boutique, frozen, petshop, petshop_normal, train_ticket
from numpy.typing import NDArray

from afteraction.evidence.investigate import Parts
from afteraction.model.finding import Investigation, SuspectKind

RESULT = Path(__file__).parent / "results" / "evidence_calibration.json"
BINS = ((0.0, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.95), (0.95, 1.01))
RIDGE = 1.0
"""The weight of one observation that says: leave the score as it is."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """One suspect of one case."""

    data_set: str
    case: str
    rank: int
    score: float
    right: bool


def judged(data_set: str, cases: Iterable[Case]) -> list[Judged]:
    """Judge the first ten suspects of every case."""
    found = []
    for case in cases:
        result, _ = answer(case, Parts())
        for suspect in result.suspects[:10]:
            if data_set == "frozen-incidents" and suspect.kind is SuspectKind.SERVICE:
                continue  # The labels name a commit; a service beside it is neither right nor wrong.
            found.append(Judged(data_set, case.name, suspect.rank, suspect.score, _right(case, result, suspect.rank)))
    return found


def _right(case: Case, found: Investigation, rank: int) -> bool:
    suspect = found.suspects[rank - 1]
    if case.truth == NOTHING:
        return suspect.kind is SuspectKind.EXTERNAL and rank == 1
    return case.truth in {suspect.ref, suspect.service}


def _log_odds(scores: Floats) -> Floats:
    held = np.clip(scores, 0.005, 0.995)
    return np.asarray(np.log(held / (1 - held)))


def _curve(parameters: Floats, scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(parameters[0] + parameters[1] * _log_odds(scores)))))


def fitted(scores: Floats, right: Floats) -> Floats:
    """Fit offset and slope by Newton's method, drawn a little towards 0 and 1."""
    x = np.column_stack([np.ones_like(scores), _log_odds(scores)])
    prior = np.array([0.0, 1.0])
    parameters = prior.copy()
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ parameters)))
        slope = x.T @ (p - right) + RIDGE * (parameters - prior)
        bend = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        parameters = parameters - step
        if np.abs(step).max() < 1e-9:
            break
    return parameters


def losses(p: Floats, right: Floats) -> dict[str, float]:
    """Return the Brier score and the log loss."""
    held = np.clip(p, 0.005, 0.995)
    log_loss = -np.mean(right * np.log(held) + (1 - right) * np.log(1 - held))
    return {"brier": round(float(np.mean((p - right) ** 2)), 4), "log loss": round(float(log_loss), 4)}


def without(groups: list[str], scores: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Judge every suspect by the curve, and by the base rate, of all groups but its own."""
    out, base = np.empty_like(scores), np.empty_like(scores)
    for group in dict.fromkeys(groups):
        own = np.array([g == group for g in groups])
        out[own] = _curve(fitted(scores[~own], right[~own]), scores[own])
        base[own] = right[~own].mean()
    return out, base


def table(p: Floats, right: Floats) -> list[dict[str, float]]:
    """Return how often suspects are right, by score."""
    rows = []
    for low, high in BINS:
        some = (p >= low) & (p < high)
        if some.any():
            rows.append({"from": low, "to": min(high, 1.0), "n": int(some.sum()), "mean score": round(float(p[some].mean()), 3),
                         "right": round(float(right[some].mean()), 3)})  # fmt: skip
    return rows


def summary(found: list[Judged]) -> dict[str, object]:
    """Judge the scores of some suspects, as they are and through curves that did not see them."""
    scores = np.array([j.score for j in found])
    right = np.array([float(j.right) for j in found])
    by_case, base = without([f"{j.data_set} {j.case}" for j in found], scores, right)
    by_set, _ = without([j.data_set for j in found], scores, right)
    everything = fitted(scores, right)
    return {
        "suspects": len(found),
        "cases": len({(j.data_set, j.case) for j in found}),
        "raw score": losses(scores, right) | {"table": table(scores, right)},
        "curve, left out by case": losses(by_case, right) | {"table": table(by_case, right)},
        "curve, left out by data set": losses(by_set, right),
        "base rate": losses(base, right),
        "curve of all": {"offset": round(float(everything[0]), 3), "slope": round(float(everything[1]), 3)},
    }


def main() -> None:
    """Judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as name:
        sets = {
            "frozen-incidents": frozen(data), "train-ticket": train_ticket(data), "online-boutique-metrics": boutique(data),
            "petshop": petshop(data), "petshop-normal": petshop_normal(data, Path(name)),
        }  # fmt: skip
        found = [one for data_set, cases in sets.items() for one in judged(data_set, cases)]
    report = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": "python bench/evidence_calibration.py",
        "note": "development data; the curves are judged on what they were not fitted with",
        "all suspects": summary(found),
        "first suspects": summary([j for j in found if j.rank == 1]),
    }
    text = json.dumps(report, indent=1)
    print(text)
    RESULT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
