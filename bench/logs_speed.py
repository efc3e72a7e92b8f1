"""How fast and in how much memory logs are mined, beside drain3, ripgrep and wc on the same file in the same run.

    python bench/logs_speed.py --data ../shared/data [--megabytes 505] [--hostile 300] [--growth] [--runs 2]

Every figure is a process of its own, started cold, its peak resident memory as the kernel of the machine accounts it;
the best of `--runs`. Ours is `afteraction logs excerpts FILE`: from the raw file to ranked, cited excerpts. drain3 is
given a part of the file only (`--drain-megabytes`), because it would take minutes; its rate is what is compared.
`--growth` adds 10 MB, 100 MB, 1 GB and 5 GB of the same log.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import peers
from logs_generate import chunks, hostile_chunks, write

WORDS = "error|fail|exception|fatal|panic|refused|timeout"
DRAIN = (
    "import sys\n"
    "from drain3 import TemplateMiner\n"
    "from drain3.masking import MaskingInstruction as M\n"
    "from drain3.template_miner_config import TemplateMinerConfig\n"
    "c = TemplateMinerConfig()\n"
    "if len(sys.argv) > 2: c.masking_instructions = [M(p, n) for n, p in eval(sys.argv[2])]\n"
    "m = TemplateMiner(config=c)\n"
    "for line in open(sys.argv[1], encoding='utf-8', errors='replace'): m.add_log_message(line.rstrip())\n"
)

LAUNCH = (
    "import os, sys, time\n"
    "start = time.perf_counter()\n"
    "pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)\n"
    "_, status, usage = os.wait4(pid, 0)\n"
    "print(os.waitstatus_to_exitcode(status), time.perf_counter() - start, usage.ru_maxrss,\n"
    "      usage.ru_utime + usage.ru_stime, file=sys.stderr)\n"
)
"""A small process starts what is measured: a child's peak begins at the size of its parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measured process: seconds by the clock and of the processor, peak megabytes, and the size of what it read."""

    seconds: float
    cpu: float
    peak: float
    megabytes: float
    lines: int

    @property
    def rate(self) -> float:
        """Megabytes per second."""
        return self.megabytes / self.seconds

    def row(self) -> dict[str, float]:
        """Return the figures as they are printed."""
        return {
            "seconds": round(self.seconds, 3),
            "CPU seconds": round(self.cpu, 3),
            "MB/s": round(self.rate, 1),
            "thousand lines/s": round(self.lines / self.seconds / 1000, 1),
            "peak MB": round(self.peak, 1),
        }


def timed(command: list[str], path: Path, lines: int, runs: int, env: dict[str, str] | None = None) -> Run:
    """Run a command and return its best run; its output goes to a file, since grep stops early for /dev/null."""
    best: Run | None = None
    for _ in range(runs):
        with tempfile.TemporaryFile() as out:
            launched = subprocess.run(
                [sys.executable, "-S", "-E", "-c", LAUNCH, *command],
                stdout=out, stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, check=True, text=True,
            )  # fmt: skip
        code, seconds, peak, cpu = map(float, launched.stderr.split()[-4:])
        if code not in {0, 1}:
            sys.exit(f"{command} ended with {code}")
        run = Run(seconds=seconds, cpu=cpu, peak=peak / 1024, megabytes=path.stat().st_size / 1e6, lines=lines)
        best = run if best is None or run.seconds < best.seconds else best
    assert best is not None
    return best


def slice_of(path: Path, megabytes: float, to: Path) -> int:
    """Write the first megabytes, whole lines, to a file; returns their number."""
    with path.open("rb") as stream:
        data = stream.read(int(megabytes * 1e6))
    data = data[: data.rfind(b"\n") + 1]
    to.write_bytes(data)
    return data.count(b"\n")


def measure(path: Path, lines: int, folder: Path, arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Measure ours, the fallback and the peers on one file."""
    ours = [sys.executable, "-m", "afteraction", "logs", "excerpts", str(path)]
    runs = arguments.runs
    out = {"afteraction": timed(ours, path, lines, runs)}
    out["afteraction, no kernel"] = timed(ours, path, lines, 1, {"AFTERACTION_KERNEL": "off"})
    if rg := shutil.which("rg"):
        out["rg -ci 7 words"] = timed([rg, "-ci", WORDS, str(path)], path, lines, runs)
    out["wc -l"] = timed(["wc", "-l", str(path)], path, lines, runs)
    part = folder / "part.log"
    part_lines = slice_of(path, arguments.drain_megabytes, part)
    out["drain3"] = timed([str(peers.PYTHON), "-c", DRAIN, str(part)], part, part_lines, 1)
    out["drain3 masked"] = timed([str(peers.PYTHON), "-c", DRAIN, str(part), repr(peers.MASKS)], part, part_lines, 1)
    table = {name: run.row() for name, run in out.items()}
    for name in ("afteraction", "afteraction, no kernel"):
        for peer in ("drain3", "drain3 masked", "rg -ci 7 words"):
            if peer in out:
                table[name][f"times {peer}"] = round(out[name].rate / out[peer].rate, 2)
    return table


def growth(folder: Path, data: Path) -> list[dict[str, float]]:
    """Measure ours on 10 MB to 5 GB of one log."""
    rows = []
    for megabytes in (10, 100, 1000, 5000):
        path = folder / "growing.log"
        lines = write(path, chunks(data, 7, ("Hadoop",)), megabytes)
        run = timed([sys.executable, "-m", "afteraction", "logs", "excerpts", str(path)], path, lines, 3)
        rows.append({"megabytes": round(run.megabytes), "lines": lines, **run.row()})
        print(rows[-1], flush=True)
        path.unlink()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--megabytes", type=float, default=505)
    parser.add_argument("--hostile", type=float, default=300)
    parser.add_argument("--drain-megabytes", type=float, default=30)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--growth-only", action="store_true")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if not arguments.growth_only:
        peers.install()
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, size in (("friendly", arguments.megabytes), ("hostile", arguments.hostile)):
            if arguments.growth_only:
                break
            path = folder / f"{kind}.log"
            lines = write(path, chunks(arguments.data, 7) if kind == "friendly" else hostile_chunks(7), size)
            table = measure(path, lines, folder, arguments)
            result[kind] = {"megabytes": round(path.stat().st_size / 1e6), "lines": lines, "runs": table}
            print(kind, json.dumps(table, indent=1), flush=True)
            path.unlink()
        if arguments.growth or arguments.growth_only:
            result["growth"] = growth(folder, arguments.data)
    if arguments.out:
        if arguments.out.exists():  # a run without --growth keeps the growth that was measured before
            result = json.loads(arguments.out.read_text(encoding="utf-8")) | result
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
