"""Action items, people and links of a foreign post-mortem: an item or a table's row comes in, a noun of ours goes out.

Owner, date, box and ticket are taken where the text marks them; what is not marked stays in the text. Nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from afteraction.formats.markdown_lines import plain
from afteraction.model.postmortem.actions import ActionItem
from afteraction.model.postmortem.appendix import Attendee, Link
from afteraction.rescue.gathered import bare

_BOX = re.compile(r"^\[(?P<tick>[ xX])\]\s+")
_DONE = re.compile(r"^(?:✅|☑️?|:white_check_mark:|DONE\b:?)\s*")
_OWNER = re.compile(
    r"[\s(,;–—-]*\b(?:owner|assignee|assigned to|owned by|dri)\s*[:=]\s*(?P<owner>@?[\w.'-]+(?: [A-Z][\w.'-]+)?)\s*\)?",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"[\s(,;–—-]*\b(?:due(?: date| by)?|deadline|eta|by)\s*[:=]\s*(?P<due>[\w -]*\d[\w./-]*(?: \d{4})?)\s*\)?",
    re.IGNORECASE,
)
_NOT_ITEM = re.compile(r"^\W*(?:\[[^\]]*\]|tbd|todo|n/?a|none(?: yet)?|\.{3}|…)?\W*$", re.IGNORECASE)
_COLUMNS = (
    ("text", r"\b(?:action|item|task|what|description|title|todo|improvement|work)\b"),
    ("owner", r"\b(?:owner|assignee|assigned|who|responsible|dri|lead)\b"),
    ("due", r"\b(?:due|deadline|eta|target|by when|date)\b"),
    ("ticket", r"\b(?:bug|ticket|issue|jira|tracking|link|pr)\b"),
    ("done", r"\b(?:status|state|done)\b"),
)  # fmt: skip
_LINK = re.compile(r"^\[(?P<title>[^\]]+)\]\((?P<url>[^)\s]+)[^)]*\)$")
_URL = re.compile(r"^(?:(?P<title>.{0,120}?)[:\s–-]*\s)?<?(?P<url>https?://\S+?)>?$")


def action_of(text: str) -> ActionItem | None:
    """Return the action that an item says, None for a placeholder."""
    text = bare(text)
    box = _BOX.match(text)
    text = text[box.end() :] if box else text
    done = bool(box and box["tick"] != " ") or bool(_DONE.match(text))
    text = _DONE.sub("", text)
    if _NOT_ITEM.match(plain(text)):
        return None
    owner, due = _OWNER.search(text), _DUE.search(text)
    for found in sorted((one for one in (owner, due) if one), key=lambda one: -one.start()):
        if found.end() >= len(text.rstrip(" .")) or (owner and due):
            text = (text[: found.start()] + " " + text[found.end() :]).strip(" ,;")
        elif found is owner:
            owner = None
        else:
            due = None
    return ActionItem(
        text=text, owner=owner["owner"] if owner else "", due=due["due"].strip() if due else "", done=done
    )


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Return what the columns of a table of actions mean, empty when it is none."""
    found: dict[str, int] = {}
    for name, form in _COLUMNS:
        at = next(
            (
                n
                for n, cell in enumerate(header)
                if n not in found.values() and re.search(form, plain(cell), re.IGNORECASE)
            ),
            None,
        )
        if at is not None:
            found[name] = at
    return found if "text" in found else {}


def action_row(cells: Sequence[str], columns: dict[str, int], header: Sequence[str]) -> ActionItem | None:
    """Return the action of a table's row; cells of other columns stand behind the text with their header."""

    def cell(name: str) -> str:
        at = columns.get(name, len(cells))
        return cells[at] if at < len(cells) else ""

    text = cell("text")
    if _NOT_ITEM.match(plain(text)):
        return None
    others = [
        f"{plain(header[n]).lower()}: {value}" if n < len(header) and plain(header[n]) else value
        for n, value in enumerate(cells)
        if value.strip() and n not in {columns.get(k) for k in ("text", "owner", "due", "ticket")}
    ]
    done = bool(re.match(r"^(?:\*\*)?(?:done|complete|closed|resolved|fixed|yes|x|✅)", cell("done"), re.IGNORECASE))
    return ActionItem(
        text=f"{text} ({', '.join(others)})" if others else text, owner=cell("owner"), due=cell("due"), ticket=cell("ticket"), done=done
    )  # fmt: skip


def attendee_of(text: str) -> Attendee | None:
    """Return who took part: `Name - Role`, `Name (Role)`, or the name alone."""
    text = bare(text)
    if _NOT_ITEM.match(plain(text)):
        return None
    found = re.match(
        r"^(?P<name>[^()–—:]{2,60}?)\s*(?:\((?P<aside>[^()]+)\)|(?:\s[-–—]|:)\s+(?P<role>\S.*))$", text, re.DOTALL
    )
    if found:
        return Attendee(name=found["name"], role=found["aside"] or found["role"] or "")
    return Attendee(name=text)


def link_of(text: str) -> Link | None:
    """Return the link that an item is, None when it says more than that."""
    text = bare(text)
    found = _LINK.match(text) or _URL.match(text)
    if not found:
        return None
    return Link(title=(found["title"] or "").strip() or found["url"], url=found["url"])
