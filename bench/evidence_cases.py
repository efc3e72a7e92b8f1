"""How often the evidence engine names the true cause on the labelled development data, read the way a user reads it.

Every case goes folder -> sources -> `investigate`, as `afteraction evidence PATH --baseline PATH --window FROM..TO`
does. Printed beside the published figures of peers, with 95 % bootstrap intervals over cases (the sets are small).
All of these sets were used for development; what was tuned on what stands in the result file.

    python bench/evidence_cases.py [--data ../shared/data] [--only NAME,...] [--ablations] [--verbose]
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from afteraction.assembly import load_settings, new_masker, read_paths
from afteraction.evidence.investigate import Parts, investigate
from afteraction.model.finding import Investigation, SuspectKind, Verdict, Window
from afteraction.model.reading import Material

SETTINGS = load_settings()
NOTHING = "none"
PEERS = {
    "frozen-incidents": "last deploy 1/24 with 22 decoys blamed, keyword script 7/24, always none 7/24",
    "train-ticket": "AS@1/3 %: Nezha 86.7/97.8 (tuned on these), n-sigma 11.1/17.8, BARO 4.4/8.9, traces only 15.6/24.4",
    "online-boutique-metrics": "AS@1/3 %: n-sigma 55.4/78.6 (26.8/60.7 on five minutes before), BARO 46.4/67.9, MicroRCA 16.1/62.5",
    "petshop": "top-1/3: graph traversal .65/.83, ranked correlation .65/.83, CIRCA .33/.73, n-sigma .21/.40, BARO .21/.27",
    "petshop-normal": "best published specificity about .3 on latency",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One labelled case: what to read, the window and baseline if the data names them, and the true answer."""

    name: str
    paths: tuple[Path, ...]
    truth: str
    baseline: tuple[Path, ...] = ()
    window: Window | None = None
    decoys: frozenset[str] = frozenset()
    onset: datetime | None = None


@dataclass(slots=True)
class Outcome:
    """What the engine answered in one case."""

    rank: int
    score: float
    seconds: float
    decoy: bool = False
    cited: bool = False
    detail: str = ""
    extra: dict[str, float] = field(default_factory=dict)


@cache
def material_of(paths: tuple[Path, ...]) -> Material:
    return read_paths(list(paths), settings=SETTINGS, masker=new_masker(), progress=lambda _: None)


def frozen(data: Path) -> Iterator[Case]:
    for truth_file in sorted((data / "frozen-incidents").glob("*.truth.json")):
        truth = json.loads(truth_file.read_text())
        yield Case(
            name=truth["scenario"], paths=(truth_file.parent / truth["scenario"],), truth=truth["root_cause_commit"],
            decoys=frozenset(truth["decoy_deploy_commits"]),
        )  # fmt: skip


def train_ticket(data: Path) -> Iterator[Case]:
    root = data / "train-ticket"
    for fault in json.loads((root / "faults.json").read_text()):
        start = datetime.fromisoformat(fault["inject_time"]).replace(tzinfo=UTC)
        yield Case(
            name=f"{fault['case']} {fault['inject_type']}", paths=(root / fault["case"],),
            baseline=(root / "fault-free" / fault["case"][:10],), truth=service_of(fault["inject_pod"]),
            window=Window(start=start, end=start + timedelta(minutes=3)),
        )  # fmt: skip


def boutique(data: Path, *, minutes: int = 5) -> Iterator[Case]:
    root = data / "online-boutique-metrics"
    paths = tuple(sorted(p for p in root.iterdir() if p.suffix == ".csv"))
    for faults in json.loads((root / "faults.json").read_text()).values():
        for fault in faults:
            start = datetime.fromisoformat(fault["inject_time"]).replace(tzinfo=UTC)
            yield Case(
                name=f"{fault['inject_time']} {fault['inject_type']}", paths=paths, truth=service_of(fault["inject_pod"]),
                window=Window(start=start, end=start + timedelta(minutes=minutes)),
            )  # fmt: skip


def petshop(data: Path) -> Iterator[Case]:
    for traffic in sorted(p for p in (data / "petshop").iterdir() if p.is_dir()):
        for issue in sorted((traffic / "train").iterdir()):
            target = json.loads((issue / "target.json").read_text())
            yield Case(
                name=f"{traffic.name} {issue.name} {target['target']['metric']}", truth=target["root_cause"]["node"],
                paths=(issue / "metrics.csv", traffic / "graph.csv"), baseline=(traffic / "noissue" / "metrics.csv",),
            )  # fmt: skip


