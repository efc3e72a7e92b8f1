"""Counters, histograms and gauges of one process, printed in Prometheus' text format 0.0.4."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

Labels = tuple[tuple[str, str], ...]
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def _series(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{text}"' for key, text in labels)
    return f"{name}{{{inside}}} {value:g}" if inside else f"{name} {value:g}"


class Measures:
    """All metrics of a process; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Labels], float] = defaultdict(float)
        self._seconds: dict[tuple[str, Labels], list[float]] = {}
        self._gauges: dict[str, Callable[[], float]] = {}
        started = time.time()
        self.gauge("process_start_time_seconds", lambda: started)

    def count(self, name: str, **labels: str) -> None:
        """Add one to a counter."""
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += 1

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram: a slot per bound, then the sum, then the count."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            slots = self._seconds.setdefault(key, [0.0] * (len(BOUNDS) + 2))
            for place, bound in enumerate(BOUNDS):
                slots[place] += seconds <= bound
            slots[-2] += seconds
            slots[-1] += 1

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Register a gauge; `read` is called at every scrape."""
        self._gauges[name] = read

    def page(self) -> str:
        """Return the text that Prometheus scrapes."""
        with self._lock:
            counts = dict(self._counts)
            seconds = {key: list(slots) for key, slots in self._seconds.items()}
        lines: list[str] = []
        for name in dict.fromkeys(name for name, _ in counts):
            lines.append(f"# TYPE {name} counter")
            lines += [_series(name, labels, value) for (other, labels), value in counts.items() if other == name]
        for name in dict.fromkeys(name for name, _ in seconds):
            lines.append(f"# TYPE {name} histogram")
            for (other, labels), slots in seconds.items():
                if other == name:
                    lines += _histogram(name, labels, slots)
        for name, read in self._gauges.items():
            lines += [f"# TYPE {name} gauge", f"{name} {read():.10g}"]
        return "\n".join(lines) + "\n"


def _histogram(name: str, labels: Labels, slots: list[float]) -> list[str]:
    lines = [
        _series(f"{name}_bucket", (*labels, ("le", f"{bound:g}")), slots[place]) for place, bound in enumerate(BOUNDS)
    ]
    lines.append(_series(f"{name}_bucket", (*labels, ("le", "+Inf")), slots[-1]))
    return [*lines, _series(f"{name}_sum", labels, slots[-2]), _series(f"{name}_count", labels, slots[-1])]
