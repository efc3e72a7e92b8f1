"""Text that was copied from a chat becomes messages: who wrote what, and when.

In comes plain text as Slack, Teams, Discord, WhatsApp-like exports and IRC clients put it on the clipboard or into a log;
out go messages with speaker, time as written, text and lines. Dates stand in separators between messages or in the
headers; a time without a date anywhere is completed by the caller. Attached previews and reaction counts stay text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from afteraction.formats.prose_times import WrittenClock, WrittenDate, clocks_in, dates_in

_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:[ \u00a0\u202f]?[APap]\.?[Mm]\.?)?"
_WEEKDAY = r"(?:[Mm]on|[Tt]ues|[Ww]ednes|[Tt]hurs|[Ff]ri|[Ss]atur|[Ss]un)day"
_DAY = r"(?:\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}\.\d{1,2}\.|\d{1,2}/\d{1,2}|(?:[A-Z][a-z]{2,8}\.?\s)?\d{1,2}(?:st|nd|rd|th)?,?\s[A-Z][a-z]{2,8}\.?(?:,?\s\d{4})?|[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s\d{4})?)"
_NAME = r"(?P<name>[^\W\d_@][^\n:<>\[\]|]{0,40}?|@?[\w.-]{2,40})"
_WHEN = (
    rf"(?P<when>(?:(?:{_DAY}|{_WEEKDAY}|[Tt]oday|[Yy]esterday),?\s(?:at\s)?)?{_TIME}(?:\s(?:UTC|GMT|[A-Z]{{3,4}}))?)"
)
_HEADERS = tuple(
    re.compile(form)
    for form in (
        # Slack: `Anna Berg  10:42 AM`, `pager APP  [10:42 AM]`, `anna [10:42 AM]`
        rf"^{_NAME}\s+(?:APP\s+|:[a-z_]+:\s+)?\[{_WHEN}\]\s*$",
        rf"^{_NAME}(?:\s+(?:APP|BOT|Workflow))?\s{{1,4}}{_WHEN}\s*$",
        # Discord: `anna — Today at 10:42 AM`; Google Chat: `Anna Berg, 10:42 AM, Edited`
        rf"^{_NAME}(?:\s+(?:APP|BOT))?\s+[—–-]\s+{_WHEN}\s*$",
        rf"^{_NAME},\s{_WHEN}(?:,\s?[Ee]dited)?\s*$",
        # Teams: `[10:42 AM] Anna Berg`
        rf"^\[{_WHEN}\]\s+{_NAME}\s*$",
    )
)
_NICK = r"(?P<name>[^\s<>:]{1,30})"
_MONTHDAY = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
_ONE_LINE = tuple(
    re.compile(form)
    for form in (
        # IRC: `10:42 <anna> text`, `[2026-03-04 10:42:13] <@anna> text`, `10:42  * anna looks`
        rf"^\[?{_WHEN}\]?\s+<[ @+%&~]?(?P<name>[^\s<>]{{1,30}})>\s(?P<text>.*)$",
        rf"^(?P<when>{_MONTHDAY})\s+<[ @+%&~]?(?P<name>[^\s<>]{{1,30}})>\s(?P<text>.*)$",
        rf"^(?:\[?{_WHEN}\]?|(?P<whole>{_MONTHDAY}))\s+\*\s(?P<text>{_NICK}\s.*)$",
        # `2026-03-04T10:42:13 <anna> text`
        r"^\[?(?P<when>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)\]?\s+<[ @+]?(?P<name>[^\s<>]{1,30})>\s(?P<text>.*)$",
        # WeeChat: stamp, nick and text parted by tabs
        r"^(?P<when>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\t(?: \*\t(?P<text>(?P<name>\S+) .*)|[@+%&~]?(?P<nick>[^\s<>-][^\s<>]{0,30})\t(?P<said>.*))$",
        # `[10:42] anna: text`, `10:42 AM Anna Berg: text`, `04/03/2026, 10:42 - Anna: text`
        rf"^\[?{_WHEN}\]?\s?(?:[-–]\s)?{_NAME}:\s(?P<text>\S.*)$",
        rf"^{_NAME}\s[\[(]{_WHEN}[\])]:?\s(?P<text>\S.*)$",
    )
)
_BRACKETED = re.compile(rf"^\[?(?:\d{{4}}-\d\d-\d\d[ T])?{_TIME}\]?\s+<[ @+%&~]?[^\s<>]{{1,30}}>\s")
"""A message of IRC, which no page of notes writes."""
_LEAST_LOGGED = 3
_MACHINE = re.compile(
    r"[a-z0-9_.-]*(?:(?<!ab)(?<!tal)bot|pager|alerts?|alertmanager|nagios|icinga|monitoring)[_.-]?\d*"
)
"""A nick that says itself that a program writes."""
_HEADING = re.compile(r"^#{1,3}\s+\S")
_SEPARATOR = re.compile(rf"^[\s—–=_-]*(?:(?:[A-Z][a-z]+day),?\s)?(?P<day>{_DAY})[\s—–=_-]*$")
_LOGGED = re.compile(
    r"^(?:--- (?:Log opened|Day changed)|\*{4} BEGIN LOGGING AT)\s+\w{3} (?P<month>\w{3})\s+(?P<day>\d{1,2})(?: [\d:]{8})? (?P<year>\d{4})"
)
"""Where irssi and HexChat say the date."""
_COMING = re.compile(
    rf"^(?:\[?{_TIME}\]?\s+|{_MONTHDAY}\s+|\[?\d{{4}}-\d\d-\d\d[ T][\d:]{{8}}(?:Z|[+-]\d\d:?\d\d)?\]?\s+)(?:-!-|\*{{3}}|-->|<--|--|={{3}}|\*\s+(?:Now talking|Topic for|\S+ (?:has (?:joined|quit|left)|sets mode|gives )))(?:\s|$)|^(?:--- Log closed|\*{{4}} ENDING)"
)
"""Joins, parts, modes and topics of IRC: nobody said anything."""
_ALONE = re.compile(rf"^\s*(?:{_TIME}|\[{_TIME}\])\s*$")
_STAMP_LINE = re.compile(rf"^(?P<lead>\s*(?::[a-z0-9_+-]+:\s*)?(?:(?:APP|BOT|Workflow)\s*)?(?:[—–-]\s*)?){_WHEN}\s*$")
_MARK_LINE = re.compile(r"^\s*(?:(?P<app>APP|BOT)|[—–-])\s*$")
_TITLE_NAME = re.compile(r"^(?:[A-Z][\w'’.-]*(?:[ \u00a0][\w'’.()-]+){0,3}|@?[\w.-]{2,30})$")
"""A line that can be a speaker's name: a capital and few words, or one word."""
_TAIL = re.compile(
    r"^(?:\d+ repl(?:y|ies)|Last reply .{3,40}|View thread|View newer replies|New|Also sent to the channel)$"
)
_EMOJI = re.compile(r"^:(?P<name>[a-z0-9_+-]+(?:::[a-z0-9-]+)?):(?:\s*(?P<count>\d{1,3}))?$")
_LIKED = re.compile(
    r"^(?:(?P<count>\d{1,3}) )?(?P<name>[Ll]ike|[Hh]eart|[Ll]augh|[Ss]urprised|[Ss]ad|[Aa]ngry)(?: reactions?\.?| (?P<after>\d{1,3}))$"
)
_EDITED = re.compile(r"\s*\((?:edited|bearbeitet)\)\s*$|\s*^Edited$", re.MULTILINE)
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
    reactions: tuple[str, ...] = ()
    edited: bool = False


