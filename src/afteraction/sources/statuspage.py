"""Status pages in Statuspage's form: incidents with their updates (API, webhook, history JSON) and the history as RSS or Atom.

Each published update becomes an event of state with its words, as does each component that changed; what a page says is
reported, not observed. An update without a readable time becomes a problem.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json, text_of
from afteraction.formats.json_origins import origin_of, safe_stamp, unwrap
from afteraction.formats.phrases import phrases_in
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import Product, product_of
from afteraction.formats.stamps import Stamp, parse_stamp
from afteraction.formats.statuspage_shapes import is_feed, is_incident, is_statuspage
from afteraction.model.event import Event, EventKind, Warned
from afteraction.model.origin import Basis, Origin
from afteraction.model.reading import Context, RawInput, Reading, Statement

_ENTRY = re.compile(r"<(?:item|entry)\b[^<>]*>")
_UPDATE = re.compile(r"(?P<when>[^\n]{1,400}?)</small>\s*(?:<br\s*/?>)?\s*<strong>(?P<status>[^<]{1,60})</strong>")
_TAG = re.compile(r"<[^<>]*>")
_MONTH_STAMP = re.compile(r"^(?P<day>\w{3,9} \d{1,2}), (?P<clock>\d\d:\d\d)(?: - (?:(?P<until_day>\w{3,9} \d{1,2}), )?(?P<until>\d\d:\d\d))? (?P<zone>[A-Z]{2,5})$")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    """One thing that a page published: in what state, about what, in which words."""

    title: str
    status: str
    stamp: Stamp | None
    words: str = ""
    components: tuple[str, ...] = ()


class Statuspage:
    """Reads what status pages publish."""

    name = "statuspage"
    summary = "Status pages (Statuspage JSON, webhooks, history as RSS or Atom): published updates as events of state"

    def claims(self, raw: RawInput) -> bool:
        """Claim incidents with their updates, and feeds whose entries hold such updates."""
        return product_of(raw) is Product.STATUSPAGE or is_feed(raw.head)

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every update; `context` is not needed, since pages write their times with a zone."""
        del context
        problems = ProblemList(raw.name)
        text = decode_text(raw.read())
        found = _feed(text, raw.name) if is_feed(raw.head) else _json(text, raw.name, problems)
        events: dict[tuple[object, ...], Event] = {}
        statements: list[Statement] = []
        for update, origin in found:
            if update.stamp is None:
                reason = f"the update `{update.status}` of {update.title!r} has no readable time"
                problems.add(reason, line=origin.line, record=origin.record, remedy="export the page again")
                continue
            event = _event(update, update.stamp, origin, self.name)
            if events.setdefault((event.at, event.text), event) is event:
                statements += _statements(update, event)
        return Reading(
            events=tuple(events.values()),
            statements=tuple(dict.fromkeys(statements)),
            problems=problems.close(),
            lines=text.count("\n") + bool(text),
        )


def _json(text: str, file: str, problems: ProblemList) -> Iterator[tuple[_Update, Origin]]:
    records, faults = read_json(text, file)
    problems.extend(faults)
    for record in records:
        for value, path, _ in unwrap(record.value, is_statuspage):
            for update, inner in _updates(value):
                where = ".".join(part for part in (path, inner) if part)
                yield update, origin_of(file, record, where)


def _updates(value: Any) -> Iterator[tuple[_Update, str]]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _incident(item, f"[{number}]")
        return
    if is_incident(value):
        yield from _incident(value, "")
    for key in ("incident", "maintenance"):
        yield from _incident(value.get(key), key)
    for key in ("incidents", "scheduled_maintenances"):
        for number, item in enumerate(list_of(value.get(key))):
            yield from _incident(item, f"{key}[{number}]")
    if component := mapping_of(value.get("component_update")):
        name = text_of(value, "component.name") or "component"
        before = text_of(component, "old_status")
        words = f"was {_words(before)}" if before else ""
        stamp = _stamp(component, "created_at")
        status = text_of(component, "new_status")
        yield _Update(title=name, status=status, stamp=stamp, words=words, components=(name,)), "component_update"
    for number, month in enumerate(list_of(value.get("months"))):
        for index, item in enumerate(list_of(mapping_of(month).get("incidents"))):
            yield from _of_month(item, text_of(month, "year"), f"months[{number}].incidents[{index}]")


def _incident(value: Any, path: str) -> Iterator[tuple[_Update, str]]:
    if not is_incident(value):
        return
    title, item = text_of(value, "name"), mapping_of(value)
    everywhere = tuple(text_of(part, "name") for part in list_of(item.get("components")))
    key = "incident_updates" if isinstance(item.get("incident_updates"), list) else "maintenance_updates"
    for number, update in reversed(list(enumerate(list_of(item.get(key))))):
        touched = tuple(text_of(part, "name") for part in list_of(mapping_of(update).get("affected_components")))
        yield (
            _Update(
                title=title,
                status=text_of(update, "status"),
                stamp=_stamp(update, "display_at", "created_at", "updated_at"),
                words=_plain(text_of(update, "body")),
                components=tuple(part for part in touched or everywhere if part),
            ),
            f"{path}.{key}[{number}]".lstrip("."),
        )


