"""Text that was copied from a chat becomes messages: who wrote what, and when.

In comes plain text as Slack, Teams, Discord, WhatsApp-like exports and IRC clients put it on the clipboard or into a log;
out go messages with speaker, time as written, text and lines. Dates stand in separators between messages or in the
headers; a time without a date anywhere is completed by the caller. Attached previews and reaction counts stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from afteraction.formats.prose_times import WrittenClock, WrittenDate, clocks_in, dates_in

_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:\s?[APap]\.?[Mm]\.?)?"
_DAY = r"(?:\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|(?:[A-Z][a-z]{2,8}\.?\s)?\d{1,2}(?:st|nd|rd|th)?,?\s[A-Z][a-z]{2,8}\.?(?:,?\s\d{4})?|[A-Z][a-z]{2,8}\.?\s\d{1,2}(?:st|nd|rd|th)?(?:,?\s\d{4})?)"
_NAME = r"(?P<name>[^\W\d_@][^\n:<>\[\]|]{0,40}?|@?[\w.-]{2,40})"
_WHEN = rf"(?P<when>(?:(?:{_DAY}|[Tt]oday|[Yy]esterday),?\s(?:at\s)?)?{_TIME}(?:\s(?:UTC|GMT|[A-Z]{{3,4}}))?)"
_HEADERS = tuple(
    re.compile(form)
    for form in (
        # Slack: `Anna Berg  10:42 AM`, `pager APP  [10:42 AM]`, `anna [10:42 AM]`
        rf"^{_NAME}\s+(?:APP\s+|:[a-z_]+:\s+)?\[{_WHEN}\]\s*$",
        rf"^{_NAME}(?:\s+APP)?\s{{1,4}}{_WHEN}\s*$",
        # Discord: `anna — Today at 10:42 AM`
        rf"^{_NAME}\s+[—–-]\s+{_WHEN}\s*$",
        # Teams: `[10:42 AM] Anna Berg`
        rf"^\[{_WHEN}\]\s+{_NAME}\s*$",
    )
)
_ONE_LINE = tuple(
    re.compile(form)
    for form in (
        # IRC: `10:42 <anna> text`, `[2026-03-04 10:42:13] <@anna> text`
        rf"^\[?{_WHEN}\]?\s+<[ @+%&~]?(?P<name>[^\s<>]{{1,30}})>\s(?P<text>.*)$",
        # `2026-03-04T10:42:13 <anna> text`
        r"^\[?(?P<when>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)\]?\s+<[ @+]?(?P<name>[^\s<>]{1,30})>\s(?P<text>.*)$",
        # `[10:42] anna: text`, `10:42 AM Anna Berg: text`, `04/03/2026, 10:42 - Anna: text`
        rf"^\[?{_WHEN}\]?\s?(?:[-–]\s)?{_NAME}:\s(?P<text>\S.*)$",
        rf"^{_NAME}\s[\[(]{_WHEN}[\])]:?\s(?P<text>\S.*)$",
    )
)
_SEPARATOR = re.compile(rf"^[\s—–=_-]*(?:(?:[A-Z][a-z]+day),?\s)?(?P<day>{_DAY})[\s—–=_-]*$")
_ALONE = re.compile(rf"^\s*{_TIME}\s*$")
_NO_SPEAKER = re.compile(
    r"^(?:updated?|started?|ended?|resolved|detected|last|next|at|from|until|since|time|date|duration|status|impact|note|fault|error|warn(?:ing)?|"
    r"info|debug|today|yesterday|on|by|the|begin|end|start|between|around|approx|ca|utc|pst|cet|mon|tue|wed|thu|fri|sat|sun)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message as copied: `day` is the date that its header or the separator above gives, else None."""

    name: str
    clock: WrittenClock
    day: WrittenDate | None
    relative: str
    text: str
    line: int
    line_end: int
    app: bool = False
    bare: bool = False
    """Whether the message had no header of its own, only a time without its half of the day."""


def looks_like_conversation(text: str) -> bool:
    """Whether a text is mostly messages with headers of speakers: at least three, two of them with words."""
    lines = [line for line in text.splitlines()[:400] if line.strip()]
    if not lines or any(re.match(r"^#{1,6}\s", line) for line in lines):
        return False
    said = list(messages_in(text))
    told = sum(bool(message.text) for message in said)
    if len(said) < 3 or told < 2 or len({message.name for message in said}) > 0.9 * len(said) + 2:
        return False
    first = next((m.line for m in said), 99)
    return first <= 4 and len(said) >= 0.08 * len(lines)


def messages_in(text: str) -> Iterator[Said]:
    """Yield the messages of a copied conversation in order."""
    day: WrittenDate | None = None
    current: Said | None = None
    parts: list[str] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.rstrip()
        if (separator := _SEPARATOR.match(line)) and (found := dates_in(separator["day"])):
            day = found[0]
            continue
        header = _header(line, number, day)
        if header is not None:
            if current is not None:
                yield _closed(current, parts)
            current, parts = header, [header.text] if header.text else []
        elif current is not None and _ALONE.match(line):
            # Slack shows a bare time before the next message of the same person
            yield _closed(current, parts)
            current, parts = (
                replace(current, clock=clocks_in(line)[0], text="", line=number, line_end=number, bare=True),
                [],
            )
        elif current is not None:
            parts.append(line)
            if line.strip():
                current = replace(current, line_end=number)
    if current is not None:
        yield _closed(current, parts)


def _closed(current: Said, parts: list[str]) -> Said:
    return replace(current, text="\n".join(parts).strip())


def _header(line: str, number: int, day: WrittenDate | None) -> Said | None:
    if len(line) > 2000 or not line.strip():
        return None
    stripped = line.strip()
    for form in (*_ONE_LINE, *_HEADERS):
        found = form.match(stripped)
        if found is None:
            continue
        name = found["name"].strip(" -–—|")
        if not name or _NO_SPEAKER.match(name) or len(name.split()) > 5:
            continue
        when = found["when"]
        clock = next(iter(clocks_in(when.replace("T", " "))), None)
        if clock is None:
            continue
        written = next(iter(dates_in(when.replace("T", " "))), None)
        relative = next((word for word in ("today", "yesterday") if word in when.lower()), "")
        app = bool(re.search(r"\bAPP\b", stripped[: stripped.find(when)]))
        name = re.sub(r"\s+APP$", "", name).lstrip("@")
        return Said(
            name=name, clock=clock, day=written or day, relative=relative, text=found.groupdict().get("text") or "",
            line=number, line_end=number, app=app,
        )  # fmt: skip
    return None
