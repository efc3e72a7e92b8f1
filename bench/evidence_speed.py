"""How long the evidence engine takes: 50 services x 8 metrics x 1,440 points, 5,000 series, and 1,000,000 spans.

Synthetic material with a planted culprit; the peer beside it is a plain n-sigma over the same arrays in the same run.

    python bench/evidence_speed.py [--write bench/results/evidence_speed.json]
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from afteraction.evidence.investigate import investigate
from afteraction.model.finding import Window
from afteraction.model.origin import Origin
from afteraction.model.reading import Material
from afteraction.model.series import Series
from afteraction.model.span import Spans

START = 1_700_000_000.0
KINDS = ("latency_p99_seconds", "error_rate", "cpu_usage_percent", "memory_usage_bytes", "requests_per_sec", "queue_depth",
         "disk_io_ops", "threads")  # fmt: skip


def matrix(services: int, points: int, seed: int) -> tuple[Series, ...]:
    """A daily cycle, lone spikes, sparse counts; service 7 shifts by 4 to 9 spreads in the last hour, 8 others by less."""
    rng = np.random.default_rng(seed)
    times = np.asarray(START + 60.0 * np.arange(points), dtype=np.float64)
    out = []
    for i in range(services):
        hit = 6.0 if i == 7 else 2.5 if i % 6 == 1 and i < 48 else 0.0
        for kind in KINDS:
            values = 50 + 5 * np.sin(2 * np.pi * np.arange(points) / 1440) + rng.standard_normal(points)
            values[rng.integers(0, points, 3)] += 20
            if hit:
                values[-60 + (0 if i == 7 else int(rng.integers(2, 20))) :] += hit
            out.append(Series(
                metric=kind, service=f"s{i}", times=times, values=values, origin=Origin(file="m.csv", line=2),
                instance=f"s{i}-0",
            ))  # fmt: skip
    return tuple(out)


def million(n: int) -> Spans:
    """Traces of ten spans over ten services; service 4 is slow in the last tenth."""
    row = np.arange(n, dtype=np.int64)
    trace, depth = row // 10, row % 10
    rng = np.random.default_rng(3)
    slow = (depth <= 4) & (trace > 0.9 * (n // 10))
    duration = (10 - depth) * 0.010 + rng.random(n) * 0.002 + slow * 0.5
    ids = tuple(str(i) for i in range(n // 10 + n))
    start = START + trace * (3600.0 / (n / 10)) + depth * 0.0005
    return Spans(
        origin=Origin(file="spans.json"), start=start, duration=duration, service=depth.astype(np.int32),
        name=depth.astype(np.int32), trace=trace.astype(np.int32), span_id=(n // 10 + row).astype(np.int32),
        parent_id=np.where(depth > 0, n // 10 + row - 1, -1).astype(np.int32), error=np.zeros(n, bool), line=row + 1,
        services=tuple(f"s{i}" for i in range(10)), names=tuple(f"op{i}" for i in range(10)), ids=ids,
    )  # fmt: skip


def n_sigma(series: tuple[Series, ...]) -> str:
    worst = max(
        series, key=lambda s: abs(s.values[-60:].mean() - s.values[:-60].mean()) / (s.values[:-60].std() + 1e-9)
    )
    return worst.service


def timed(work: Callable[[], object]) -> tuple[float, object]:
    began = time.perf_counter()
    value = work()
    return round(time.perf_counter() - began, 2), value


def window(points: int, last: int) -> Window:
    return Window(
        start=datetime.fromtimestamp(START + 60 * (points - last), UTC), end=datetime.fromtimestamp(START + 60 * points, UTC)
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=Path, default=None)
    chosen = parser.parse_args()
    report: dict[str, object] = {"date": datetime.now(UTC).date().isoformat()}
    right = peer_right = 0
    seconds, peer_seconds = [], []
    for seed in range(10):
        series = matrix(50, 1440, seed)
        took, found = timed(lambda s=series: investigate(Material(series=s), window=window(1440, 60)))  # type: ignore[misc]
        right += found.suspects[0].service == "s7"  # type: ignore[attr-defined]
        seconds.append(took)
        took, name = timed(lambda s=series: n_sigma(s))  # type: ignore[misc]
        peer_right += name == "s7"
        peer_seconds.append(took)
    report["50x8x1440"] = {
        "seconds_median": sorted(seconds)[5],
        "top1": right / 10,
        "n_sigma_seconds": sorted(peer_seconds)[5],
        "n_sigma_top1": peer_right / 10,
    }
    print("50 services x 8 metrics x 1440:", report["50x8x1440"])
    series = matrix(625, 1440, 1)
    took, found = timed(lambda: investigate(Material(series=series), window=window(1440, 60)))
    report["5000 series x 1440"] = {"seconds": took, "first": found.suspects[0].service}  # type: ignore[attr-defined]
    print("5,000 series x 1440:", report["5000 series x 1440"])
    spans = million(1_000_000)
    stretch = Window(start=datetime.fromtimestamp(START + 3240, UTC), end=datetime.fromtimestamp(START + 3700, UTC))
    took, found = timed(lambda: investigate(Material(spans=(spans,)), window=stretch))
    report["1,000,000 spans"] = {"seconds": took, "first": found.suspects[0].service}  # type: ignore[attr-defined]
    report["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("1,000,000 spans:", report["1,000,000 spans"], "peak RSS MB:", report["peak_rss_mb"])
    if chosen.write:
        chosen.write.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
