"""How fast raw material is opened, masked and read: MB/s and series/s, each beside a floor measured in the same run.

The floors are what the standard library needs for the same bytes without understanding them: one alternation of all
keywords (`re`) beside masking, `csv.reader` and `json.loads` beside the sources, `gzip` beside the opener. Clean log
text is from `--data`/loghub-2k, text full of tokens from `--data`/train-ticket, metrics are made up with a fixed seed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
import re
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from afteraction.fetch.folder import gather
from afteraction.formats.secret_rules import rules
from afteraction.formats.secrets import Masker
from afteraction.model.reading import Context, Problem, RawInput, Source
from afteraction.sources.metrics_long import MetricsLong
from afteraction.sources.metrics_wide import MetricsWide
from afteraction.sources.prometheus_range import PrometheusRange
from afteraction.sources.span_lists import SpanLists

SERIES, SAMPLES = 5000, 120


def seconds(work: Callable[[], Any]) -> float:
    """Return the best of three runs."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def raw_of(text: str, name: str) -> RawInput:
    data = text.encode()
    return RawInput(name=name, head=data[:65_536], open=partial(io.BytesIO, data), size=len(data))


def masking(texts: dict[str, str]) -> list[dict[str, Any]]:
    keywords = re.compile("|".join(re.escape(word) for rule in rules() for word in rule.keywords), re.IGNORECASE)
    rows = []
    for name, text in texts.items():
        size = len(text) / 1e6
        ours = seconds(partial(lambda t: Masker()._masked(t), text))  # noqa: SLF001  # past the memo
        floor = seconds(partial(lambda t: sum(1 for _ in keywords.finditer(t)), text))
        rows.append({"what": f"mask {name}", "MB": size, "MB/s": size / ours, "re alternation MB/s": size / floor,
                     "ratio": floor / ours})  # fmt: skip
    return rows


def metrics() -> dict[str, tuple[Source, str, Callable[[str], Any]]]:
    chance = random.Random(4)
    times = [1_772_611_200 + 60 * n for n in range(SAMPLES)]
    names = [f"svc{n // 10}_metric{n % 10}" for n in range(SERIES)]
    values = [[round(chance.gauss(100, 10), 3) for _ in times] for _ in names]
    wide = "time," + ",".join(names) + "\n"
    wide += "".join(f"{at}," + ",".join(str(v[n]) for v in values) + "\n" for n, at in enumerate(times))
    long = "timestamp,service,metric,value\n" + "".join(
        f"{at},{name.split('_')[0]},{name.split('_')[1]},{v[n]}\n"
        for n, at in enumerate(times)
        for name, v in zip(names, values, strict=True)
    )
    result = [
        {"metric": {"__name__": name.split("_")[1], "service": name.split("_")[0]},
         "values": [[at, str(v[n])] for n, at in enumerate(times)]}
        for name, v in zip(names, values, strict=True)
    ]  # fmt: skip
    answer = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})
    rows: Callable[[str], Any] = lambda text: sum(1 for _ in csv.reader(io.StringIO(text)))  # noqa: E731
    return {
        "wide CSV": (MetricsWide(), wide, rows),
        "long CSV": (MetricsLong(), long, rows),
        "query_range JSON": (PrometheusRange(), answer, json.loads),
    }


def reading(spans: str) -> list[dict[str, Any]]:
    rows = []
    for name, (source, text, floor) in metrics().items():
        raw = raw_of(text, name)
        assert source.claims(raw), name
        assert len(source.read(raw, Context()).series) == SERIES
        ours, bare = seconds(partial(source.read, raw, Context())), seconds(partial(floor, text))
        rows.append({"what": name, "MB": len(text) / 1e6, "series/s": SERIES / ours, "MB/s": len(text) / 1e6 / ours,
                     "ratio to bare parse": bare / ours})  # fmt: skip
    raw = raw_of(spans, "spans.csv")
    count = sum(len(part) for part in SpanLists().read(raw, Context()).spans)
    ours = seconds(lambda: SpanLists().read(raw, Context()))
    bare = seconds(lambda: sum(1 for _ in csv.reader(io.StringIO(spans))))
    rows.append(
        {"what": "span CSV", "MB": len(spans) / 1e6, "spans/s": count / ours, "ratio to bare parse": bare / ours}
    )
    return rows


def opening(text: str) -> list[dict[str, Any]]:
    data = text.encode() * max(1, 60_000_000 // len(text))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.log.gz"
        path.write_bytes(gzip.compress(data, 6))

        def ours() -> None:
            for found in gather([path]):
                assert not isinstance(found, Problem)
                with found.open() as stream:
                    while stream.read(1 << 22):
                        pass

        def bare() -> None:
            with gzip.open(path) as stream:
                while stream.read(1 << 22):
                    pass

        mine, theirs = seconds(ours), seconds(bare)
    size = len(data) / 1e6
    return [{"what": "gzip log", "MB": size, "MB/s": size / mine, "gzip MB/s": size / theirs, "ratio": theirs / mine}]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=Path("../shared/data"))
    data: Path = options.parse_args().data
    clean = "".join(path.read_text("utf-8", "replace") for path in sorted(data.glob("loghub-2k/*/*_2k.log")))
    tokens = "".join(path.read_text("utf-8") for path in sorted(data.glob("train-ticket/*/log/*.csv"))[:5])
    spans = min(data.glob("train-ticket/*/trace/*.csv")).read_text("utf-8")
    found = [*masking({"clean logs": clean, "logs with tokens": tokens}), *reading(spans), *opening(clean)]
    shown = [
        {key: round(value, 2) if isinstance(value, float) else value for key, value in row.items()} for row in found
    ]
    for row in shown:
        print(json.dumps(row))
    Path(__file__).with_name("results").mkdir(exist_ok=True)
    Path(__file__).with_name("results").joinpath("reading_speed.json").write_text(json.dumps(shown, indent=2) + "\n")


if __name__ == "__main__":
    main()