def _of_month(item: Any, year: str, path: str) -> Iterator[tuple[_Update, str]]:
    """Yield begin and end of an incident of the history page, which tells a span of time and the last words."""
    title, words = text_of(item, "name"), _plain(text_of(item, "message"))
    span = _MONTH_STAMP.match(_plain(text_of(item, "timestamp")))
    began = parse_stamp(f"{span['day']} {year} {span['clock']} {span['zone']}") if span and year else None
    yield _Update(title=title, status=text_of(item, "impact") or "investigating", stamp=began), path
    if span and span["until"]:
        until = parse_stamp(f"{span['until_day'] or span['day']} {year} {span['until']} {span['zone']}")
        yield _Update(title=title, status="resolved", stamp=until, words=words), path


def _feed(text: str, file: str) -> Iterator[tuple[_Update, Origin]]:
    for start, end in _entries(text):
        body = text[start:end]
        line = text.count("\n", 0, start) + 1
        origin = Origin(file=file, line=line, line_end=line + body.rstrip().count("\n"))
        title = _plain(_inner(body, "title")) or "incident"
        stamp = safe_stamp(_plain(_inner(body, "published") or _inner(body, "pubDate") or _inner(body, "updated")))
        markup = html.unescape(_inner(body, "content") or _inner(body, "description"))
        # Each update begins with its time in small print; the newest stands first.
        parts = [(found, part) for part in markup.split("<small>")[1:] if (found := _UPDATE.match(part))]
        for found, part in reversed(parts):
            yield (
                _Update(
                    title=title,
                    status=found["status"].strip(),
                    stamp=_dated(_plain(found["when"]), stamp),
                    words=_plain(part[found.end() :]).lstrip("-– ").strip(),
                ),
                origin,
            )
        if not parts:
            yield _Update(title=title, status="published", stamp=stamp, words=_plain(markup)), origin


def _entries(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the entries of a feed begin and end."""
    starts = [found.end() for found in _ENTRY.finditer(text)]
    for start, following in pairwise([*starts, len(text)]):
        ends = [at for tag in ("</item>", "</entry>") if (at := text.find(tag, start, following)) >= 0]
        yield start, min(ends, default=following)


def _dated(when: str, published: Stamp | None) -> Stamp | None:
    """Read `Mar 4, 09:41 UTC` of an entry: its year is that of its publication, or the next where that lies before."""
    if published is None:
        return parse_stamp(when)
    span = _MONTH_STAMP.match(when)
    if span is None:
        return parse_stamp(when, year_hint=published.at.year)
    for year in (published.at.year, published.at.year + 1):
        stamp = parse_stamp(f"{span['day']} {year} {span['clock']} {span['zone']}")
        if stamp is None or (stamp.at - published.at).days >= -31:
            return stamp
    return None


def _inner(body: str, tag: str) -> str:
    start = body.find(f"<{tag}")
    opened = body.find(">", start) + 1 if start >= 0 else 0
    end = body.find(f"</{tag}>", opened) if opened else -1
    inner = body[opened:end].strip() if end >= 0 else ""
    return inner.removeprefix("<![CDATA[").removesuffix("]]>")


def _plain(text: str) -> str:
    """Return text without markup; what stood between two blocks is parted by a blank."""
    return " ".join(html.unescape(_TAG.sub(" ", html.unescape(text))).split()).replace(" ,", ",")


def _stamp(item: Any, *keys: str) -> Stamp | None:
    for key in keys:
        value = mapping_of(item).get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and (stamp := safe_stamp(value)):
            return stamp
    return None


_PUBLIC = (
    "executive_summary.impact.",
    "impact.technical.data_loss",
    "impact.technical.security_impact",
    "impact.business.",
)
"""What a page for the public may state; when it published that something is over says little of when it was."""


def _statements(update: _Update, event: Event) -> Iterator[Statement]:
    """Yield the page's own title of the incident, its last words, and the numbers that it names."""

    def state(field: str, value: str) -> Statement:
        return Statement(field=field, value=value, origin=event.origin, source=event.source, at=event.at)

    if update.title:
        yield state("summary.public_title", update.title)
    if update.words:
        yield state("executive_summary.status_page", update.words)
        yield from (state(p.field, p.value) for p in phrases_in(update.words) if p.field.startswith(_PUBLIC))


def _words(status: str) -> str:
    return status.replace("_", " ").lower()


def _event(update: _Update, stamp: Stamp, origin: Origin, source: str) -> Event:
    status = _words(update.status)
    said = f": {update.words}" if update.words else ""
    return Event(
        at=stamp.at,
        precision=stamp.precision,
        zone=stamp.zone,
        kind=EventKind.STATUS,
        text=f"{update.title} ({status}){said}",
        source=source,
        origin=origin if origin.line or origin.record else Origin(file=origin.file, record="incident"),
        basis=Basis.REPORTED,
        service=update.components[0] if len(update.components) == 1 else "",
        detail=Warned(object_ref=", ".join(update.components) or update.title, reason=status),
    )
