"""Recorded and pasted terminal sessions: typescripts of `script`, asciinema casts, and text copied from a terminal.

Every command becomes an event with its output, who typed it when the prompt says so, and what it does to the system.
Times come from the recording (a cast, a timing file beside the typescript), from stamps in prompts, and from `date` in
the session; between two known times a command stands at the earlier one with the precision of the gap. A session that
tells no time at all is refused with a problem, since its commands have no place in a timeline.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from afteraction.formats.command_events import Typed, command_event, is_silent
from afteraction.formats.json_documents import decode_text, value_of
from afteraction.formats.kubectl.happenings import happenings
from afteraction.formats.kubectl.in_sessions import Shown, objects_shown
from afteraction.formats.products import Product, cast_header, product_of
from afteraction.formats.screen import screen_lines
from afteraction.formats.session_clock import day_in_name, fallback_time
from afteraction.formats.sessions import TypedCommand, commands_in, prompt_at
from afteraction.formats.stamps import Stamp, parse_stamp
from afteraction.model.event import Call, Event
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Context, Problem, RawInput, Reading

_STARTED = re.compile(rb"^Script started(?:, [^\r\n]*| on (?P<stamp>[^\r\n\[]*))(?P<more>\[[^\r\n]*)?\r?\n?")
_ENDED = re.compile(rb"\r?\nScript done(?: on|:)?,? ?(?P<stamp>[^\r\n\[]*)(?P<more>\[[^\r\n]*)?\s*$")
_COMMANDED = re.compile(rb'COMMAND="(?P<command>.+)"(?= <| [A-Z]+="|\])')
_FENCED = re.compile(r"\s*```[^\n]*\n[^`]+```\s*(?:```[^\n]*\n[^`]+```\s*)*$")
"""A session that was pasted as a block of code, and nothing beside it."""
_TIMING_LINE = re.compile(rb"^(?:(?P<kind>[OIHS]) )?(?P<delay>\d+\.\d+) (?P<rest>.*)$")
_DATE = r"date(?:\s+(?:-u|--utc|-R|-Is?|-I\w+|--iso-8601(?:=\w+)?|--rfc-\S+|\+(?:'[^']*'|\"[^\"]*\"|\S+)))*"
_DATE_FIRST = re.compile(rf"^(?:TZ=\S+\s+)?{_DATE}\s*(?:$|;|&&)")
_DATE_LAST = re.compile(rf"(?:;|&&)\s*(?:TZ=\S+\s+)?{_DATE}\s*;?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """What is known of a session's time: points of byte offset and time in order, and whether between them is exact."""

    points: tuple[tuple[int, datetime], ...] = ()
    exact: bool = False
    zone: str = "UTC"
    day: date | None = None
    fallback: Stamp | None = None
    typed: tuple[int, ...] = ()
    """The offsets behind all commands, in order."""
    asked: frozenset[int] = frozenset()
    """The offsets of the points that `date` told."""
    offsets: tuple[int, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "offsets", tuple(offset for offset, _ in self.points))


_Timed = tuple[datetime, Precision, float | None]
"""When a command was entered, how exactly that is known, and how many seconds it ran."""


