"""Times as git prints them, its own form included (`Wed Mar 4 09:00:01 2026 +0100`, `1772611201 +0100`); and its one-line logs."""

from __future__ import annotations

import re

from afteraction.formats.stamps import Stamp, parse_stamp

_NATIVE = re.compile(
    r"^(?:\w{3} )?(?P<month>\w{3}) +(?P<day>\d{1,2}) (?P<time>[\d:]+) (?P<year>\d{4})(?P<zone> [+-]\d{4})?$"
)
_RAW = re.compile(r"\d{9,11} [+-]\d{4}")
_ONELINE = re.compile(r"^[*|/\\ ]*(?P<sha>[0-9a-f]{7,40})[ \t,;]+(?:\([^)]*\) )?\S")
_DATED = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?: ?[+-]\d\d:?\d\d|Z)?)?"
    r"|(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4}(?: [+-]\d{4})?"
)


def git_date(text: str, *, zone: str = "UTC", year_hint: int | None = None) -> Stamp | None:
    """Read a time in any form that `git log --date` prints, save those relative to now; None when it is none."""
    text = text.strip()
    if found := _NATIVE.match(text):
        text = f"{found['day']} {found['month']} {found['year']} {found['time']}{found['zone'] or ''}"
    elif _RAW.fullmatch(text):
        text = text.split()[0]
    return parse_stamp(text, zone=zone, year_hint=year_hint) if text else None


def is_oneline_log(head: bytes) -> bool:
    """Whether a text is a log of git with one line a commit: each begins with a commit's short or full name."""
    lines = [line for line in head[:8192].decode("utf-8", "replace").splitlines() if line.strip()]
    if len(head) > 8192 and len(lines) > 1:
        lines.pop()
    return len(lines) >= 3 and all(_ONELINE.match(line) for line in lines[:20])


def oneline_commit(line: str) -> tuple[str, str, str] | None:
    """Part a line into the commit's name, its date as text (empty where it has none) and the rest; None for other lines."""
    found = _ONELINE.match(line)
    if found is None:
        return None
    rest = line[found.end("sha") :].strip(" \t,;")
    dated = _DATED.search(rest)
    if dated is None:
        return found["sha"], "", rest
    around = f"{rest[: dated.start()].rstrip(' (,;|')} {rest[dated.end() :].lstrip(' ),;|')}"
    return found["sha"], dated[0], around.strip(" (")
