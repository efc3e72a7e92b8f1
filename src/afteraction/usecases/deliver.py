"""A delivery of a webhook is kept, durably and once, before anybody is told that it arrived.

What a verified sender sent comes in; out comes the delivery as it is kept, with what followed of it: the events that the
ordinary sources read, the incident that they belong to, problems for what could not be read. All of it happens in one
transaction. A redelivery gives what the first one gave and changes nothing, even when two workers get both at once.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from afteraction.errors import Conflict, NotInRecord, UsageError
from afteraction.formats.json_documents import MAX_DEPTH, decode_text, text_of, value_of
from afteraction.formats.secrets import Masker, mask_value
from afteraction.model.delivery import Delivery
from afteraction.model.event import Alert
from afteraction.model.reading import Context, Material, Source
from afteraction.model.record import Author
from afteraction.model.settings import Hook, Settings
from afteraction.ports.store import Store, Transaction
from afteraction.usecases.belong import LONGEST_NAME, Told, alert_key, find_or_open, join, short_key
from afteraction.usecases.read import UNREAD, read
from afteraction.usecases.told import text_input

KEPT_UNREAD = 1_000_000
"""Characters that are kept of what is no JSON."""
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reading a delivery needs beside the record."""

    settings: Settings
    sources: tuple[Source, ...]
    masker: Callable[[], Masker]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What was sent to a hook: `key` is equal in every redelivery, empty where only the content says what is one.

    `value` is the JSON that was sent, None when it is none, which `problem` says; then `text` is what there is.
    A value that is `bare` needs no time around it.
    """

    hook: Hook
    at: datetime
    key: str = ""
    value: Any = None
    text: str = ""
    problem: str = ""
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of what arrived; not `new` when the same had arrived before.

    `private` is whether its incident is, so that the sender is not told its name.
    """

    delivery: Delivery
    new: bool
    private: bool = False


def arrived(
    hook: Hook,
    content: bytes,
    *,
    at: datetime,
    key: str = "",
    key_in: str = "",
    unlike: tuple[str, ...] = (),
    torn: str = "",
) -> Arrived:
    """Read what was sent as JSON.

    Without a `key`, the one that stands under `key_in` counts, else the whole content but for its keys `unlike`. `torn`
    says that the content could not even be unpacked.
    """
    text = decode_text(content)
    value, problem = (None, torn) if torn else _decoded(text)
    if problem:
        return Arrived(hook=hook, at=at, key=short_key(key or _digest(content)), text=text, problem=problem)
    key = key or (text_of(value, key_in) if key_in else "")
    if not key:
        same = _without(value, unlike) if unlike and isinstance(value, dict) else None
        key = _digest(content if same is None else json.dumps(same, sort_keys=True).encode("utf-8", "surrogatepass"))
    return Arrived(hook=hook, at=at, key=short_key(key), value=value)


def _decoded(text: str) -> tuple[Any, str]:
    try:
        value = json.loads(text)
    except RecursionError:
        return None, f"it is nested more than {MAX_DEPTH} deep"
    except ValueError as error:
        return None, f"this is no JSON: {error}"
    if not isinstance(value, dict | list):
        return None, "this is neither a JSON object nor an array"
    return (None, f"it is nested more than {MAX_DEPTH} deep") if _deeper(value, MAX_DEPTH) else (value, "")