def petshop_normal(data: Path, folder: Path, *, every: int = 11, length: int = 5) -> Iterator[Case]:
    """Normal windows: five samples cut out of the normal stretch, compared with the rest of it."""
    for traffic in sorted(p for p in (data / "petshop").iterdir() if p.is_dir()):
        rows = list(csv.reader((traffic / "noissue" / "metrics.csv").open()))
        head, body = rows[:4], rows[4:]
        for first in range(length, len(body) - length, every):
            here = folder / f"{traffic.name}-{first}"
            here.mkdir()
            inside, rest = body[first : first + length], body[:first] + body[first + length :]
            for name, lines in (("metrics.csv", inside), ("rest.csv", rest)):
                with (here / name).open("w", newline="") as out:
                    csv.writer(out).writerows([*head, *lines])
            yield Case(
                name=f"{traffic.name} normal {first}", paths=(here / "metrics.csv", traffic / "graph.csv"), truth="",
                baseline=(here / "rest.csv",),
            )  # fmt: skip


def service_of(pod: str) -> str:
    return re.sub(r"-[a-z0-9]{6,10}-[a-z0-9]{5}$", "", pod)


def answer(case: Case, parts: Parts) -> tuple[Investigation, float]:
    material = material_of(case.paths)
    baseline = material_of(case.baseline) if case.baseline else None
    began = time.perf_counter()
    found = investigate(material, window=case.window, baseline=baseline, parts=parts)
    return found, time.perf_counter() - began


def judge_change(case: Case, found: Investigation, seconds: float) -> Outcome:
    top = found.suspects[0] if found.suspects else None
    named = (
        NOTHING if found.verdict is Verdict.NO_CODE_CAUSE else top.ref if top and top.kind is SuspectKind.CHANGE else ""
    )
    changes = [s.ref for s in found.suspects if s.kind is SuspectKind.CHANGE]
    rank = 1 if named == case.truth else changes.index(case.truth) + 2 if case.truth in changes else 99
    return Outcome(
        rank=rank, score=top.score if top else 0.0, seconds=seconds, decoy=named in case.decoys,
        detail=f"{found.verdict.value} {named[:12]} ({found.reason[:90]})",
    )  # fmt: skip


def judge_service(case: Case, found: Investigation, seconds: float) -> Outcome:
    right = next((s for s in found.suspects if s.service == case.truth), None)
    rank = 99
    if right is not None:
        rank = max(s.rank for s in found.suspects if s.score == right.score)
    cited = {f.id for f in found.findings if any(c.line for c in f.citations)}
    return Outcome(
        rank=rank, score=found.suspects[0].score if found.suspects else 0.0, seconds=seconds,
        cited=bool(right and set(right.evidence) & cited),
        detail=f"{found.verdict.value} " + ", ".join(f"{s.service}={s.score}" for s in found.suspects[:4]),
    )  # fmt: skip


def judge_quiet(case: Case, found: Investigation, seconds: float) -> Outcome:  # noqa: ARG001  # the judges share a shape
    quiet = found.verdict is Verdict.INCONCLUSIVE and not found.suspects
    top = found.suspects[0] if found.suspects else None
    return Outcome(
        rank=1 if quiet else 99, score=top.score if top else 0.0, seconds=seconds, detail=f"{top.service}: {top.why[:80]}" if top else "",
    )  # fmt: skip


def interval(hits: list[bool], rounds: int = 2000) -> tuple[float, float]:
    draw = random.Random(7)  # a bootstrap
    shares = sorted(sum(draw.choices(hits, k=len(hits))) / len(hits) for _ in range(rounds))
    return shares[int(0.025 * rounds)], shares[int(0.975 * rounds)]


