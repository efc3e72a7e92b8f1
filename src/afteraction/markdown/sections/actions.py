"""Action items and the follow-up plan: checklists, and the four reviews."""

from __future__ import annotations

import re
from collections.abc import Iterable

from afteraction.markdown.encoding import LABELLED, label, read, unlabel, written
from afteraction.markdown.sheet import BULLET_LABELLED, TICKED, Found, Piece, Section
from afteraction.model.postmortem.actions import ActionItem, Actions
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.followup import Criterion, FollowUp, ReviewSlot
from afteraction.model.postmortem.value import Value

_ACTIONS, _FOLLOWUP = "action items", "follow up plan"
_HEADINGS = {
    "immediate": "Immediate Actions (Next 24 hours)",
    "short_term": "Short-term Actions (Next week)",
    "medium_term": "Medium-term Actions (Next month)",
    "long_term": "Long-term Actions (Next quarter)",
}
_BOX = re.compile(r"\[(?P<tick>[ xX])\](?:[ \t]+|$)")
_KEYS = {"owner": "Owner", "due": "Due", "done_when": "Done when", "ticket": "Ticket"}
_KEY = "|".join(_KEYS.values())
_COLON = re.compile(rf"({_KEY})(\\*):")
_ESCAPED = re.compile(rf"({_KEY})(\\+):")
_TAIL = re.compile(rf" - (?=(?:{_KEY}): )")
_NEXT = re.compile(rf", (?=(?:{_KEY}): )")

SECTIONS = (
    Section(anchor="actions", heading=_ACTIONS),
    *(
        Section(
            anchor=f"actions.{name}",
            heading=" ".join(re.findall(r"[a-z0-9]+", heading.lower())),
            parent=_ACTIONS,
            open=TICKED,
            single=True,
        )
        for name, heading in _HEADINGS.items()
    ),
    Section(anchor="followup", heading=_FOLLOWUP),
    Section(anchor="followup.reviews", heading="review schedule", parent=_FOLLOWUP, open=BULLET_LABELLED, single=True),
    Section(anchor="followup.success", heading="success criteria", parent=_FOLLOWUP, open=TICKED, single=True),
    Section(anchor="followup.communication", heading="communication plan", parent=_FOLLOWUP, open=TICKED, single=True),
)


def render_actions(pm: PostMortem) -> list[Piece]:
    """Render the action items of all horizons."""
    pieces = [Piece("actions", "## 🎯 Action Items")]
    for name, heading in _HEADINGS.items():
        anchor = f"actions.{name}"
        lines = [_action(item, n + 1) for n, item in enumerate(getattr(pm.actions, name))]
        pieces += [Piece(anchor, f"### {heading}"), *_list(anchor, lines)]
    return pieces


def _list(anchor: str, lines: Iterable[str]) -> list[Piece]:
    return [Piece(f"{anchor}.open.{n}", f"- {line}", True) for n, line in enumerate(lines)]


def _box(text: str, *, done: bool) -> str:
    return f"[{'x' if done else ' '}] {text}"


def _placeholder(number: int) -> str:
    return f"[Action {number} - Owner: Name, Due: Date]"


def _action(item: ActionItem, number: int) -> str:
    if item.blank:
        return _box(f"`{_placeholder(number)}`", done=False)
    named = [f"{key}: {_escaped(getattr(item, name))}" for name, key in _KEYS.items() if getattr(item, name)]
    text = _escaped(item.text) + (" - " + ", ".join(named) if named else "")
    return _box(written(Value(text=text, citations=item.citations), _placeholder(number)), done=item.done)


def _escaped(text: str) -> str:
    """Keep a text from being read as one of an action's named parts."""
    return _COLON.sub(r"\1\2\\:", text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: found[1] + found[2][1:] + ":", text)


def parse_actions(found: Found) -> Actions:
    """Parse the action items; a horizon whose heading is missing has the template's blank lines."""
    parsed = {
        name: tuple(_parse_action(text, n + 1) for n, text in enumerate(found.opened.get(f"actions.{name}", [])))
        for name in _HEADINGS
        if f"actions.{name}" in found.headings
    }
    return Actions(**parsed)


def _parse_action(text: str, number: int) -> ActionItem:
    box = _BOX.match(text)
    body = " ".join((text[box.end() :] if box else text).split())
    value = read(body, _placeholder(number))
    if value is None or re.fullmatch(r"`?\[Action \d+ - Owner: Name, Due: Date\]`?", body):
        return ActionItem()
    head, *tail = _TAIL.split(value.text, maxsplit=1)
    named = dict(part.split(": ", 1) for part in _NEXT.split(tail[0])) if tail else {}
    given = {name: _unescaped(named[key]) for name, key in _KEYS.items() if key in named}
    done = box is not None and box["tick"] != " "
    return ActionItem(text=_unescaped(head), done=done, citations=value.citations, **given)


def render_followup(pm: PostMortem) -> list[Piece]:
    """Render the follow-up plan."""
    part = pm.followup
    return [
        Piece("followup", "## 🔄 Follow-up Plan"),
        Piece("followup.reviews", "### Review Schedule"),
        *_list("followup.reviews", (_review(slot) for slot in part.reviews)),
        Piece("followup.success", "### Success Criteria"),
        *_list("followup.success", (_criterion(line) for line in part.success)),
        Piece("followup.communication", "### Communication Plan"),
        *_list("followup.communication", (_criterion(line) for line in part.communication)),
    ]


def _review(slot: ReviewSlot) -> str:
    when = f"{slot.date} - {slot.purpose}" if slot.date else f"`[Date] - {slot.purpose}`"
    return f"**{label(slot.name)}**: {when}"


def _criterion(line: Criterion) -> str:
    if not line.confirmed:
        return _box(f"`[{line.text}]`", done=line.done)
    looks_unconfirmed = re.fullmatch(r"\\*`\[.*\]`", line.text)
    return _box(("\\" if looks_unconfirmed else "") + line.text, done=line.done)


def parse_followup(found: Found) -> FollowUp:
    """Parse the follow-up plan."""
    blank = FollowUp()

    def given(name: str) -> list[str] | None:
        anchor = f"followup.{name}"
        return found.opened.get(anchor, []) if anchor in found.headings else None

    reviews, success, communication = given("reviews"), given("success"), given("communication")
    return FollowUp(
        reviews=blank.reviews if reviews is None else tuple(_parse_review(text) for text in reviews),
        success=blank.success if success is None else tuple(_parse_criterion(text) for text in success),
        communication=(
            blank.communication if communication is None else tuple(_parse_criterion(text) for text in communication)
        ),
    )


def _parse_review(text: str) -> ReviewSlot:
    found = LABELLED.fullmatch(" ".join(text.split()))
    if found is None:
        return ReviewSlot(name="", purpose=text)
    name, rest = unlabel(found["label"]), found["rest"]
    if unset := re.fullmatch(r"`\[Date\] - (.*)`", rest):
        return ReviewSlot(name=name, purpose=unset[1])
    date, dash, purpose = rest.partition(" - ")
    return ReviewSlot(name=name, date=date, purpose=purpose) if dash else ReviewSlot(name=name, purpose=rest)


def _parse_criterion(text: str) -> Criterion:
    flat = " ".join(text.split())
    box = _BOX.match(flat)
    body = flat[box.end() :] if box else flat
    done = box is not None and box["tick"] != " "
    if unset := re.fullmatch(r"`\[(.*)\]`", body):
        return Criterion(text=unset[1], done=done)
    shielded = re.fullmatch(r"\\+`\[.*\]`", body)
    return Criterion(text=body[1:] if shielded else body, done=done, confirmed=True)
