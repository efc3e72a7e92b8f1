"""Coverage-guided fuzzing of all that reads what strangers wrote: sources, archives, Markdown, import, commands and secrets.

The targets are those of `tests/fuzz/targets.py`; the fuzzer is atheris (libFuzzer for Python), which is an extra of its own
(`pip install afteraction[fuzz]`) because it has wheels for Linux and CPython 3.11 to 3.13 only. Each target runs in a
process of its own. An exception, an input that takes longer than two seconds, and one that makes the process grow by more
than 300 MB are findings: each is written once per place in the code, with its traceback, and the run goes on. A finding that
was mended belongs, made small, into `tests/fuzz/cases/`. Figures add up in `bench/results/fuzz.json` over runs with `--keep`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "fuzz.json"
SHARES = {"sources": 4, "drafts": 2, "archives": 1, "markdown": 1, "rescue": 1, "commands": 1}
"""How the minutes are divided: by how much code each target reaches."""
ROUND = 240
"""Seconds that a process runs at most, so that long runs pick up what was mended meanwhile."""
LONGEST = {
    "sources": 12_000,
    "drafts": 6_000,
    "archives": 20_000,
    "markdown": 3_000,
    "rescue": 6_000,
    "commands": 6_000,
}
"""Bytes of an input at most: longer ones only repeat, and cost executions."""
SLOW = 2.0
GROWTH_MB = 300


def place_of(error: BaseException) -> str:
    """Return the kind of an error and the place in the program that raised it."""
    frames = traceback.extract_tb(error.__traceback__ or _none())
    own = [frame for frame in frames if "afteraction" in frame.filename or "targets.py" in frame.filename]
    last = own[-1] if own else None
    return f"{type(error).__name__} {Path(last.filename).name}:{last.name}" if last else type(error).__name__


def _none() -> TracebackType:
    raise ValueError("an error that was never raised")


class Findings:
    """Inputs that showed a bug, one file for each place."""

    def __init__(self, folder: Path, target: str) -> None:
        self.folder = folder
        self.target = target
        self.most = self.peak()

    @staticmethod
    def peak() -> float:
        """Return the most memory that this process ever had, in MB."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def keep(self, place: str, data: bytes, told: str) -> None:
        """Write down an input, unless a shorter one with the same fault is kept."""
        name = f"{self.target}-{hashlib.sha256(place.encode()).hexdigest()[:10]}"
        path = self.folder / f"{name}.bin"
        if not path.exists() or path.stat().st_size > len(data):
            path.write_bytes(data)
            (self.folder / f"{name}.txt").write_text(f"{place}\n{told}", encoding="utf-8")

    def watch(self, data: bytes, seconds: float) -> None:
        """Write down an input that was slow or took much memory."""
        peak = self.peak()
        if peak > self.most + GROWTH_MB:
            self.keep(f"grew to {peak // 100 * 100:.0f} MB", data, f"{len(data)} bytes")
        self.most = max(peak, self.most)
        if seconds > SLOW:
            self.keep(f"slow {seconds // 5 * 5:.0f} s", data, f"{seconds:.1f} s for {len(data)} bytes")


def child(target: str, seconds: int, work: Path) -> None:
    """Fuzz one target in this process until its time is over; libFuzzer ends the process."""
    import atheris  # noqa: PLC0415  (an optional extra)

    with atheris.instrument_imports(include=["afteraction", "zipfile", "tarfile"]):
        sys.path.insert(0, str(ROOT / "tests" / "fuzz"))
        chosen = importlib.import_module("targets").TARGETS[target]

    corpus = work / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        for number, seed in enumerate(chosen.seeds()):
            (corpus / f"seed{number}").write_bytes(seed[-LONGEST[target] :])
    findings = Findings(work / "findings", target)

    def run(data: bytes) -> None:
        begun = time.process_time()
        try:
            chosen.run(data)
        except Exception as error:  # noqa: BLE001  a fuzzer wants every exception there is, and goes on
            findings.keep(place_of(error), data, traceback.format_exc())
        findings.watch(data, time.process_time() - begun)

    options = [
        f"-max_total_time={seconds}", f"-max_len={LONGEST[target]}", "-timeout=60", "-rss_limit_mb=3000", "-print_final_stats=1",
        "-len_control=0", f"-artifact_prefix={work / 'findings' / target}-", str(corpus),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], run)
    atheris.Fuzz()


def one_round(target: str, seconds: int, work: Path) -> dict[str, float]:
    """Run one target for some seconds and return what libFuzzer counted."""
    begun = time.monotonic()
    command = [sys.executable, __file__, "--child", target, "--seconds", str(seconds), "--work", str(work)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds * 3 + 600)
    minutes = (time.monotonic() - begun) / 60
    counted = re.findall(r"stat::number_of_executed_units:\s*(\d+)", run.stderr)
    reached = re.findall(r"^#(\d+).*?cov: (\d+) ft: (\d+)", run.stderr, re.MULTILINE)
    last = reached[-1] if reached else ("0", "0", "0")
    executions = int(counted[-1]) if counted else int(last[0])
    if run.returncode:
        (work / "findings" / f"{target}-process.txt").write_text(run.stderr[-20_000:], encoding="utf-8")
    print(
        f"{target}: {executions:,} executions, {minutes:.1f} minutes, {last[1]} branches, exit {run.returncode}",
        flush=True,
    )
    return {"executions": executions, "minutes": minutes, "branches": int(last[1])}


def add_up(target: str, one: dict[str, float]) -> None:
    """Add a round to the kept figures."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"targets": {}}
    figures = kept["targets"].setdefault(target, {"executions": 0, "minutes": 0.0, "branches": 0})
    figures["executions"] += one["executions"]
    figures["minutes"] = round(figures["minutes"] + one["minutes"], 1)
    figures["branches"] = max(figures["branches"], one["branches"])
    folder = ROOT / "tests" / "fuzz" / "cases"
    kept["total"] = {
        "executions": sum(each["executions"] for each in kept["targets"].values()),
        "minutes": round(sum(each["minutes"] for each in kept["targets"].values()), 1),
        "findings_mended": len([path for path in folder.glob("*/*") if path.is_file()]),
    }
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(SHARES), help="only these targets")
    parser.add_argument("--minutes", type=float, default=10.0, help="minutes of all targets together")
    parser.add_argument("--work", type=Path, help="folder of corpus and findings, kept between runs")
    parser.add_argument("--keep", action="store_true", help="add the figures to bench/results/fuzz.json")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    work = (arguments.work or Path(tempfile.mkdtemp(prefix="fuzz-"))).resolve()
    (work / "findings").mkdir(parents=True, exist_ok=True)
    if arguments.child:
        child(arguments.child, arguments.seconds, work)
        return
    whole = arguments.minutes * 60
    shares = sum(SHARES[name] for name in arguments.targets)
    rounds = max(1, round(whole / ROUND / len(arguments.targets)))
    for _ in range(rounds):
        for name in arguments.targets:
            one = one_round(name, max(5, round(whole * SHARES[name] / shares / rounds)), work)
            if arguments.keep:
                add_up(name, one)
    found = sorted((work / "findings").glob("*.txt"))
    print(f"{len(found)} findings in {work / 'findings'}")
    for path in found:
        print(f"  {path.name}: {path.read_text(encoding='utf-8').partition(chr(10))[0]}")


if __name__ == "__main__":
    main()