def _deeper(value: Any, most: int) -> bool:
    """Whether containers lie in each other more than `most` deep; looked at level by level, without recursion."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _without(value: dict[str, Any], unlike: tuple[str, ...]) -> dict[str, Any]:
    found = dict(value)
    for key in unlike:
        outer, _, inner = key.partition(".")
        if inner and isinstance(found.get(outer), dict):
            found[outer] = _without(found[outer], (inner,))
        elif not inner:
            found.pop(outer, None)
    return found


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def deliver(store: Store, came: Arrived, reader: Reader, *, into: str = "") -> Delivered:
    """Keep a delivery and do what follows of it. `into` is the incident that it belongs to, where that is known.

    Raises:
        Conflict: when others changed the same again and again meanwhile; nothing was kept then.
        StoreUnavailable: when it cannot be kept.
    """
    delivery, told = _read_arrived(came, reader)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _kept_once(store, came, delivery, told, reader=reader, into=into)
        except Conflict:  # another worker got the same at once, and was faster
            if attempt == _ATTEMPTS:
                raise
        except UsageError as error:  # what the record cannot take as events is kept all the same
            problem = f"it is kept, but what it tells is not: {error}"
            delivery = replace(delivery, source="", events=0, problems=(*delivery.problems, problem))
            told, into = Told(vendor=told.vendor, problems=delivery.problems), ""
    raise AssertionError("unreachable")


def _kept_once(store: Store, came: Arrived, delivery: Delivery, told: Told, *, reader: Reader, into: str) -> Delivered:
    with store.begin() as record:
        if known := _known(record, came):
            return known
        kept = _kept(record, delivery, told, reader, into)
        return Delivered(delivery=kept, new=True, private=_private(record, kept.incident))


def _known(record: Transaction, came: Arrived) -> Delivered | None:
    found = record.delivered(came.hook.name, came.key)
    return Delivered(delivery=found, new=False, private=_private(record, found.incident)) if found else None


def _private(record: Transaction, incident: str) -> bool:
    found = record.incident(incident) if incident else None
    return found is not None and found.private


def _kept(record: Transaction, delivery: Delivery, told: Told, reader: Reader, into: str) -> Delivery:
    taken: tuple[Delivery, ...] = ()
    incident = into
    if not into and told.events:
        found = find_or_open(record, told, hook=delivery.hook, settings=reader.settings, at=delivery.at)
        incident = found.incident if found else ""
        taken = found.earlier if found else ()
    for earlier in taken:
        record.put_delivery(join(record, earlier, _read_kept(earlier, reader), incident, at=delivery.at))
    if incident:
        delivery = join(record, delivery, told, incident, at=delivery.at)
    record.add_delivery(delivery)
    return delivery


def attach(store: Store, delivery: str, incident: str, reader: Reader, *, author: Author, at: datetime) -> Delivery:
    """Say which incident a delivery belongs to; it is read again by what can be read now.

    Raises:
        NotInRecord: when there is no such delivery or incident.
        Conflict: when it belongs to another incident already.
    """
    with store.begin() as record:
        known = record.delivery(delivery)
        if known is None:
            raise NotInRecord(f"the record holds no delivery {delivery}")
        if record.incident(incident) is None:
            raise NotInRecord(f"the record holds no incident {incident}")
        if known.incident not in {"", incident}:
            raise Conflict(f"this delivery belongs to {known.incident} already")
        if known.incident and known.source:
            return known
        joined = join(record, known, _read_kept(known, reader), incident, at=at, author=author)
        record.put_delivery(joined)
    return joined


def _read_arrived(came: Arrived, reader: Reader) -> tuple[Delivery, Told]:
    masker = reader.masker()
    if came.problem:
        body = masker.mask(came.text[:KEPT_UNREAD])
    else:
        value = mask_value(came.value, masker)
        around = value if came.bare else {"received_at": came.at.isoformat(), "body": value}
        body = json.dumps(around, ensure_ascii=False)
    delivery = Delivery(
        id=secrets.token_hex(8), vendor=came.hook.vendor, hook=came.hook.name, key=came.key, at=came.at, body=body,
        problems=(came.problem,) if came.problem else (),
    )  # fmt: skip
    told = Told() if came.problem else _read_kept(delivery, reader, masker)
    kept = replace(
        delivery, source=told.source, events=len(told.events), problems=(*delivery.problems, *told.problems), marks=told.marks
    )  # fmt: skip
    return kept, told


def _read_kept(delivery: Delivery, reader: Reader, masker: Masker | None = None) -> Told:
    """Read the body of a delivery by the ordinary sources."""
    raw = text_input(f"hooks/{delivery.hook}/{delivery.id}.json", delivery.body)
    context = Context(zone=reader.settings.timezone)
    found = read(
        [raw], sources=reader.sources, context=context, masker=masker or reader.masker(), progress=lambda _: None
    )
    report = found.files[0]
    problems = [f"{one.reason}{f' ({one.remedy})' if one.remedy else ''}" for one in report.problems]
    if not report.source:
        problems = problems or [UNREAD]
    source = report.source if found.events else ""
    if report.source and not found.events and not problems:
        problems = [f"read as {report.source}, it tells of nothing that happened"]
    return Told(
        vendor=delivery.vendor, events=found.events, source=source, problems=tuple(problems),
        marks=_marks(delivery, found),
    )  # fmt: skip


def _marks(delivery: Delivery, found: Material) -> tuple[str, ...]:
    """Return by what a delivery may be found: its alerts, the group that they come in, the services."""
    marks = [
        f"alert:{alert_key(delivery.vendor, event.detail)}" for event in found.events if isinstance(event.detail, Alert)
    ]
    group = _group(delivery)
    marks += [f"group:{group}"] if group else []
    marks += [f"service:{event.service[:LONGEST_NAME]}" for event in found.events if event.service]
    return tuple(dict.fromkeys(marks))


def _group(delivery: Delivery) -> str:
    """Return the group that Alertmanager and Grafana deliver alerts in, empty when it is that of all alerts."""
    try:
        body = json.loads(delivery.body)
    except (ValueError, RecursionError):
        return ""
    group = text_of(value_of(body, "body"), "groupKey")
    return short_key(f"{delivery.vendor}:group:{delivery.hook}:{group}") if group and not group.endswith(":{}") else ""
