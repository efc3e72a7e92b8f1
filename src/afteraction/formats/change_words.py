"""What products say of a change in their own words: what became of it, of which kind it is, whether a flag went on or off."""

from __future__ import annotations

import re

from afteraction.model.event import ChangeKind

_STATUS: tuple[tuple[str, str], ...] = (
    ("rolled back", r"roll(?:ed)?[ _-]?back|reverted"),
    ("failed", (r"fail\w*|error\w*|cancel\w*|abort\w*|timed?[ _-]?out|degraded|stalled|missing|crashed|denied|unauthori[sz]ed|"
     r"exception|invalid|false")),
    ("succeeded", r"succe\w*|complete\w*|deployed|finished|healthy|synced|ready|done|ok|merged|passed|live|published|true|superseded|inactive"),
    ("started", r"pending|queued|in[ _-]?progress|running|creat\w*|start\w*|progressing|waiting|blocked|building|requested|initiated"),
)  # fmt: skip
_PATTERNS = tuple(
    (status, re.compile(rf"(?:^|[^a-z])(?:{words})(?:[^a-z]|$)", re.IGNORECASE)) for status, words in _STATUS
)
_KINDS = (
    (ChangeKind.ROLLBACK, re.compile(r"roll(?:ed|ing)?[ _-]?back|\brevert", re.IGNORECASE)),
    (ChangeKind.MIGRATION, re.compile(r"\bmigrat|\bschema\b", re.IGNORECASE)),
    (ChangeKind.DEPLOY, re.compile(r"deploy|release|rollout|publish|upgrade|install|promot", re.IGNORECASE)),
)
_ON = re.compile(r"\b(?:turned on|enabled|on|activated)\b", re.IGNORECASE)
_OFF = re.compile(r"\b(?:turned off|disabled|off|deactivated|killed|archived)\b", re.IGNORECASE)


def status_of(word: str) -> str:
    """Return started, succeeded, failed or rolled back for a product's word; empty for one that says none of these.

    What was superseded or is inactive now had succeeded.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)
    return next((status for status, pattern in _PATTERNS if pattern.search(spaced)), "")


def kind_of_change(words: str, default: ChangeKind) -> ChangeKind:
    """Return the kind of change that a title or description tells of, else `default`."""
    return next((kind for kind, pattern in _KINDS if pattern.search(words)), default)


def switched(words: str) -> str:
    """Return `on` or `off` where words say that a flag was switched so; else empty."""
    flat = re.sub(r"[_-]", " ", words)
    if _OFF.search(flat):
        return "off"
    return "on" if _ON.search(flat) else ""
