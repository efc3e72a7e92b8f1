"""Make large logs to measure with: loghub samples replicated with fresh numbers and a running clock, and hostile ones.

    python bench/logs_generate.py OUT --data ../shared/data --megabytes 500 [--hostile]

The friendly file takes turns between the sets in chunks of 2,000 lines, so that it is one mixed file with several
layouts; `--single SET` makes it of one set, with one clock that runs through. The hostile file holds application lines
with four fresh uuids each and JSON service lines with trace ids.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

SETS = ("HDFS", "BGL", "OpenSSH", "Linux", "Apache", "Hadoop", "Spark", "Zookeeper")
START = datetime(2024, 12, 3, tzinfo=UTC)
NUMBER = re.compile(r"0x[0-9a-fA-F]+|(?<![A-Za-z0-9])\d{2,}|(?<=_)-?\d{4,}")
CLOCKS: dict[str, tuple[str, str]] = {
    "HDFS": (r"^\d{6} \d{6}", "%y%m%d %H%M%S"),
    "BGL": (r"(?<=^- )\d{10} \d{4}\.\d\d\.\d\d", "%s %Y.%m.%d"),
    "OpenSSH": (r"^\w{3} [ \d]\d \d\d:\d\d:\d\d", "%b %e %H:%M:%S"),
    "Linux": (r"^\w{3} [ \d]\d \d\d:\d\d:\d\d", "%b %e %H:%M:%S"),
    "Apache": (r"(?<=^\[)\w{3} \w{3} \d\d \d\d:\d\d:\d\d \d{4}", "%a %b %d %H:%M:%S %Y"),
    "Hadoop": (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
    "Spark": (r"^\d\d/\d\d/\d\d \d\d:\d\d:\d\d", "%y/%m/%d %H:%M:%S"),
    "Zookeeper": (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
}


def fresh(rnd: random.Random) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        text = match[0]
        if text.startswith("0x"):
            return f"0x{rnd.getrandbits(4 * (len(text) - 2)):0{len(text) - 2}x}"
        digits = len(text.lstrip("-"))
        low = 10 ** (digits - 1)
        value = rnd.randrange(low, 10 * low if digits > 3 else max(low + 1, min(10 * low, 255)))
        return ("-" if text[0] == "-" else "") + str(value)

    return replace


def chunks(data: Path, seed: int, sets: tuple[str, ...] = SETS) -> Iterator[str]:
    """Yield 2,000 lines at a time: the sets in turns, one clock, fresh numbers behind the clock."""
    rnd, line_number = random.Random(seed), 0
    replace = fresh(rnd)
    samples = {}
    for name in sets:
        text = (data / "loghub-2k" / name / f"{name}_2k.log").read_text(encoding="utf-8", errors="replace")
        samples[name] = text.splitlines()
    while True:
        for name in sets:
            pattern, layout = re.compile(CLOCKS[name][0]), CLOCKS[name][1]
            rows = []
            for line in samples[name]:
                line_number += 1
                found = pattern.search(line)
                if not found:
                    continue
                now = (START + timedelta(milliseconds=2 * line_number)).strftime(layout)
                rows.append(line[: found.start()] + now + NUMBER.sub(replace, line[found.end() :]))
            yield "\n".join(rows) + "\n"


def hostile_chunks(seed: int) -> Iterator[str]:
    """Yield 2,000 lines at a time: fresh uuids in application lines, trace ids in JSON lines."""
    rnd, line_number = random.Random(seed), 0

    def hexed(digits: int) -> str:
        return f"{rnd.getrandbits(4 * digits):0{digits}x}"

    def uuid() -> str:
        return "-".join(hexed(size) for size in (8, 4, 4, 4, 12))

    texts = (
        "Attempting claim: memory %d MB, disk %d GB, vcpus %d CPU",
        "VM Started (Lifecycle Event)",
        "Creating image",
        "During sync_power_state the instance has a pending task (spawning). Skip.",
        "Took %d.%d seconds to spawn the instance on the hypervisor after %d tries.",
        "Instance destroyed successfully.",
    )
    events: tuple[tuple[str, str, Callable[[], dict[str, object]], int], ...] = (
        ("info", "request completed", lambda: {"method": rnd.choice(["GET", "POST"]), "path": f"/api/v1/orders/{rnd.randrange(10**6)}",
                                               "status": rnd.choice([200, 200, 200, 201, 404]), "duration_ms": round(rnd.random() * 300, 3)}, 60),
        ("info", "cache miss", lambda: {"key": f"user:{hexed(8)}", "shard": rnd.randrange(16)}, 20),
        ("debug", "published event", lambda: {"topic": rnd.choice(["orders", "payments"]), "offset": rnd.randrange(10**9)}, 15),
        ("warn", "retrying upstream call", lambda: {"upstream": rnd.choice(["billing", "stock"]), "attempt": rnd.randrange(1, 5)}, 4),
        ("error", "upstream request failed: connection refused", lambda: {"upstream": "stock", "error": f"dial tcp 10.0.{rnd.randrange(256)}.7:8080"}, 1),
    )  # fmt: skip
    while True:
        rows = []
        for _ in range(1000):
            line_number += 1
            now = START + timedelta(milliseconds=2 * line_number)
            text = rnd.choice(texts)
            text = re.sub("%d", lambda _: str(rnd.randrange(10**4)), text)
            rows.append(
                f"{now:%Y-%m-%d %H:%M:%S}.{now.microsecond // 1000:03} {rnd.randrange(3000, 3010)} INFO compute.manager "
                f"[req-{uuid()} {hexed(32)} {hexed(32)} - - -] [instance: {uuid()}] {text}"
            )
        for _ in range(1000):
            line_number += 1
            now = START + timedelta(milliseconds=2 * line_number)
            level, message, more, _ = rnd.choices(events, [event[3] for event in events])[0]
            record = {"ts": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z", "level": level, "service": rnd.choice(["cart", "pay", "web"]),
                      "pod": f"web-{hexed(9)}-{hexed(5)}", "trace_id": hexed(32), "span_id": hexed(16), "msg": message, **more()}  # fmt: skip
            rows.append(json.dumps(record))
        yield "\n".join(rows) + "\n"


def write(path: Path, source: Iterator[str], megabytes: float) -> int:
    """Write chunks until the size is reached; returns the number of lines."""
    size = lines = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for text in source:
            out.write(text)
            size += len(text)
            lines += text.count("\n")
            if size >= megabytes * 1e6:
                return lines
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--megabytes", type=float, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--single", choices=SETS)
    arguments = parser.parse_args()
    sets = (arguments.single,) if arguments.single else SETS
    source = hostile_chunks(arguments.seed) if arguments.hostile else chunks(arguments.data, arguments.seed, sets)
    print(write(arguments.out, source, arguments.megabytes), "lines")


if __name__ == "__main__":
    main()
