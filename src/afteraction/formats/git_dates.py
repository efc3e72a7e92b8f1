"""Times as git prints them, its own form included (`Wed Mar 4 09:00:01 2026 +0100`, `1772611201 +0100`); and its one-line logs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from afteraction.formats.stamps import Stamp, parse_stamp

_NATIVE = re.compile(
    r"^(?:\w{3} )?(?P<month>\w{3}) +(?P<day>\d{1,2}) (?P<time>[\d:]+) (?P<year>\d{4})(?P<zone> [+-]\d{4})?$"
)
_RAW = re.compile(r"\d{9,11} [+-]\d{4}")
_ONELINE = re.compile(r"^[*|/\\ ]*(?P<sha>[0-9a-f]{7,40})[ \t,;|]+(?:\([^)]*\) )?\S")
_DATED = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?: ?[+-]\d\d:?\d\d|Z)?)?"
    r"|(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4}(?: [+-]\d{4})?"
)

_TOLD = re.compile(
    rf"^[*|/\\ ]*(?P<date>{_DATED.pattern}|\d{{10}})[ \t|,;]+(?P<sha>[0-9a-f]{{7,12}}|[0-9a-f]{{40}})(?=[ \t|,;]+\S)"
)
"""A line that gives the time before the commit (`%ci %h %s`)."""
_REFLOG = re.compile(r"^HEAD@\{(?P<date>[^{}]*)\}: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLine:
    """A commit that stands on one line: `date` and `author` are empty where the line does not give them."""

    sha: str
    date: str
    author: str
    title: str


def git_date(text: str, *, zone: str = "UTC", year_hint: int | None = None, order: str = "") -> Stamp | None:
    """Read a time in any form that `git log --date` prints, save those relative to now; None when it is none."""
    text = text.strip()
    if found := _NATIVE.match(text):
        text = f"{found['day']} {found['month']} {found['year']} {found['time']}{found['zone'] or ''}"
    elif _RAW.fullmatch(text):
        text = text.split()[0]
    return parse_stamp(text, zone=zone, year_hint=year_hint, order=order) if text else None


def is_oneline_log(head: bytes) -> bool:
    """Whether a text is a log of git with one line a commit: each begins with a commit's short or full name."""
    text = head[:8192].decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(head) > 8192 and len(lines) > 1:
        lines.pop()
    if _told_first(lines[:20]):
        return True
    if len(lines) < 3 or not all(_ONELINE.match(line) for line in lines[:20]):
        return False
    # numbers alone are stamps or ids; among three names of commits one has a letter
    return any(re.search("[a-f]", found["sha"]) for line in lines[:20] if (found := _ONELINE.match(line)))


def _told_first(lines: list[str]) -> bool:
    """Whether lines begin with a time and a commit's name. So do logs with ids; but they grow downwards, and git's do not."""
    found = [match for line in lines if (match := _TOLD.match(line))]
    if len(found) < max(2, len(lines)) or len({match["sha"] for match in found}) < len(found):
        return False
    stamps = [stamp.at for match in found if (stamp := git_date(match["date"]))]
    falls = all(later <= earlier for earlier, later in pairwise(stamps)) and len(set(stamps)) > 1
    return (
        len(stamps) == len(found)
        and falls
        and sum(bool(re.search("[a-f]", match["sha"])) for match in found) > len(found) / 2
    )


def oneline_commit(line: str) -> OneLine | None:
    """Part a line into the commit's name, its date as text, its author and its title; None for other lines.

    Fields that a format parts with `|` or tabs are told apart by what they hold; the title is the last of them.
    """
    if first := _TOLD.match(line):
        return OneLine(sha=first["sha"], date=first["date"], author="", title=line[first.end() :].strip(" \t,;|"))
    found = _ONELINE.match(line)
    if found is None:
        return None
    rest = line[found.end("sha") :].strip(" \t,;|")
    if moved := _REFLOG.match(rest):
        return OneLine(sha=found["sha"], date=moved["date"], author="", title=rest[moved.end() :])
    for sign in ("|", "\t"):
        fields = [field.strip() for field in line[found.end("sha") :].strip().strip(sign).split(sign)]
        dated = next(
            (n for n, field in enumerate(fields) if _DATED.fullmatch(field) or re.fullmatch(r"\d{10}", field)), None
        )
        if dated is not None and len(fields) > 1:
            others = [field for n, field in enumerate(fields) if n != dated and field]
            named = [
                field for field in others[:-1] if "@" not in field and not re.fullmatch(r"[0-9a-f]{7,40}|\(.*\)", field)
            ]
            return OneLine(
                sha=found["sha"], date=fields[dated], author=next(iter(named), ""), title=others[-1] if others else ""
            )
    told = _DATED.search(rest)
    if told is None:
        return OneLine(sha=found["sha"], date="", author="", title=rest)
    around = f"{rest[: told.start()].rstrip(' (,;|')} {rest[told.end() :].lstrip(' ),;|')}"
    return OneLine(sha=found["sha"], date=told[0], author="", title=around.strip(" ("))
