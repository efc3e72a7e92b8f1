"""What products say of an alert's state, in their own words, becomes what it means: firing, acknowledged, escalated, resolved.

In come a state's word (`ALERT_RECOVERY`, `DOWN -> UP`, `Re-Triggered`) or a title with its state in brackets; out goes an
`EventKind`, or None where the word tells of no alert's life.
"""

from __future__ import annotations

import re

from afteraction.model.event import EventKind

_MEANINGS: tuple[tuple[EventKind, frozenset[str]], ...] = (
    (
        EventKind.ALERT_RESOLVED,
        frozenset(
            [
                "resolve",
                "resolved",
                "ok",
                "recovered",
                "recovery",
                "recover",
                "close",
                "closed",
                "clear",
                "cleared",
                "up",
                "normal",
                "inactive",
                "deactivated",
                "healthy",
                "success",
                "successful",
                "completed",
                "ended",
                "restored",
                "operational",
            ]
        ),
    ),
    (
        EventKind.ALERT_ACKNOWLEDGED,
        frozenset(["ack", "acked", "acknowledge", "acknowledged", "acknowledgement", "acknowledging"]),
    ),
    (EventKind.ALERT_ESCALATED, frozenset(["escalate", "escalated", "escalation"])),
    (
        EventKind.ALERT_FIRING,
        frozenset(
            [
                "trigger",
                "triggered",
                "retriggered",
                "open",
                "opened",
                "reopen",
                "reopened",
                "alert",
                "alerting",
                "alarm",
                "problem",
                "critical",
                "crit",
                "fatal",
                "down",
                "fail",
                "failed",
                "failure",
                "failing",
                "error",
                "errored",
                "warn",
                "warning",
                "activated",
                "activate",
                "active",
                "fire",
                "fired",
                "firing",
                "new",
                "created",
                "create",
                "raised",
                "unhealthy",
                "nodata",
                "renotify",
                "anomalous",
                "degraded",
                "violated",
                "breached",
                "unreachable",
                "started",
                "high",
                "disaster",
                "unknown",
                "regression",
                "regressed",
            ]
        ),
    ),
)
"""The words that end an alert come first: `ALERT_RECOVERY` is a recovery."""
_DENIED = re.compile(r"\b(?:not|no longer|un)[\s_-]+(?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+")
_NO_DATA = re.compile(r"\bno[ _-]data\b", re.IGNORECASE)
_BRACKET = re.compile(r"^\s*\[(?P<state>[A-Za-z][A-Za-z -]{1,20})(?::\d+(?:, [A-Z]+:\d+)?)?(?: on \{[^{}]*\})?\]\s*(?P<rest>.*)", re.DOTALL)  # fmt: skip
_COLON = re.compile(
    r"^\s*(?P<state>firing|triggered|resolved|recovered|problem|alert|alarm|acknowledged|manually resolved|ok)\s*:\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
FLAPPING = re.compile(r"\bflapp(?:ing|ed)", re.IGNORECASE)


def meaning_of(state: str) -> EventKind | None:
    """Return what a state's word means, or None; of `DOWN -> UP` the last part counts."""
    last = re.split(r"->|=>|→", state)[-1]
    if FLAPPING.search(last):
        ended = re.search(r"stop|end|cancel|disabled", last, re.IGNORECASE)
        return EventKind.STATUS if ended else EventKind.ALERT_FIRING
    if _NO_DATA.search(last):
        return EventKind.ALERT_FIRING
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last).replace("_", " ")
    words = set(_WORD.findall(spaced.lower()))
    for kind, known in _MEANINGS:
        if words & known:
            denied = kind is EventKind.ALERT_RESOLVED and _DENIED.search(spaced)
            return EventKind.ALERT_FIRING if denied else kind
    return None


def split_title(title: str) -> tuple[EventKind | None, str]:
    """Part a title such as `[Triggered on {host:a}] Disk full` into what its mark means and the rest."""
    for pattern in (_BRACKET, _COLON):
        found = pattern.match(title)
        kind = meaning_of(found["state"]) if found else None
        if found and kind is not None and found["rest"].strip():
            return kind, found["rest"].strip()
    return None, title.strip()
