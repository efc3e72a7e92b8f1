"""What all stores agree on: when two events are one, what a word is, and how a stale change is refused."""

from __future__ import annotations

import hashlib
import json
import re

from afteraction.model.event import Event

_WORD = re.compile(r"[^\W_]+")


def event_identity(event: Event) -> str:
    """Return the identity of an event: equal for the same happening read again from the same place."""
    origin = event.origin
    told = [event.source, event.kind, event.at.isoformat(), event.text, origin.file, origin.line, origin.record]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]


def search_words(text: str) -> list[str]:
    """Return the words of a text, in small letters."""
    return _WORD.findall(text.lower())


def stale(incident: str) -> str:
    """Say that somebody else was faster."""
    return f"{incident} was changed by somebody else meanwhile; read it again and make your change on what stands there now"