def looks_like_conversation(text: str) -> bool:
    """Whether a text is mostly messages with headers of speakers: at least three, two of them with words."""
    lines = [line for line in text.splitlines()[:400] if line.strip()]
    headed = any(re.match(r"^#{1,6}\s", line) for line in lines)
    if not lines or (headed and not _is_log_of_a_channel(lines)):
        return False
    said = list(messages_in(text))
    told = sum(bool(message.text) for message in said)
    if len(said) == 2 and told == 2:
        return (
            all(message.day is not None and message.day.year for message in said)
            and said[0].line == 1
            and len(lines) <= 20
        )
    if len(said) < 3 or told < 2 or len({message.name for message in said}) > 0.9 * len(said) + 2:
        return False
    first = next((m.line for m in said), 99)
    return first <= 4 and len(said) >= 0.08 * len(lines)


def _is_log_of_a_channel(lines: list[str]) -> bool:
    """Whether nearly every line is a message of its own below one heading: the log of a channel, no page of notes."""
    told = sum(bool(_BRACKETED.match(line)) for line in lines)
    return told >= _LEAST_LOGGED and told >= 0.8 * len(lines) and not _BRACKETED.match(lines[0])


def messages_in(text: str) -> Iterator[Said]:
    """Yield the messages of a copied conversation in order."""
    day: WrittenDate | None = None
    current: Said | None = None
    parts: list[str] = []
    for number, last, line in _headed(text.splitlines()):
        if found := _date_of(line):
            day = found
            continue
        if _COMING.match(line):
            continue
        header = _header(line, number, day)
        if header is not None:
            if current is not None:
                yield _closed(current, parts)
            current, parts = replace(header, line_end=last), [header.text] if header.text else []
        elif current is not None and _ALONE.match(line) and (clocks := clocks_in(line.strip().strip("[]"))):
            # Slack shows a bare time before the next message of the same person
            yield _closed(current, parts)
            bare = not re.search(r"[APap]\.?[Mm]", line)
            current, parts = replace(current, clock=clocks[0], text="", line=number, line_end=number, bare=bare), []
        elif current is not None:
            parts.append(line)
            if line.strip():
                current = replace(current, line_end=number)
    if current is not None:
        yield _closed(current, parts)


