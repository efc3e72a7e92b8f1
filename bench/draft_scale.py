"""How long a draft of a large incident takes, and in how much memory.

Makes 100,000 events (alerts, chat, cluster warnings, changes) and a log of 1 GB in a folder, then drafts it in a process of
its own. The peers in the same run are what an engineer would do with the same log: `wc -l` and a case-insensitive `grep`
for seven error words. Figures go to `bench/results/draft_scale.json`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
WORDS = "error|fail|exception|timeout|refused|denied|panic"


def make_events(folder: Path, number: int) -> None:
    """Write alerts (Alertmanager API v2), a chat channel (Slack JSON) and changes (JSON), `number` events in all."""
    chooser = random.Random(7)
    alerts, messages, changes = [], [], []
    for index in range(number):
        at = START + timedelta(seconds=index * 7200 / number)
        kind = index % 10
        if kind < 6:
            alerts.append(_alert(index, at, chooser))
        elif kind < 9:
            text = f"looking at service-{chooser.randrange(40)}, request {chooser.getrandbits(32):08x}"
            messages.append(
                {"type": "message", "user": f"U{index % 12:03d}", "text": text, "ts": f"{at.timestamp():.6f}"}
            )
        else:
            sha = f"{chooser.getrandbits(160):040x}"
            changes.append(
                {
                    "sha": sha,
                    "timestamp": at.isoformat(),
                    "author": "dev",
                    "message": f"change {index}",
                    "files_changed": [],
                }
            )
    (folder / "alerts.json").write_text(json.dumps(alerts))
    (folder / "channel").mkdir()
    (folder / "channel" / "2026-03-04.json").write_text(json.dumps(messages))
    (folder / "commits.json").write_text(json.dumps(changes))


def _alert(index: int, at: datetime, chooser: random.Random) -> dict[str, object]:
    service = f"service-{chooser.randrange(40)}"
    return {
        "labels": {"alertname": f"HighErrors{index % 50}", "service": service, "severity": "critical"},
        "annotations": {"summary": f"{service} answers with errors"},
        "startsAt": at.isoformat(),
        "endsAt": (at + timedelta(minutes=5)).isoformat(),
        "updatedAt": at.isoformat(),
        "fingerprint": f"{index:016x}",
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        "receivers": [{"name": "bench"}],
        "generatorURL": "",
    }


def make_log(path: Path, size: int) -> None:
    """Write a log of about `size` bytes: ordinary lines with fresh numbers, and a new error in the last tenth."""
    chooser = random.Random(11)
    shapes = [
        "INFO worker-{a} handled request id={b:08x} in {c} ms",
        "INFO cache hit key=user:{a} size={c}",
        "WARN slow query took {c} ms on table orders_{a}",
        "DEBUG connection {b:08x} returned to pool",
        "INFO GET /api/items/{a} 200 {c}",
    ]
    written, second = 0, 0
    with path.open("w") as out:
        while written < size:
            at = (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            block = [
                f"{at} {chooser.choice(shapes).format(a=chooser.randrange(64), b=chooser.getrandbits(32), c=chooser.randrange(900))}"
                for _ in range(2000)
            ]
            if written > size * 9 // 10 and second % 20 == 0:
                block.append(f"{at} ERROR pool exhausted after {chooser.randrange(30)} s waiting for a connection")
            written += out.write("\n".join(block) + "\n")
            second += 1


def make_all(folder: Path, log: Path, events: int, megabytes: int) -> None:
    """Write the whole incident."""
    make_events(folder, events)
    make_log(log, megabytes * 1_000_000)


def timed(command: list[str]) -> dict[str, float]:
    """Run a command; return wall seconds, CPU seconds and peak resident memory in MB of that process."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        while process.stdout.read(1 << 20):
            pass
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return {
        "wall_s": round(wall, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1024, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--log-mb", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "app.log"
        # In a process of its own: a child's peak memory counts from what its parent held when it was started.
        maker = multiprocessing.Process(target=make_all, args=(folder, log, options.events, options.log_mb))
        maker.start()
        maker.join()
        figures: dict[str, object] = {"events": options.events, "log_mb": options.log_mb}
        peers = {"wc -l": ["wc", "-l", str(log)], "grep -ciE (7 words)": ["grep", "-ciE", WORDS, str(log)]}
        for peer, command in peers.items():
            figures[peer] = timed(command)
        figures["draft"] = timed([sys.executable, "-m", "afteraction", "draft", str(folder), "--no-save"])
        figures["draft, events only"] = _without_log(folder, log)
        figures["--help"] = min(
            (timed([sys.executable, "-m", "afteraction", "--help"]) for _ in range(5)), key=lambda run: run["wall_s"]
        )
    draft, grep = figures["draft"], figures["grep -ciE (7 words)"]
    assert isinstance(draft, dict)
    assert isinstance(grep, dict)
    figures["ratio draft/grep (wall)"] = round(draft["wall_s"] / grep["wall_s"], 2)
    figures["date"] = datetime.now(UTC).date().isoformat()
    figures["command"] = f"python bench/draft_scale.py --events {options.events} --log-mb {options.log_mb}"
    text = json.dumps(figures, indent=2)
    (ROOT / "bench" / "results" / "draft_scale.json").write_text(text + "\n")
    print(text)


def _without_log(folder: Path, log: Path) -> dict[str, float]:
    log.unlink()
    return timed([sys.executable, "-m", "afteraction", "draft", str(folder), "--no-save"])


if __name__ == "__main__":
    main()
