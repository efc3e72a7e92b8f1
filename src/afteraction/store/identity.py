"""What all stores agree on: when two events are one, what a word is, and how a stale change is refused."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta

from afteraction.model.event import Event

CLOCK_STEP = timedelta(minutes=10)
"""How far a clock may be set back without that what became known later seems to have been known earlier."""
_WORD = re.compile(r"[^\W_]+")


def event_identity(event: Event) -> str:
    """Return the identity of an event: equal for the same happening read again from the same place."""
    origin = event.origin
    told = [event.source, event.kind, event.at.isoformat(), event.text, origin.file, origin.line, origin.record]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]


def known_after(known_at: datetime, last: datetime | None) -> datetime:
    """Return when something became known, not before what was added before it.

    A clock is set back by seconds or minutes now and then; the order in which things became known stays. A clock that is
    further back than `CLOCK_STEP` is believed: then it was the one before that was wrong.
    """
    return last if last is not None and timedelta(0) < last - known_at <= CLOCK_STEP else known_at


def search_words(text: str) -> list[str]:
    """Return the words of a text, in small letters."""
    return _WORD.findall(text.lower())


def stale(incident: str) -> str:
    """Say that somebody else was faster."""
    return f"{incident} was changed by somebody else meanwhile; read it again and make your change on what stands there now"