def measure(name: str, cases: Iterable[Case], judge: Callable[[Case, Investigation, float], Outcome], *, parts: Parts,
            verbose: bool, quiet: bool = False) -> tuple[dict[str, object], list[Outcome]]:  # fmt: skip
    outcomes = []
    for case in cases:
        outcome = judge(case, *answer(case, parts))
        outcomes.append(outcome)
        if verbose and outcome.rank != 1:
            print(f"  {outcome.rank:3d} {case.name} [{case.truth[:24]}] {outcome.detail}")
    n = len(outcomes)
    result: dict[str, object] = {"cases": n, "seconds_median": round(sorted(o.seconds for o in outcomes)[n // 2], 3)}
    for k in (1, 3, 5):
        hits = [o.rank <= k for o in outcomes]
        low, high = interval(hits)
        result[f"top{k}"] = {
            "share": round(sum(hits) / n, 3),
            "hits": sum(hits),
            "ci95": [round(low, 3), round(high, 3)],
        }
    result["decoys_blamed"] = sum(o.decoy for o in outcomes)
    result["right_with_cited_line"] = sum(o.rank == 1 and o.cited for o in outcomes)
    if not quiet:
        tops = "  ".join(f"@{k} {result[f'top{k}']['share']:.3f} {result[f'top{k}']['ci95']}" for k in (1, 3))  # type: ignore[index]
        print(f"{name:26s} n={n:3d} {tops}  median {result['seconds_median']} s   peers: {PEERS.get(name, '-')}")
    return result, outcomes


def calibration(outcomes: list[Outcome]) -> list[dict[str, float]]:
    """How often the first suspect is right, by its score."""
    out = []
    for low, high in ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):
        some = [o for o in outcomes if low <= o.score < high and o.score > 0]
        if some:
            out.append({
                "from": low, "to": min(high, 1.0), "n": len(some), "mean_score": round(sum(o.score for o in some) / len(some), 3),
                "right": round(sum(o.rank == 1 for o in some) / len(some), 3),
            })  # fmt: skip
    return out


def sets(data: Path, folder: Path) -> dict[str, tuple[Callable[[], Iterator[Case]], Callable[..., Outcome]]]:
    return {
        "frozen-incidents": (lambda: frozen(data), judge_change),
        "train-ticket": (lambda: train_ticket(data), judge_service),
        "online-boutique-metrics": (lambda: boutique(data), judge_service),
        "petshop": (lambda: petshop(data), judge_service),
        "petshop-normal": (lambda: petshop_normal(data, folder), judge_quiet),
    }


def cloudwatch(data: Path) -> dict[str, int]:
    """Episodes of single series, with no hint when: labelled windows found, episodes outside of any, and the first."""
    windows = json.loads((data / "cloudwatch" / "windows.json").read_text())
    hit = labelled = false = first_right = with_any = 0
    for name, labels in windows.items():
        found = investigate(material_of((data / "cloudwatch" / name,)))
        stretches = [tuple(datetime.fromisoformat(t).replace(tzinfo=UTC) for t in pair) for pair in labels]
        times = [f.at for f in found.findings if f.rule == "metric-episode" and f.at]
        hit += sum(any(a <= t <= b for t in times) for a, b in stretches)
        labelled += len(stretches)
        false += sum(not any(a <= t <= b for a, b in stretches) for t in times)
        with_any += bool(times)
        first_right += bool(times) and any(a <= times[0] <= b for a, b in stretches)
    out = {"series": len(windows), "windows": labelled, "windows_hit": hit, "false_alarms": false,
           "series_with_episode": with_any, "strongest_inside_a_window": first_right}  # fmt: skip
    print("cloudwatch", out)
    return out


PARTS = ("metrics", "traces", "logs", "flows", "graph", "changes", "outside")


def ablations(data: Path, folder: Path, names: list[str]) -> dict[str, dict[str, float]]:
    """Share right at first, with each part switched off, and with one kind of signal alone beside graph and changes."""
    rows = {f"without {part}": replace(Parts(), **{part: False}) for part in PARTS}  # type: ignore[arg-type]
    signals = PARTS[:4]
    rows |= {
        f"of signals only {part}": replace(Parts(), **{other: False for other in signals if other != part})  # type: ignore[arg-type]
        for part in signals
    }
    table: dict[str, dict[str, float]] = {}
    all_sets = {k: v for k, v in sets(data, folder).items() if k in names and k != "petshop-normal"}
    for label, parts in rows.items():
        row = {}
        for name, (cases, judge) in all_sets.items():
            result, _ = measure(name, cases(), judge, parts=parts, verbose=False, quiet=True)
            row[name] = result["top1"]["share"]  # type: ignore[index]
        table[label] = row
        print(f"{label:24s} " + "  ".join(f"{name} @1 {share:.3f}" for name, share in row.items()))
    return table


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", default="")
    parser.add_argument("--ablations", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--write", type=Path, default=None)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = sets(chosen.data, folder)
        names = [n for n in (chosen.only.split(",") if chosen.only else found) if n in found]
        report: dict[str, object] = {
            "date": datetime.now(UTC).date().isoformat(),
            "note": "development data",
            "peers": PEERS,
        }
        outcomes: list[Outcome] = []
        for one in names:
            cases, judge = found[one]
            result, some = measure(one, cases(), judge, parts=Parts(), verbose=chosen.verbose)
            report[one] = result
            outcomes += some if one != "petshop-normal" else []
        if not chosen.only or "cloudwatch" in chosen.only:
            report["cloudwatch"] = cloudwatch(chosen.data)
        report["calibration"] = calibration(outcomes)
        for row in report["calibration"]:  # type: ignore[attr-defined]
            print(
                f"score {row['from']:.1f}-{row['to']:.1f}: mean {row['mean_score']:.2f}, right {row['right']:.2f} of {row['n']}"
            )
        if chosen.ablations:
            report["ablations_top1"] = ablations(chosen.data, folder, names)
        if chosen.write:
            chosen.write.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
