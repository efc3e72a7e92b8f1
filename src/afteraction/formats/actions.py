"""Action items as people note them: `ACTION: add a limit @bo by Friday`, `TODO(@bo): ...`, `Follow-up: ...`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from afteraction.formats.prose_times import dates_in
from afteraction.formats.stamps import parse_stamp

_MARK = re.compile(
    r"^(?P<mark>action(?:[ -]item)?s?|AI(?=:\s*@)|AI(?=:\s.{5,120}\b(?:by|until|before|due)\s)|to[ -]?do|follow[ -]?ups?|next steps?|remediation)(?:\s?\((?P<owner>@?[\w .-]{2,40})\))?"
    r"(?:\s?#?\d{1,2})?(?:\s?[:=]|\s[-–—])\s*(?P<text>\S.{3,})$|^(?P<bare>TODO|ACTION|AI)\s+(?P<baretext>@?[\w].{8,})$",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"\(?\b(?:owner|assignee|assigned to|owned by)[:=]?\s*(?P<named>@?[\w.-]+(?: [A-Z][\w.-]+)?)\)?|(?P<at>(?-i:@[A-Z][\w'-]+ [A-Z][\w'-]+)|@[\w.-]*\w)",
    re.IGNORECASE,
)
_WHEN = (
    r"(?:eod|cob|end of (?:the )?(?:day|week|month|quarter|year)|today|tonight|tomorrow|this week|next week|this month|next month|"
    r"(?:this|next) (?:quarter|sprint)|q[1-4](?: \d{4})?|(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)\b|\d{1,2}\.\d{1,2}\.\d{4}|"
    r"\d{4}-\d\d-\d\d|(?:\d{1,2}(?:st|nd|rd|th)? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d{1,2}(?:st|nd|rd|th)?)?(?:,? \d{4})?|"
    r"(?:in |within )?\d{1,3} (?:hours?|days?|weeks?|months?))"
)
_DUE = re.compile(
    rf"\(?\b(?:due(?: date)?:?|by|until|before|deadline:?|eta:?)\s+(?:the )?(?P<due>{_WHEN})\b\)?|\b(?P<bare>(?:today|tomorrow|tonight|this week|next week|this quarter|next month))$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedAction:
    """An action as it was noted; `field` names its horizon, `value` reads `Text - Owner: @bo, Due: Friday`."""

    field: str
    value: str


_HEAD = re.compile(
    r"^(?:(?:the|our|some|agreed|open) )*(?:action(?:[ -]item)?s?|to[ -]?dos?|follow[ -]?ups?|next steps?)\s*:?$",
    re.IGNORECASE,
)
"""A line that only announces the actions below it."""
_NAMED = re.compile(r"^(?P<owner>@?[A-Z][\w'-]+(?: [A-Z][\w'-]+)?|@[\w.-]+)\s*:\s+(?P<text>\S.{5,})$")
"""`Nadia: lint the migrations`, as lists of actions are noted."""
_SEVERAL = re.compile(r";\s+(?=@|[A-Z])|[,;]?\s+(?=\(?[1-9]\d?\)\s)")
_NUMBERED = re.compile(r"^\(?[1-9]\d?[.)]\s+")
_WORKS = (
    r"(?:adds?|makes?|writes?|builds?|fix(?:es)?|creates?|updates?|checks?|tests?|reviews?|documents?|sets?|moves?|prepares?|investigates?|talks?|asks?|"
    r"orders?|tunes?|raises?|lowers?|removes?|replaces?|plans?|organi[sz]es?|schedules?|automates?|upgrades?|extends?|migrates?|changes?|agrees?|cleans?|"
    r"implements?|introduces?|enables?|disables?|contacts?|follows?|improves?|rewrites?|trains?|configures?|defines?)"
)
_DOES = re.compile(
    rf"^(?P<owner>@?[A-Z][\w'-]+(?: [A-Z][\w'-]+)?) (?:(?:will|to|is going to|shall) (?P<will>[a-z].{{5,}})|(?P<text>{_WORKS} .{{5,}}))$"
)
"""`Linh adds an alert`, `Bo will ask the vendor`: whose work it is stands in front of a verb of work."""


def heads_actions(sentence: str) -> bool:
    """Whether a sentence only announces a list of actions (`Action items:`)."""
    return _HEAD.match(sentence.strip()) is not None


def notes_actions(sentence: str) -> bool:
    """Whether a sentence notes an action behind a mark (`TODO: ...`), so that named ones may follow."""
    found = _MARK.match(sentence)
    return found is not None and not (found["bare"] and not found["bare"].isupper())


def actions_in(sentence: str, *, said_on: date | None = None, listed: str = "") -> Iterator[NotedAction]:
    """Yield the actions that a sentence notes, if it does. `said_on` is the day it was said, for due dates.

    `listed` tells that a list of actions was announced: `all` takes every sentence, `named` those with an owner's name.
    """
    found = _MARK.match(sentence)
    if found is not None and not (found["bare"] and not found["bare"].isupper()):
        nearest = found["mark"] is not None and found["mark"].lower().startswith("next step")
        whole = (found["text"] or found["baretext"] or "").strip()
        for number, part in enumerate(_SEVERAL.split(whole)):
            yield from _action(part, found["owner"] if not number else None, said_on, nearest=nearest)
    elif listed == "all" or (listed == "named" and (_NAMED.match(sentence) or _NUMBERED.match(sentence))):
        yield from _action(sentence, None, said_on, nearest=False)


def _action(text: str, owned: str | None, said_on: date | None, *, nearest: bool) -> Iterator[NotedAction]:
    text = _NUMBERED.sub("", text)
    if named := _NAMED.match(text):
        owned, text = owned or named["owner"], named["text"]
    elif not owned and not _OWNER.search(text) and (does := _DOES.match(text)):
        owned, text = does["owner"], does["will"] or does["text"]
    if text.endswith("?") or re.match(r"(?i)^(?:none|n/?a|tbd|no\b.{0,12}$)", text):
        return
    due = _DUE.search(text)
    when = resolved((due["due"] or due["bare"]).strip(), said_on) if due else ""
    if due:
        text = text[: due.start()] + text[due.end() :]
    owner = _OWNER.search(text)
    who = owned or ((owner["named"] or owner["at"]) if owner else "")
    if owner:
        text = text[: owner.start()] + text[owner.end() :]
    text = re.sub(r"\s+", " ", re.sub(r"\(\s*[,;]?\s*\)", "", text)).strip(" ,;:-–—.")
    text = re.sub(r"^(?:to|will|please)\s+", "", text)
    if len(text) < 4:
        return
    tail = ", ".join(part for part in (f"Owner: {who}" if who else "", f"Due: {when}" if when else "") if part)
    yield NotedAction(
        field=f"actions.{_horizon(when, said_on, nearest=nearest)}", value=f"{text} - {tail}" if tail else text
    )


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def resolved(due: str, said_on: date | None) -> str:
    """Return a due date as a date where the day on which it was said makes it one; `next sprint` stays as it is."""
    if said_on is None:
        return due
    lower = due.lower().removeprefix("this ")
    ahead = {"today": 0, "tonight": 0, "eod": 0, "cob": 0, "end of the day": 0, "end of day": 0, "tomorrow": 1}.get(
        lower
    )
    named = next((day for day in _DAYS if lower in {day, day[:3]}), "")
    if ahead is None and named:
        ahead = (_DAYS.index(named) - said_on.weekday()) % 7 or 7
    if ahead is None and (counted := re.fullmatch(r"(?:in |within )?(\d{1,3}) (day|week)s?", lower)):
        ahead = int(counted[1]) * (7 if counted[2] == "week" else 1)
    if ahead is not None:
        return (said_on + timedelta(days=ahead)).isoformat()
    written = next(iter(dates_in(due)), None)
    if written is None:
        return due
    year = written.year or said_on.year
    try:
        day = date(year, written.month, written.day)
        if written.year is None and (said_on - day).days > _PAST:
            day = date(year + 1, written.month, written.day)
    except ValueError:
        return due
    return day.isoformat()


_PAST = 60
"""Days by which a date without a year may lie behind: further back it is next year's."""


def _horizon(due: str, said_on: date | None, *, nearest: bool) -> str:
    """Name the horizon for a due date; without one it is the week, since a note was meant to be followed up soon."""
    lower = due.lower()
    if not lower:
        return "immediate" if nearest else "short_term"
    stamp = parse_stamp(lower) if said_on is not None else None
    if stamp is not None and said_on is not None:
        return _by_days((stamp.at.date() - said_on).days)
    if found := re.search(r"(\d{1,3}) (hour|day|week|month)", lower):
        return _by_days(int(found[1]) * {"hour": 1 / 24, "day": 1, "week": 7, "month": 30}[found[2]])
    if re.search(r"eod|cob|day\b(?<=of day)|of the day|today|tonight|tomorrow", lower):
        return "immediate"
    if re.search(r"quarter|q[1-4]|year", lower):
        return "long_term"
    if re.search(r"month|sprint|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", lower):
        return "medium_term"
    return "short_term"


def _by_days(days: float) -> str:
    return "immediate" if days <= 1 else "short_term" if days <= 7 else "medium_term" if days <= 31 else "long_term"
