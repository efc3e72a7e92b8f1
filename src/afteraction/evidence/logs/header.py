"""Where a log line's message begins: the header's end is learnt from a sample of raw lines, no format is given.

Lines come in, messages with severity, component and thread go out. A line that has no header is all message.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

_LEVEL = re.compile(
    r"[\[<(]?(?P<level>TRACE|TRC|DEBUG|DBG|INFO|INF|NOTICE|WARN(?:ING)?|WRN|FTL|PNC|ERR(?:OR)?|SEVERE|CRIT(?:ICAL)?|ALERT|EMERG|FATAL|FAILURE|PANIC|[VDIWEF])"
    r"\s*[\])>:,|]*$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\W*(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/]\d\d(?:[-/]\d\d)?|\d\d?[.]\d\d|\d{1,2}:\d\d(?::\d\d)?|\d{6,8})(?:[T_ -]?[\d:.,]+)?"
    r"(?:Z|[+-]\d\d:?\d\d)?\W*$"
)
_NUMBER = re.compile(r"[\[(]?\d+[\])]?$")
_TOKEN = re.compile(r"\[\S*\](?=\s|:|$):?|\[[^\]]*\]:?|[^\s|]+|\|")
_KLOG = re.compile(r"(?P<level>[VDIWEF])(?:\d{4})?\d{4}$")
_MODULE_LEVEL = re.compile(r"\[(?P<module>\w+):(?P<level>trace\d?|debug|info|notice|warn|error|crit|alert|emerg)\]$")
"""Apache's module and level in one pair of brackets."""
_LOGGER = re.compile(
    r"[A-Za-z_$][\w$]*(?:(?:\.|::)[\w$]+)+(?::(?:<\w+>|\w+):\d+)?$|[\w./-]+:\d+\]$|[A-Za-z_][\w.]*:[\w<>]+:\d+$"
)
"""The name of a logger, or the place in the code: `shop.basket.Api`, `server.go:88]`, `app.main:serve:36`."""
_PLACE = re.compile(r"(?P<logger>[^\s:]\S*)\s+: |(?P<place>[\w./-]+:\d+)(?:\] |\t)")
"""Spring pads the logger's name before its colon; klog closes the place in the code with a bracket, zap with a tab."""
_NUMBERS = re.compile(r"[\d#*.]+:$")
_STREAMS = frozenset({"stdout", "stderr"})
"""Behind these a container runtime says `F` for a full line and `P` for a part of one."""
_WIDTH = 14
"""How many words a header can have."""
_SHARE = 0.9
"""The share of lines in which a word of the header must be of a header's kind."""
_GAP = 4
"""How many plain words (host, process) may stand between two words of a header."""
_CLOSING = {"comp": 0, "sep": 1}
"""How many plain words may still follow these behind the level: `INFO - shop.api - ` goes on, the words of a message,
`Login failed - user: anna - status: 200`, do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The last word of the header: its number (0-based) and kind; `width` is 0 when there is no header."""

    index: int = -1
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A line taken apart. `severity` is in small letters; what the header does not hold is empty.

    `indent` is the white space before the message, beyond the one blank behind a header.
    """

    message: str
    severity: str = ""
    component: str = ""
    thread: str = ""
    indent: int = 0


def kind(token: str) -> str:
    """Return what a word of a header is: sep, time, num, level, brk (in brackets), comp (before a colon) or txt."""
    if token in {"-", "|"}:
        return "sep"
    if _TIME.match(token):
        return "time"
    if _NUMBER.match(token):
        return "num"
    if _LEVEL.match(token):
        return "level"
    if _MODULE_LEVEL.match(token):
        return "level"
    if token[0] == "[" and token.rstrip(":")[-1] == "]":
        return "brk"
    return "comp" if token[-1] == ":" and len(token) > 1 else "txt"


def learn(sample: Sequence[str]) -> Header:
    """Return the header that most of the sampled lines begin with."""
    columns = [Counter[str]() for _ in range(_WIDTH)]
    for line in sample:
        for index, token in enumerate(_TOKEN.finditer(line)):
            if index >= _WIDTH:
                break
            columns[index][kind(token[0])] += 1
    header, gap, most, levelled = Header(), 0, _GAP, False
    for index, column in enumerate(columns):
        if not column:
            break
        common = column.most_common(1)[0][0]
        share = sum(lines for name, lines in column.items() if name != "txt") / len(sample)
        if common != "txt" and share >= _SHARE:
            header, gap = Header(index=index, kind=common), 0
            levelled |= common == "level"
            most = _CLOSING.get(common, most) if levelled else most
        elif (gap := gap + 1) > most:
            break
    return header


def take_apart(line: str, header: Header) -> Parts:
    """Return the line's message and what its header tells."""
    whole = Parts(message=line, indent=len(line) - len(line.lstrip()))
    if header.index < 0:
        return whole
    tokens = []
    for token in _TOKEN.finditer(line):
        tokens.append(token)
        if len(tokens) > header.index + 4:
            break
    end = _end(tokens, header)
    if end is None:
        return whole
    rest = line[tokens[end].end() :]
    message = rest.lstrip(" |-\t")
    found = _told([token[0] for token in tokens[: end + 1]])
    following = _PLACE.match(message) if not found.component else None
    if following:
        found, message = replace(found, component=following["logger"] or following["place"]), message[following.end() :]
    return replace(found, message=message, indent=max(0, len(rest) - len(rest.lstrip()) - 1))


def _told(words: Sequence[str]) -> Parts:
    """Return severity, component and thread that the words of a header tell."""
    severity = component = thread = logger = ""
    before = ""
    for word in words:
        what = kind(word)
        moduled = _MODULE_LEVEL.match(word)
        if moduled:
            component, severity = moduled["module"], moduled["level"].lower()
        elif found := _LEVEL.match(word) if what == "level" else _KLOG.match(word):
            if before not in _STREAMS and (not severity or (len(severity) == 1 and len(found["level"]) > 1)):
                severity = found["level"].lower()
        elif what == "comp" and not _NUMBERS.match(word):
            component = re.sub(r"\[\d+\]$", "", word.rstrip(":"))
        elif what == "brk" and re.search(r"[A-Za-z]", word) and not re.search(r"\d\d:\d\d|=", word):
            thread = word.strip("[]:")
        elif _LOGGER.match(word):
            logger = word.strip("[]:")
        before = word
    return Parts(message="", severity=severity, component=component or logger, thread=thread)


def _end(tokens: list[re.Match[str]], header: Header) -> int | None:
    """Return the number of the header's last word in this line, which may be a few words off; None: no words."""
    for index in (header.index + shift for shift in (0, 1, -1, 2, 3, -2)):
        if 0 <= index < len(tokens) - 1 and kind(tokens[index][0]) == header.kind:
            return index
    return min(header.index, len(tokens) - 1) if tokens else None