class Terminal:
    """Reads terminal sessions."""

    name = "terminal"
    summary = "Terminal sessions (script typescripts, asciinema casts, pasted `$ command`): commands with their output"

    def claims(self, raw: RawInput) -> bool:
        """Claim typescripts and their timing files, casts, and text that begins with a prompt."""
        if _STARTED.match(raw.head) or product_of(raw) is Product.CAST:
            return True
        return _is_timing(raw.head) or _is_pasted(raw.head)

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read the commands of a session; a timing file yields nothing by itself."""
        data = raw.read()
        problems: list[Problem] = []
        if _is_timing(data[:4096]):
            return Reading(lines=data.count(b"\n"))
        if header := cast_header(data):
            output, clock, problems = _cast(data, header, raw.name)
            commands = list(commands_in(screen_lines(output, _width(header))))
            by_line = False
        else:
            started = _STARTED.match(data)
            clock = _script_clock(data, raw, context) if started else _pasted_clock(raw, context)
            columns = re.search(rb'COLUMNS="(\d{1,4})"', started["more"] or b"") if started else None
            lines = screen_lines(_unfenced(data), int(columns[1]) if columns else 0)
            ended = _ENDED.search(data) if started else None
            commands = list(commands_in(line for line in lines if ended is None or line.start <= ended.start()))
            if started and not commands:
                commands = _recorded_alone(data, started, ended)
            clock, by_line = _with_dates(commands, clock, context), True
        events = _events(commands, clock, raw.name, self.name, by_line=by_line)
        problems += _timeless(commands, events, raw.name)
        objects, unread = objects_shown(_shown(commands, clock, raw.name, by_line=by_line))
        events += happenings(objects, self.name, Precision.MINUTE)
        return Reading(events=tuple(events), objects=objects, problems=(*problems, *unread), lines=data.count(b"\n"))


def _unfenced(data: bytes) -> bytes:
    """Return a session without the fences of Markdown around it, line for line."""
    return re.sub(rb"^```[^\r\n]*", b"", data, flags=re.MULTILINE) if data.lstrip().startswith(b"```") else data


def _recorded_alone(data: bytes, started: re.Match[bytes], ended: re.Match[bytes] | None) -> list[TypedCommand]:
    """Return the one command that `script -c` recorded: its header names it, and no prompt was printed."""
    named = _COMMANDED.search(started["more"] or b"")
    if named is None:
        return []
    last = ended.start() if ended else len(data)
    shown = [line for line in screen_lines(data) if started.end() <= line.start < last]
    output = "\n".join(line.text for line in shown).strip("\n")
    line_end = max((line.number for line in shown if line.text.strip()), default=1)
    return [TypedCommand(
        command=named["command"].decode("utf-8", "replace"), output=output, line=1, line_end=line_end, entered=started.end(),
        returned=last,
    )]  # fmt: skip


def _shown(commands: list[TypedCommand], clock: _Clock, file: str, *, by_line: bool) -> Iterator[Shown]:
    """Yield the commands with their place, and their time where it is known to the minute."""
    for number, command in enumerate(commands, 1):
        timed = _time_of(command, clock)
        known = timed is not None and timed[1].seconds <= Precision.MINUTE.seconds
        yield Shown(
            command=command,
            origin=_origin(command, number, file, by_line=by_line),
            at=timed[0] if timed and known else None,
        )


def _origin(command: TypedCommand, number: int, file: str, *, by_line: bool) -> Origin:
    if by_line:
        return Origin(file=file, line=command.line, line_end=command.line_end)
    return Origin(file=file, record=f"command {number}")


def _timeless(commands: list[TypedCommand], events: list[Event], file: str) -> list[Problem]:
    """Say so when a session tells no time, or only the time of its file."""
    if not commands or any(event.precision is not Precision.UNKNOWN for event in events):
        return []
    placed = "they stand at the time of the file" if events else "they have no place in the timeline"
    reason = f"the session tells no time for its {len(commands)} commands, so {placed}"
    remedy = "put the date into the file's name, or run `date` in the session"
    return [Problem(origin=Origin(file=file, line=commands[0].line), reason=reason, remedy=remedy)]


# --- recognising --------------------------------------------------------------------------------------------------


def _width(header: Any) -> int:
    width = value_of(header, "width") or value_of(header, "term.cols")
    return width if isinstance(width, int) and 0 < width < 2000 else 0


def _is_timing(head: bytes) -> bool:
    lines = [line.rstrip(b"\r") for line in head.split(b"\n")[:20]]
    lines = [line for line in (lines[:-1] if len(lines) > 1 else lines) if line]
    found = [_TIMING_LINE.match(line) for line in lines]
    shaped = (match and (match["kind"] or re.fullmatch(rb"\d+", match["rest"])) for match in found)
    return bool(lines) and all(shaped)


def _is_pasted(head: bytes) -> bool:
    """Whether the first lines show a prompt with a command; notes and chats that quote one do not begin with it."""
    text = decode_text(head[:16_384])
    if "\x00" in text or ("```" in text and not _FENCED.match(text)):
        return False
    lines = [line.text for line in screen_lines(text.encode())][:200]
    lines = [line for line in lines if line.strip()]
    led = [line for line in lines[:4] if not re.match(r"^(?:```|Last login|Welcome to|Linux \S+ \d|#\s)", line)]
    typed = prompt_at(led[0]) if led else None
    return typed is not None and bool(typed.command)


# --- times --------------------------------------------------------------------------------------------------------


def _script_clock(data: bytes, raw: RawInput, context: Context) -> _Clock:
    """Use the timing file when it lies beside the typescript, else the two stamps of the typescript itself."""
    head, tail = _STARTED.match(data), _ENDED.search(data)
    start = _stamp_of(head["stamp"] if head else None, context)
    end = _stamp_of(tail["stamp"] if tail else None, context)
    body = head.end() if head else 0
    if (timing := _timing_beside(raw)) and (points := _timing_points(timing, start, body)):
        return _Clock(points=tuple(points), exact=True, zone=context.zone)
    points = [(body, start)] if start else []
    if end and tail:
        points.append((tail.start(), end))
    return _Clock(points=tuple(points), zone=context.zone)


def _stamp_of(text: bytes | None, context: Context) -> datetime | None:
    if not text:
        return None
    stamp = parse_stamp(text.decode("utf-8", "replace").strip(), zone=context.zone, year_hint=context.year_hint)
    return stamp.at if stamp else None


def _timing_beside(raw: RawInput) -> bytes:
    """Find the timing file under the names that manuals and habits give it."""
    if raw.beside is None:
        return b""
    name = raw.name.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    candidates = [
        f"{base}{tail}"
        for base in dict.fromkeys((name, stem))
        for tail in (".timing", ".time", ".tm", ".timing.log", "-timing", ".timings")
    ]
    for candidate in [*candidates, "timing", "timing.log", "timingfile", "timing.txt", "timing.tm"]:
        found = raw.beside(candidate)
        if found and _is_timing(found[:4096]):
            return found
    return b""


def _timing_points(timing: bytes, start: datetime | None, body: int) -> list[tuple[int, datetime]]:
    """Return byte offset and time behind every chunk of output; empty when the start is nowhere stated."""
    chunks: list[tuple[float, int]] = []
    elapsed = 0.0
    for line in timing.splitlines():
        found = _TIMING_LINE.match(line)
        if found is None:
            continue
        if found["kind"] == b"H":
            key, _, value = found["rest"].partition(b" ")
            stamp = parse_stamp(value.decode("utf-8", "replace")) if key == b"START_TIME" else None
            start = stamp.at if stamp else start
            continue
        elapsed += min(float(found["delay"]), 1e7)
        if found["kind"] in {None, b"O"} and found["rest"].isdigit():
            chunks.append((elapsed, min(int(found["rest"]), 1 << 40)))
    if start is None:
        return []
    points = [(body, start)]
    for elapsed, size in chunks:
        try:
            points.append((points[-1][0] + size, start + timedelta(seconds=elapsed)))
        except OverflowError:
            break
    return points


def _cast(data: bytes, header: Any, file: str) -> tuple[bytes, _Clock, list[Problem]]:
    """Return a cast's output as one stream, the time at each offset, and what was no event of a cast."""
    stamp = parse_stamp(value_of(header, "timestamp")) if isinstance(value_of(header, "timestamp"), int) else None
    relative = header.get("version") == 3
    pieces: list[bytes] = []
    points: list[tuple[int, datetime]] = []
    problems: list[Problem] = []
    size, elapsed = 0, 0.0
    for number, line in enumerate(data.split(b"\n")[1:], 2):
        if not line.strip() or line.startswith(b"#"):
            continue
        try:
            event = json.loads(line)
            delay, kind, text = float(event[0]), event[1], event[2]
        except (ValueError, RecursionError, TypeError, LookupError, OverflowError):
            reason = "this line is no event of a cast"
            problems.append(Problem(origin=Origin(file=file, line=number), reason=reason, remedy="record it again"))
            continue
        if not 0 <= delay < 1e7:
            continue
        elapsed = elapsed + delay if relative else delay
        if kind == "o" and isinstance(text, str):
            piece = text.encode("utf-8", "replace")
            pieces.append(piece)
            size += len(piece)
            if stamp:
                points.append((size, stamp.at + timedelta(seconds=min(elapsed, 1e8))))
    if stamp is None:
        reason = "the cast's header has no `timestamp`"
        problems.append(
            Problem(origin=Origin(file=file, line=1), reason=reason, remedy="add the epoch seconds of its start")
        )
    return b"".join(pieces), _Clock(points=tuple(points), exact=True), problems


