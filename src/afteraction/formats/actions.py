"""Action items as people note them: `ACTION: add a limit @bo by Friday`, `TODO(@bo): ...`, `Follow-up: ...`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from afteraction.formats.stamps import parse_stamp

_MARK = re.compile(
    r"^(?P<mark>action(?:[ -]item)?s?|todo|to-do|follow[ -]?ups?|next steps?|remediation)(?:\s?\((?P<owner>@?[\w .-]{2,40})\))?"
    r"(?:\s?#?\d{1,2})?(?:\s?[:=]|\s[-–—])\s*(?P<text>\S.{3,})$|^(?P<bare>TODO|ACTION|AI)\s+(?P<baretext>@?[\w].{8,})$",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"\(?\b(?:owner|assignee|assigned to|owned by)[:=]?\s*(?P<named>@?[\w.-]+(?: [A-Z][\w.-]+)?)\)?|(?P<at>(?-i:@[A-Z][\w'-]+ [A-Z][\w'-]+)|@[\w.-]*\w)",
    re.IGNORECASE,
)
_WHEN = (
    r"(?:eod|cob|end of (?:the )?(?:day|week|month|quarter|year)|today|tonight|tomorrow|this week|next week|this month|next month|"
    r"(?:this|next) (?:quarter|sprint)|q[1-4](?: \d{4})?|(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
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


def actions_in(sentence: str, *, said_on: date | None = None) -> Iterator[NotedAction]:
    """Yield the action that a sentence notes, if it does. `said_on` is the day it was said, for due dates."""
    found = _MARK.match(sentence)
    if found is None or (found["bare"] and not found["bare"].isupper()):
        return
    text = (found["text"] or found["baretext"] or "").strip()
    if text.endswith("?") or re.match(r"(?i)^(?:none|n/?a|tbd|no\b.{0,12}$)", text):
        return
    due = _DUE.search(text)
    when = (due["due"] or due["bare"]).strip() if due else ""
    if due:
        text = text[: due.start()] + text[due.end() :]
    owner = _OWNER.search(text)
    who = found["owner"] or ((owner["named"] or owner["at"]) if owner else "")
    if owner:
        text = text[: owner.start()] + text[owner.end() :]
    text = re.sub(r"\s+", " ", re.sub(r"\(\s*[,;]?\s*\)", "", text)).strip(" ,;:-–—.")
    text = re.sub(r"^(?:to|will|please)\s+", "", text)
    if len(text) < 4:
        return
    tail = ", ".join(part for part in (f"Owner: {who}" if who else "", f"Due: {when}" if when else "") if part)
    nearest = found["mark"] is not None and found["mark"].lower().startswith("next step")
    yield NotedAction(
        field=f"actions.{_horizon(when, said_on, nearest=nearest)}", value=f"{text} - {tail}" if tail else text
    )


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
