"""Throughput of every source on a large file: MB/s, facts per second, peak memory, beside a plain reader in the same run.

The large file is grown from the source's longest golden case without problems: the longest list of a JSON document is
repeated, the lines of a text below its first, a page or an object as a whole. Each source runs in a process of its own, so
that the peak memory is its own; what the interpreter with the sources loaded takes is subtracted. The peer reads the same
bytes: `json.loads` (whole, or line by line), `csv.reader`, or the text split into lines. A log's source hands over a stream,
so that its figure is that of deciding and handing over; the log engine is measured by logs_speed.py.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from afteraction.fetch.folder import gather
from afteraction.formats.json_documents import decode_text
from afteraction.model.reading import Context, Problem, Reading
from afteraction.sources import SOURCES

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("events", "series", "spans", "logs", "objects", "edges", "statements", "people")


def cases() -> Any:
    spec = importlib.util.spec_from_file_location("source_cases", ROOT / "tests" / "sources" / "samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["source_cases"] = module
    spec.loader.exec_module(module)
    return module.cases()


def longest_list(value: Any, depth: int = 0) -> list[Any] | None:
    """Return the list of objects or rows that holds most of a JSON value."""
    found: list[list[Any]] = []
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        found.append(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if depth < 8:
        found += [one for item in inner if (one := longest_list(item, depth + 1)) is not None]
    return max(found, key=lambda one: len(json.dumps(one)), default=None)


def varied(text: str, number: int) -> str:
    """Return a copy with ids and times of its own, so that it is not taken for the same fact again."""
    text = re.sub(r"(?<=\d\d):[0-5]\d:[0-5]\d(?!\d)", f":{number // 60 % 60:02d}:{number % 60:02d}", text)
    text = re.sub(r'("ts": ?"\d+)\.\d+"', rf'\g<1>.{number % 1_000_000:06d}"', text)
    return re.sub(r'("(?:[a-zA-Z]*_?(?:id|Id|ID|key|number)|fingerprint)": ?")([^"]+)"', rf'\g<1>\g<2>-{number}"', text)


def grown(text: str, size: int) -> str:
    """Return a text of about `size` characters of the same shape."""
    times = max(1, size // max(1, len(text)))
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, dict | list):
        items = longest_list(value)
        if items is None:
            return "\n".join(varied(json.dumps(value), number) for number in range(times))
        own = json.dumps(items)
        for number in range(max(1, size // max(1, len(own)))):
            items += json.loads(varied(own, number))
        return json.dumps(value)
    first, _, rest = text.partition("\n")
    if (
        rest and "," in first and "," in rest and "{" not in first and not first.startswith("#")
    ):  # a table: its header stands once
        return "\n".join([first, *(varied(rest.strip("\n"), number) for number in range(times))]) + "\n"
    return "\n".join(varied(text.strip("\n"), number) for number in range(times)) + "\n"


def facts(reading: Reading) -> int:
    numbers = sum(len(getattr(reading, kind)) for kind in KINDS if kind not in {"series", "spans"})
    return (
        numbers + sum(series.times.size for series in reading.series) + sum(len(spans.start) for spans in reading.spans)
    )


def sample(name: str) -> tuple[str, str] | None:
    """Return the name and the text of the longest whole sample of a source."""
    source = next(source for source in SOURCES if source.name == name)
    found = []
    for case in cases():
        if case.source == name:
            for raw in case.raws():
                if source.claims(raw):
                    reading = source.read(raw, Context())
                    found.append((bool(reading.problems), -facts(reading), raw.name, decode_text(raw.read())))
    return min(found)[2:] if found else None


def peer(text: str) -> tuple[str, float]:
    begun = time.process_time()
    start = text.lstrip()[:1]
    if start in {"{", "["}:
        try:
            json.loads(text)
            return "json.loads", time.process_time() - begun
        except ValueError:
            begun = time.process_time()
            for line in text.splitlines():
                try:
                    json.loads(line)
                except ValueError:
                    continue
            return "json.loads per line", time.process_time() - begun
    first = text.partition("\n")[0]
    if first.count(",") > 1:
        for _ in csv.reader(io.StringIO(text)):
            pass
        return "csv.reader", time.process_time() - begun
    for line in text.splitlines():
        line.split()
    return "split into words", time.process_time() - begun


def memory(key: str) -> float:
    """Return a figure of this process in MB: `VmRSS` now, `VmHWM` the highest since it was reset."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{key}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def child(name: str, path: Path) -> dict[str, Any]:
    """Read one file with one source and measure it."""
    source = next(source for source in SOURCES if source.name == name)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # begin to count the highest anew
    before = memory("VmRSS")
    raw = next(raw for raw in gather([path]) if not isinstance(raw, Problem))
    begun = time.process_time()
    claims = source.claims(raw)
    reading = source.read(raw, Context())
    seconds = time.process_time() - begun
    return {
        "claims": claims, "seconds": seconds, "facts": facts(reading), "problems": len(reading.problems),
        "peak": memory("VmHWM") - before, "logs": bool(reading.logs),
    }  # fmt: skip


def measured(name: str, megabytes: float) -> dict[str, Any]:
    found = sample(name)
    if found is None:
        return {"source": name, "note": "no case"}
    file_name, text = found
    text = grown(text, int(megabytes * 1e6))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file_name.rsplit("/", 1)[-1]
        path.write_text(text, encoding="utf-8")
        size = path.stat().st_size / 1e6
        run = subprocess.run(
            [sys.executable, __file__, "--child", name, "--file", str(path)], capture_output=True, text=True, check=False, timeout=600
        )  # fmt: skip
    if run.returncode:
        return {"source": name, "note": run.stderr.strip().splitlines()[-1]}
    got = json.loads(run.stdout)
    plain, seconds = peer(text)
    return {
        "source": name,
        "mb": round(size, 1),
        "mb_per_second": round(size / max(got["seconds"], 1e-6), 1),
        "facts": got["facts"],
        "facts_per_second": round(got["facts"] / max(got["seconds"], 1e-6)),
        "peak_mb": round(got["peak"]),
        "peak_per_mb": round(got["peak"] / size, 1),
        "peer": plain,
        "times_as_slow_as_peer": round(got["seconds"] / seconds, 1),
        **({"note": "hands over a stream"} if got["logs"] and got["facts"] < 10 else {}),
        **({"note": "the grown file is claimed by another source"} if not got["claims"] else {}),
    }


def results(chosen: list[str], megabytes: float) -> Iterator[dict[str, Any]]:
    for source in SOURCES:
        if not chosen or source.name in chosen:
            one = measured(source.name, megabytes)
            print(" ".join(f"{key} {value}" for key, value in one.items()), flush=True)
            yield one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these sources; nothing is written then")
    parser.add_argument("--mb", type=float, default=20.0)
    parser.add_argument("--child", default="")
    parser.add_argument("--file", type=Path, default=Path())
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(child(arguments.child, arguments.file)))
        return
    found = list(results(arguments.names, arguments.mb))
    if not arguments.names:
        file = ROOT / "bench" / "results" / "sources_throughput.json"
        file.write_text(json.dumps({"mb": arguments.mb, "sources": found}, indent=1) + "\n", encoding="utf-8")
        print("now run docs/make_robustness.py, which writes the page from it")


if __name__ == "__main__":
    main()