def _pasted_clock(raw: RawInput, context: Context) -> _Clock:
    """A pasted session knows its day at best: from its name, or from when it is known to be captured."""
    day = day_in_name(raw.name) or (raw.captured.date() if raw.captured else None)
    return _Clock(zone=context.zone, day=day, fallback=fallback_time(raw))


def _with_dates(commands: list[TypedCommand], clock: _Clock, context: Context) -> _Clock:
    """Add the times that `date` printed inside the session, also before or behind another command on its line."""
    if clock.exact:
        return clock
    told: list[tuple[int, datetime]] = []
    for command in commands:
        shown = [line for line in command.output.splitlines() if line.strip()]
        for form, line, offset in (
            (_DATE_FIRST, shown[:1], command.entered),
            (_DATE_LAST, shown[-1:], command.returned),
        ):
            if not line or offset < 0 or not form.search(command.command):
                continue
            stamp = parse_stamp(line[0].strip()[:80], zone=context.zone, day_hint=clock.day)
            if stamp and stamp.precision.seconds <= 60:
                told.append((offset, stamp.at))
    return replace(
        clock,
        points=tuple(sorted([*clock.points, *told])),
        typed=tuple(command.entered for command in commands),
        asked=frozenset(offset for offset, _ in told),
    )


# --- events -------------------------------------------------------------------------------------------------------


