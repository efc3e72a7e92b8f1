"""Shell histories become entries: the command, its lines, when it was entered and how long it ran where that is written.

Read are the files of bash (`#1700000000` above each command), zsh (`: 1700000000:0;command`) and fish (`- cmd:` with
`when:`), and what `history` and `fc -l` list with times. Forms as in bash's and zsh's manuals (HISTTIMEFORMAT,
EXTENDED_HISTORY) and fish's source. A history without times is known by the file's name only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from afteraction.formats.commands import effect_of
from afteraction.formats.stamps import Layout, Stamp, date_order, detect, parse_stamp
from afteraction.model.event import Effect
from afteraction.model.reading import RawInput

_NAMED = re.compile(r"(?:^|[/._-])(?:bash|zsh|fish|sh|ash|ksh|mksh|tcsh|csh|shell|consolehost)[_-]hist(?:ory|file)(?:\.(?:txt|log|\d+))*$", re.IGNORECASE)  # fmt: skip
_BASH = re.compile(r"^#\+?(?P<epoch>\d{9,11})$")
_ZSH = re.compile(r"^: (?P<epoch>\d{9,11}):(?P<seconds>\d{1,9});(?P<command>.*)$")
_DATED = re.compile(r"^# (?P<stamp>\S.{6,60}\d\d:\d\d:\d\d.{0,24})$")
_FISH = re.compile(r"^- cmd: (?P<command>.*)$")
_FISH_WHEN = re.compile(r"^ {1,4}when: (?P<epoch>\d{1,20})\s*$")
_LISTED = re.compile(r"^\s*(?P<number>\d{1,7})\*?\s+\[?(?=\S)")
_ESCAPED = re.compile(r"\\(n|\\)")
_META = 0x83
_SAMPLED = 200


class HistoryForm(StrEnum):
    """How a history is written."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    DATED = "dated"
    """What fish's `history --show-time` lists: a comment with the time above each command."""
    LISTED = "listed"
    BARE = "bare"
    """One command a line and no times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """A command of a history with its 1-based lines; `stamp` and `seconds` are None where the history does not tell."""

    command: str
    line: int
    line_end: int
    stamp: Stamp | None = None
    seconds: float | None = None


def history_form(raw: RawInput) -> HistoryForm | None:
    """Return how `raw` is written when it is a shell's history, else None."""
    return _form(raw.head, bool(_NAMED.search(raw.name)))


@lru_cache(maxsize=4)
def _form(head: bytes, named: bool) -> HistoryForm | None:
    if b"\0" in head[:4096]:
        return None
    lines = [line for line in _text(head).split("\n")[: 4 * _SAMPLED] if line.strip()][:_SAMPLED]
    for form, pattern in ((HistoryForm.BASH, _BASH), (HistoryForm.ZSH, _ZSH)):
        found = [number for number, line in enumerate(lines) if pattern.match(line)]
        if found[:1] == [0] or len(found) >= 3 or (named and found):
            return form
    if lines and _FISH.match(lines[0]) and any(_FISH_WHEN.match(line) for line in lines):
        return HistoryForm.FISH
    if len(lines) > 1 and _date_above(lines[0]) and not lines[1].startswith("#"):
        return HistoryForm.DATED
    if _listed(lines) or _listed_without_times(lines):
        return HistoryForm.LISTED
    return HistoryForm.BARE if named and lines else None


def _listed(lines: list[str]) -> Layout | None:
    """Return how a numbered list tells its times when most of it are known commands behind times, else None.

    A log with line numbers before it looks alike; but what follows its times is no command.
    """
    found = [(int(match["number"]), line[match.end() :]) for line in lines if (match := _LISTED.match(line))]
    if len(found) < max(2, 0.6 * len(lines)) or not (lines and _LISTED.match(lines[0])):
        return None
    layout = detect([rest for _, rest in found])
    if layout is None or layout.columns != (0, 0):
        return None
    steps = sum(later == earlier + 1 for (earlier, _), (later, _) in pairwise(found))
    commands = [line for _, rest in found if (line := _behind(rest, layout)[1])]
    known = sum(effect_of(command) is not Effect.UNKNOWN for command in commands)
    return layout if steps >= 0.8 * (len(found) - 1) and known >= max(1, 0.5 * len(commands)) else None


def _date_above(line: str) -> Stamp | None:
    found = _DATED.match(line)
    return parse_stamp(found["stamp"]) if found else None


def _listed_without_times(lines: list[str]) -> bool:
    """Whether a text is what `history` lists without times: numbers that count up by one, and known commands behind them."""
    found = [(int(match["number"]), line[match.end() :]) for line in lines if (match := _LISTED.match(line))]
    if len(found) < max(3, 0.8 * len(lines)):
        return False
    counts = all(later == earlier + 1 for (earlier, _), (later, _) in pairwise(found))
    known = sum(effect_of(command) is not Effect.UNKNOWN for _, command in found)
    return counts and known >= 0.6 * len(found)


def _behind(text: str, layout: Layout) -> tuple[str, str]:
    """Part `text` into the stamp at its beginning and the command behind it."""
    found = layout.find(text)
    return ("", text) if found is None else (found[0], text[found.end() :].lstrip("]").strip())