def _date_of(line: str) -> WrittenDate | None:
    """Return the date of a separator between messages."""
    if logged := _LOGGED.match(line):
        return next(iter(dates_in(f"{logged['month']} {logged['day']}, {logged['year']}")), None)
    if _HEADING.match(line):
        return next((day for day in dates_in(line) if day.year), None)
    separator = _SEPARATOR.match(line)
    return next(iter(dates_in(separator["day"])), None) if separator else None


def _headed(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield lines with their first and last number; a name above a line that is only a time becomes one header.

    So new Slack, Teams and Discord copy: the name, perhaps `APP` or a dash, and the time, each on a line of its own.
    """
    at = 0
    counts = Counter(line.strip() for line in lines)
    while at < len(lines):
        line = lines[at].rstrip()
        step = 2 if at + 2 < len(lines) and _MARK_LINE.match(lines[at + 1]) else 1
        stamp = _STAMP_LINE.match(lines[at + step].rstrip()) if at + step < len(lines) else None
        name = line.strip()
        if stamp and _TITLE_NAME.match(name) and not _NO_SPEAKER.match(name) and _is_header(stamp, counts[name], step):
            marks = stamp["lead"] + (lines[at + 1] if step == 2 else "")
            app = "APP" in marks or "BOT" in marks
            yield at + 1, at + step + 1, f"{name}{' APP' if app else ''}  {stamp['when']}"
            at += step + 1
        else:
            yield at + 1, at + 1, line
            at += 1


def _is_header(stamp: re.Match[str], spoken: int, step: int) -> bool:
    """Whether a time below a possible name is a header, not the bare time of the same person's next message."""
    return step == 2 or bool(stamp["lead"]) or len(stamp["when"]) > len("10:42 AM") or spoken > 1 \
        or bool(re.search(r"[APap]\.?[Mm]", stamp["when"]))  # fmt: skip


def _closed(current: Said, parts: list[str]) -> Said:
    """Return the message with its text; what the client shows below it (reactions, replies) is taken off."""
    lines = [line for line in parts if not _TAIL.match(line.strip())]
    reactions: list[str] = []
    while lines:
        last = lines[-1].strip()
        count = ""
        if re.fullmatch(r"\d{1,3}", last) and len(lines) > 1 and _EMOJI.match(lines[-2].strip()):
            count, last = last, lines[-2].strip()
            lines.pop()
        found = _EMOJI.match(last) or _LIKED.match(last)
        if found and (len(lines) > 1 or count):
            told = found.groupdict()
            number = count or told.get("count") or told.get("after") or ""
            reactions.append(found["name"].lower() + (f" x{number}" if number not in {"", "1"} else ""))
        elif last:
            break
        lines.pop()
    text = "\n".join(lines).strip()
    bare = _EDITED.sub("", text).strip()
    return replace(current, text=bare, reactions=tuple(reversed(reactions)), edited=bare != text)


def _header(line: str, number: int, day: WrittenDate | None) -> Said | None:
    if len(line) > 2000 or not line.strip():
        return None
    stripped = line.strip()
    for form in (*_ONE_LINE, *_HEADERS):
        found = form.match(stripped)
        if found is None:
            continue
        groups = found.groupdict()
        name = (groups.get("name") or groups.get("nick") or "").strip(" -–—|,")
        if not name or _NO_SPEAKER.match(name) or len(name.split()) > 5:
            continue
        when = (groups.get("when") or groups.get("whole") or "").replace("\u202f", " ").replace("\u00a0", " ")
        clock = next(iter(clocks_in(when.replace("T", " ") if "T" in when[:11] else when)), None)
        if clock is None:
            continue
        app = (
            bool(re.search(r"\b(?:APP|BOT)\b", stripped[: stripped.find(when)])) or _MACHINE.fullmatch(name) is not None
        )
        name = re.sub(r"\s+(?:APP|BOT)$|\s\((?:Guest|External|Unverified)\)$", "", name).lstrip("@")
        return Said(
            name=name, clock=clock, day=_written(when) or day, relative=_relative(when),
            text=groups.get("text") or groups.get("said") or "", line=number, line_end=number, app=app,
        )  # fmt: skip
    return None


def _relative(when: str) -> str:
    found = re.match(rf"(?:[Tt]oday|[Yy]esterday|{_WEEKDAY})", when)
    return found[0].lower() if found else ""


def _written(when: str) -> WrittenDate | None:
    """Return the date in a header; `04.03.` and `3/4` have none of the year, dots mean that the day stands first."""
    if short := re.match(r"(\d{1,2})(?:\.(\d{1,2})\.|/(\d{1,2}))(?![\d/])", when):
        first, second = int(short[1]), int(short[2] or short[3])
        month, day = (second, first) if short[2] or first > 12 else (first, second)
        other = (day, month) if short[3] and month <= 12 and day <= 12 and month != day else None
        return WrittenDate(month, day, None, 0, short.end(), other) if 1 <= month <= 12 and 1 <= day <= 31 else None
    return next(iter(dates_in(when.replace("T", " ") if "T" in when[:11] else when)), None)