def _events(commands: Iterable[TypedCommand], clock: _Clock, file: str, source: str, *, by_line: bool) -> list[Event]:
    events: list[Event] = []
    for number, command in enumerate(commands, 1):
        if found := re.fullmatch(r"echo \"?\$\?\"?", command.command):
            code = command.output.strip()
            if found and events and code.isdigit() and len(code) < 4:
                events[-1] = _with_exit(events[-1], int(code))
            continue
        timed = _time_of(command, clock)
        if timed is None or is_silent(command.command):
            continue
        origin = _origin(command, number, file, by_line=by_line)
        events.append(_event(command, timed, origin, source, clock.zone))
    return events


def _time_of(command: TypedCommand, clock: _Clock) -> _Timed | None:
    """Return when a command was entered, how exactly that is known, and how long it ran."""
    day = clock.day or (clock.points[0][1].date() if clock.points else None)
    if command.stamp and (stamp := parse_stamp(command.stamp, zone=clock.zone, day_hint=day)):
        at = stamp.at
        if clock.points and len(command.stamp) < 12 and at < clock.points[0][1] - timedelta(hours=1):
            at += timedelta(days=1)  # a bare time of day behind midnight
        return at, stamp.precision, None
    if not clock.points:
        known = clock.fallback
        return (known.at, known.precision, None) if known else None
    offsets = clock.offsets
    if clock.exact:
        index = min(bisect_left(offsets, command.entered), len(offsets) - 1)
        at = clock.points[index][1]
        if command.returned < 0:
            return at, Precision.MILLISECOND, None
        back = clock.points[min(bisect_left(offsets, command.returned + 1), len(offsets) - 1)][1]
        return at, Precision.MILLISECOND, max(0.0, round((back - at).total_seconds(), 3))
    before = max(0, bisect_left(offsets, command.entered + 1) - 1)
    at = clock.points[before][1]
    if clock.points[before][0] == command.entered:
        return at, Precision.SECOND, None
    return at, _tick_between(command, clock, before), None


def _tick_between(command: TypedCommand, clock: _Clock, before: int) -> Precision:
    """Return how exactly a command's time is known that stands at the known time before it.

    The next known time bounds it. Where none follows, a sitting is taken to last an hour at most. Whoever asks for the
    `date` types the next command right behind it: it is of the same minute.
    """
    offset, at = clock.points[before]
    follows = before + 1 < len(clock.points)
    gap = (clock.points[before + 1][1] - at).total_seconds() if follows else Precision.HOUR.seconds
    between = bisect_left(clock.typed, command.entered) - bisect_left(clock.typed, offset + 1)
    if offset in clock.asked and between == 0:
        gap = min(gap, Precision.MINUTE.seconds)
    return next((tick for tick in (Precision.MINUTE, Precision.HOUR) if gap <= tick.seconds), Precision.DAY)


def _with_exit(event: Event, code: int) -> Event:
    call = event.detail
    return replace(event, detail=replace(call, exit_code=code, is_error=code != 0)) if isinstance(call, Call) else event


def _event(command: TypedCommand, timed: _Timed, origin: Origin, source: str, zone: str) -> Event:
    at, precision, seconds = timed
    typed = Typed(
        command=command.command, user=command.user, dialect=command.dialect, output=command.output, seconds=seconds
    )
    return command_event(typed, at=at, precision=precision, origin=origin, source=source, zone=zone)
