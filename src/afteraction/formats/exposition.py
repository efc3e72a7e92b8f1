"""Samples in the text form of Prometheus: `name{label="value"} value [time]`, one a line, with comments between.

OpenMetrics and the older exposition format come in, and what `promtool tsdb dump` prints (`{__name__="..."} value time`);
out go metric, labels, value and the number that stands for the time, where there is one. A line that is none yields None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from afteraction.formats.columns import is_number

_NUMBER = r"(?:[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+|[Ii]nf|[Nn]a[Nn]))"
_SAMPLE = re.compile(
    r"^(?P<name>[A-Za-z_:][\w:.]*)?(?P<labels>\{(?:[^\"{}]|\"(?:[^\"\\]|\\.)*+\")*+\})?\s+"
    rf"(?P<value>{_NUMBER})(?:\s+(?P<time>\d{{9,19}}(?:\.\d+)?))?(?:\s+#\s.*)?\s*$"
)
_LABEL = re.compile(r"([A-Za-z_][\w.]*)\s*=\s*\"((?:[^\"\\]|\\.)*+)\"")
_COMMENT = re.compile(r"^# (?:HELP|TYPE|UNIT) [A-Za-z_:]|^# EOF")
_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample; `time` is the number as written (seconds or milliseconds), empty when the line has none."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    value: str
    time: str


@lru_cache(maxsize=4)
def is_exposition(head: bytes) -> bool:
    """Whether a file's first bytes are samples: nearly every line is one, and comments, labels or times mark them."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[: 2 * _LINES] if line.strip()][:_LINES]
    plain = [line for line in lines if not line.startswith("#")]
    found = [_SAMPLE.match(line) for line in plain[: -1 if len(plain) > 50 else None]]
    good = [match for match in found if match and (match["name"] or match["labels"])]
    marked = any(_COMMENT.match(line) for line in lines)
    labelled = sum(bool(match["labels"]) for match in good) >= 0.5 * len(good)
    return (
        bool(good) and len(good) >= (0.7 if marked else 0.9) * len(found) and (marked or (labelled and len(good) >= 2))
    )


def sample_of(line: str) -> Sample | None:
    """Read one line; None when it is no sample."""
    found = _SAMPLE.match(line)
    if found is None or not is_number(found["value"]):
        return None
    labels = {name: re.sub(r"\\(.)", _unescaped, text) for name, text in _LABEL.findall(found["labels"] or "")}
    metric = found["name"] or labels.pop("__name__", "")
    if not metric:
        return None
    return Sample(metric=metric, labels=tuple(sorted(labels.items())), value=found["value"], time=found["time"] or "")


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]
