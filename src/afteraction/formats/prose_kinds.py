"""Whether a text is a conversation or a page of notes: one answer, so that chat, notes, logs and terminals never overlap.

A conversation has headers of speakers with times; a page of notes has a timeline, or the headings of a post-mortem.
Logs, tables, output of kubectl and terminal sessions are judged before, by the modules that know them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from afteraction.formats.conversations import looks_like_conversation
from afteraction.formats.git_dates import is_oneline_log
from afteraction.formats.histories import history_form
from afteraction.formats.json_documents import decode_text
from afteraction.formats.kubectl import looks_like_kubectl
from afteraction.formats.sessions import prompt_at
from afteraction.formats.table_shapes import table_of
from afteraction.formats.text_shapes import log_shape
from afteraction.formats.timelines import read_timeline
from afteraction.formats.transcripts import is_transcript
from afteraction.model.reading import RawInput

_PAGE_HEADING = re.compile(
    r"^\s{0,3}(?:#{1,6}\s+|\*\*|[-*]\s+\*\*)?\W{0,4}(?:(?:incident |executive |issue |event )?(?:summary|time ?line|overview)|root cause|impact\b|"
    r"lessons|action items|post-?mortem|contributing factors|what (?:went|happened)|resolution|detection|remediation|follow[- ]?ups?|"
    r"key events|where we got lucky|incident (?:report|date)|identified cause)",
    re.IGNORECASE | re.MULTILINE,
)
_INCIDENT = re.compile(
    r"\b(?:incidents?|outages?|post-?mortem|rca|root cause|downtime|degradation|disruption|unavailab\w+|sev-?\d|retrospective|was down|is down|went down)\b",
    re.IGNORECASE,
)
"""Titles of pages that tell of an incident; those of runbooks and manuals have none of them."""
_PAGE_NAME = re.compile(r"\.(?:md|markdown)$", re.IGNORECASE)
_MARKDOWN = re.compile(r"^(?:#{1,6}\s|\s*[-*+]\s|\|.*\||---\s*$|\*\*\w)", re.MULTILINE)
_PROGRAM = re.compile(
    r"^(?:#!|<\?xml|<!doctype|<html|%PDF|WEBVTT|BEGIN:VCALENDAR|commit [0-9a-f]{7,40}\b|Script started)", re.IGNORECASE
)


class ProseKind(StrEnum):
    """The two kinds of text that people write."""

    CHAT = "chat"
    NOTES = "notes"


def prose_kind(raw: RawInput) -> ProseKind | None:
    """Return what kind of people's text `raw` is, or None when it is something else."""
    head = raw.head
    if not head.strip() or b"\x00" in head[:4096] or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return None
    if (
        is_transcript(head)
        or is_oneline_log(head)
        or history_form(raw) is not None
        or table_of(raw) is not None
        or log_shape(raw) is not None
    ):
        return None
    return _kind(head, raw.name)


@lru_cache(maxsize=4)
def _kind(head: bytes, name: str) -> ProseKind | None:
    text = decode_text(head)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if _PROGRAM.match(first) or prompt_at(first) is not None or looks_like_kubectl(text):
        return None
    if looks_like_conversation(text):
        return ProseKind.CHAT
    if _PAGE_NAME.search(name) and re.match(r"#{1,2}\s", first) and _INCIDENT.search(first):
        return ProseKind.NOTES
    headings = len({match[0].strip().lower() for match in _PAGE_HEADING.finditer(text)})
    if headings >= 2:
        return ProseKind.NOTES
    timeline = read_timeline(text, name)
    rows = len(timeline.rows) + len(timeline.undated)
    marked = bool(_MARKDOWN.search(text))
    return ProseKind.NOTES if rows >= (1 if headings else 2 if marked else 3) else None