def _text(data: bytes) -> str:
    """Decode a history; zsh writes bytes above 0x82 as a mark and the byte with one bit turned (`metafy`)."""
    if _META in data and data.startswith(b": "):
        plain, at = bytearray(), 0
        while at < len(data):
            if data[at] == _META and at + 1 < len(data):
                plain.append(data[at + 1] ^ 0x20)
                at += 2
            else:
                plain.append(data[at])
                at += 1
        data = bytes(plain)
    text = data.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def history_entries(data: bytes, form: HistoryForm, *, zone: str = "UTC") -> Iterator[HistoryEntry]:
    """Yield the commands of a history in its order; `zone` holds for listed times, the files of shells tell epochs."""
    lines = _text(data).split("\n")
    if form is HistoryForm.BASH:
        yield from _bash(lines)
    elif form is HistoryForm.ZSH:
        yield from _zsh(lines)
    elif form is HistoryForm.FISH:
        yield from _fish(lines)
    elif form is HistoryForm.DATED:
        yield from _dated(lines, zone)
    elif form is HistoryForm.LISTED:
        yield from _of_list(lines, zone)
    else:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield HistoryEntry(command=line.strip(), line=number, line_end=number)


def _entry(command: list[str], line: int, epoch: str, seconds: str = "") -> HistoryEntry:
    while command and not command[-1].strip():
        command = command[:-1]
    return HistoryEntry(
        command="\n".join(command).strip(),
        line=line,
        line_end=line + max(0, len(command) - 1),
        stamp=parse_stamp(epoch) if epoch else None,
        seconds=float(seconds) if seconds else None,
    )


def _bash(lines: list[str]) -> Iterator[HistoryEntry]:
    """Between two stamps stands one command, of several lines with `lithist`; before the first, one a line."""
    epoch, begun = "", 0
    held: list[str] = []
    for number, line in enumerate([*lines, "#0000000000"], 1):
        if found := _BASH.match(line):
            if any(part.strip() for part in held):
                yield _entry(held, begun, epoch)
            epoch, held = found["epoch"], []
        elif not epoch:
            if line.strip():
                yield _entry([line], number, "")
        else:
            begun = begun if held else number
            held.append(line)


def _zsh(lines: list[str]) -> Iterator[HistoryEntry]:
    """A line that ends with a backslash goes on in the next."""
    at = 0
    while at < len(lines):
        found = _ZSH.match(lines[at])
        command = [found["command"] if found else lines[at]]
        begun = at
        while command[-1].endswith("\\") and at + 1 < len(lines) and not _ZSH.match(lines[at + 1]):
            command[-1] = command[-1][:-1]
            at += 1
            command.append(lines[at])
        at += 1
        if any(part.strip() for part in command):
            yield _entry(command, begun + 1, found["epoch"] if found else "", found["seconds"] if found else "")


def _fish(lines: list[str]) -> Iterator[HistoryEntry]:
    command, epoch, begun, last = "", "", 0, 0
    for number, line in enumerate([*lines, "- cmd: "], 1):
        if found := _FISH.match(line):
            if command:
                made = _entry([command], begun, epoch)
                yield HistoryEntry(command=made.command, line=begun, line_end=last, stamp=made.stamp)
            command = _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else "\\", found["command"])
            epoch, begun, last = "", number, number
        elif found := _FISH_WHEN.match(line):
            epoch, last = found["epoch"], number
        elif line.strip():
            last = number


def _dated(lines: list[str], zone: str) -> Iterator[HistoryEntry]:
    stamp, begun = "", 0
    held: list[str] = []
    for number, line in enumerate([*lines, "# 0000-00-00 00:00:00"], 1):
        if found := _DATED.match(line):
            if any(part.strip() for part in held):
                entry = _entry(held, begun, "")
                read = parse_stamp(stamp, zone=zone) if stamp else None
                yield HistoryEntry(command=entry.command, line=begun, line_end=entry.line_end, stamp=read)
            stamp, held = found["stamp"], []
        elif held or line.strip():
            begun = begun if held else number
            held.append(line)


def _of_list(lines: list[str], zone: str) -> Iterator[HistoryEntry]:
    """Lines without a number belong to the command above; the zone of listed times is the shell's own."""
    layout = _listed([line for line in lines if line.strip()][:_SAMPLED])
    order = date_order("\n".join(lines))
    held: list[str] = []
    stamp, begun = "", 0
    for number, line in enumerate([*lines, "0 "], 1):
        found = _LISTED.match(line)
        if found is None and number <= len(lines):
            held.append(line)
            continue
        if any(part.strip() for part in held):
            entry = _entry(held, begun, "")
            read = parse_stamp(stamp, zone=zone, order=order) if stamp else None
            yield HistoryEntry(command=entry.command, line=begun, line_end=entry.line_end, stamp=read)
        if found and number <= len(lines):
            stamp, command = _behind(line[found.end() :], layout) if layout else ("", line[found.end() :])
            held, begun = [command], number
