"""Do the excerpts hold the lines that explain a failing CI run? F1 of the chosen lines, with and without a passing log.

    python bench/failure_logs.py --data ../shared/data [--half develop|report|all]

Truth are the lines marked E (error) by people. F1 is taken per run and averaged; `recall@20` is the share of the error
lines among the 20 best lines. Runs are split by checksum of their name: one half was developed on, the other is for
reporting. Beside ours: lines unseen in the passing log, lines with an error word, both together, the last 30 lines.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import zlib
from collections import defaultdict
from functools import partial
from pathlib import Path

from afteraction.evidence.logs import excerpts
from afteraction.evidence.logs.masking import mask_line
from afteraction.model.log import LogFile, LogShape

HALVES = {"develop": (0,), "report": (1,), "all": (0, 1)}
KEYWORD = re.compile(rb"(?i)error|fail|exception|fatal|panic")


def truth(run: Path) -> set[int]:
    out: set[int] = set()
    for line in (run / "groundtruth").read_text(encoding="utf-8").splitlines()[1:]:
        kind, span = line.split()
        first, _, last = span.partition("-")
        if kind == "E":
            out |= set(range(int(first), int(last or first) + 1))
    return out


def log(path: Path) -> LogFile:
    return LogFile(name=path.name, open=partial(path.open, "rb"), shape=LogShape.PLAIN, year_hint=2022)  # type: ignore[arg-type]


def ours(run: Path, *, passing: bool, lines: int) -> set[int]:
    baseline = [log(run / "pass.log")] if passing else []
    found = excerpts([log(run / "fail.log")], baseline, lines=lines)
    return {line for one in found for line in range(one.line_start, one.line_end + 1)}


def simple(run: Path) -> dict[str, set[int]]:
    """Return what the simple rules choose."""
    body = [line.split(b"Z ", 1)[-1] for line in (run / "fail.log").read_bytes().splitlines()]
    known = {mask_line(line.split(b"Z ", 1)[-1]) for line in (run / "pass.log").read_bytes().splitlines()}
    unseen = {number for number, line in enumerate(body, 1) if mask_line(line) not in known}
    words = {number for number, line in enumerate(body, 1) if KEYWORD.search(line)}
    last = set(range(max(1, len(body) - 29), len(body) + 1))
    return {"unseen": unseen, "error words": words, "unseen and error words": unseen & words, "last 30": last}


def f1(chosen: set[int], wanted: set[int]) -> float:
    return 2 * len(chosen & wanted) / (len(chosen) + len(wanted)) if chosen or wanted else 1.0


def interval(values: list[float]) -> list[float]:
    """Return the 95 % bootstrap interval of the mean over runs."""
    rnd = random.Random(1)
    means = sorted(sum(rnd.choices(values, k=len(values))) / len(values) for _ in range(2000))
    return [round(means[50], 3), round(means[1949], 3)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=tuple(HALVES), default="report")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    runs = sorted((arguments.data / "failure-logs").glob("*/run*"))
    runs = [run for run in runs if zlib.crc32(run.name.encode()) % 2 in HALVES[arguments.half]]
    figures: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        wanted = truth(run)
        for passing, name in ((True, "with passing log"), (False, "without")):
            figures[f"ours {name}: F1"].append(f1(ours(run, passing=passing, lines=40), wanted))
            best = ours(run, passing=passing, lines=20)
            figures[f"ours {name}: recall@20"].append(len(best & wanted) / len(wanted))
        for name, chosen in simple(run).items():
            figures[f"{name}: F1"].append(f1(chosen, wanted))
    result = {
        name: {"mean": round(sum(values) / len(values), 3), "interval": interval(values)}
        for name, values in figures.items()
    }
    out = {"half": arguments.half, "runs": len(runs), "figures": result}
    print(json.dumps(out, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
