"""A record of an incident management system becomes a post-mortem of ours.

An `ArchivedIncident` comes in; a `Rescued` goes out: its texts in the fields that their keys or questions mean, a text
with headings mapped like a page, its happenings as rows, its people and to-dos, and every other value listed as text.
"""

from __future__ import annotations

import re

from afteraction.formats.archived_incidents import ArchivedIncident, LabelledText, Todo
from afteraction.formats.markdown_lines import plain
from afteraction.formats.outline import TIMELINE, TITLE, field_for, normal
from afteraction.formats.timelines import TimelineRow
from afteraction.model.postmortem.actions import ActionItem
from afteraction.rescue.gathered import is_list
from afteraction.rescue.items import action_of, attendee_of
from afteraction.rescue.mapping import Mapper, Rescued
from afteraction.rescue.sheet import Block, Row, Sheet, inner_items, read_sheet


def rescue_record(record: ArchivedIncident, name: str, *, zone: str = "UTC") -> Rescued:
    """Map one record of the file called `name`; `zone` holds for times without one."""
    happened = sorted(record.happenings, key=lambda one: one.stamp.at)
    rows = tuple(
        Row(
            read=TimelineRow(
                at=one.stamp.at, precision=one.stamp.precision, zone=one.stamp.zone or zone, text=plain(one.text), line=0, line_end=0
            ),
            event=f"{one.who}: {one.text}" if one.who and one.who not in one.text else one.text,
        )
        for one in happened
    )  # fmt: skip
    day = f"{happened[0].stamp.at:%Y-%m-%d}" if happened else ""
    sheet = Sheet(name=name, title=record.title, parts=(), rows=rows, day=day)
    mapper = Mapper(sheet, lambda _: record.place)
    for text in record.texts:
        _text(mapper, text, f"{record.place}.{text.path}", zone)
    _people(mapper, record)
    for todo in record.todos:
        mapper.found.actions["short_term"].append(_action(todo))
        mapper.found.told(f"{record.place}.{todo.path}", "to-do", "actions.short_term", todo.text)
    if record.rest:
        listed = "\n".join(f"- `{path}`: {_on_one_line(value)}" for path, value in record.rest)
        what = f"{len(record.rest)} other fields"
        mapper.found.keep(f"### Other fields of the record\n\n{listed}", record.place, what)
    return mapper.rescued(record.place)


def _text(mapper: Mapper, text: LabelledText, place: str, zone: str) -> None:
    if re.search(r"^#{1,6} ", text.text, re.MULTILINE):
        _page(mapper, text, place, zone)
        return
    field = field_for(text.label)
    if is_list(field):
        marked = [one if re.match(r"\s*(?:[-*+]|\d+[.)]) ", one) else f"- {one}" for one in inner_items(text.text)]
        items = [Block(kind="item", text=one, line=0, line_end=0) for one in marked]
        mapper.listed(field, items, place, text.label)
    else:
        mapper.found.put("" if field in {TIMELINE, TITLE} else field, text.text, place, text.label)


def _page(mapper: Mapper, text: LabelledText, place: str, zone: str) -> None:
    """Map a text with headings as a page of its own, into the same post-mortem."""

    def where(number: int) -> str:
        return f"{place}, line {number}"

    sheet = read_sheet(text.text, mapper.sheet.name, zone=zone, place=where)
    inner = Mapper(sheet, where)
    inner.found = mapper.found
    inner.walk()
    outer = mapper.sheet
    mapper.sheet = Sheet(
        name=outer.name, title=outer.title, day=outer.day, rows=(*outer.rows, *sheet.rows), parts=outer.parts
    )
    for block in inner.missing(mapper.texts(), sheet.parts):
        mapper.found.keep(block.text, place, text.label)


def _people(mapper: Mapper, record: ArchivedIncident) -> None:
    for role, name, path in record.people:
        field, place = field_for(role), f"{record.place}.{path}"
        line = field.startswith("appendix.team.") or field == "footer.completed_by"
        if line and not mapper.found.texts[field]:
            mapper.found.put(field, name, place, role)
        elif (person := attendee_of(f"{name} ({role})" if normal(role) else name)) is not None:
            mapper.found.attendees.append(person)
            mapper.found.told(place, role, "appendix.attendees", name)


def _action(todo: Todo) -> ActionItem:
    read = action_of(f"- {todo.text}") or ActionItem(text=todo.text)
    return ActionItem(
        text=read.text, owner=todo.owner or read.owner, due=todo.due or read.due, done=todo.done or read.done, ticket=todo.ticket
    )  # fmt: skip


def _on_one_line(value: str) -> str:
    return re.sub(r"\s+", " ", value)
