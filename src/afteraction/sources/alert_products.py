"""Alerts as monitoring products send or list them (JSON): what fired, was acknowledged, escalated or resolved, and when.

In come webhook bodies and answers of APIs in one of the forms of `formats/alert_forms.py`, one a file, one a line, in a
list, or wrapped by whoever received them; out go events. A payload that says no time takes that of its envelope; where
neither has one it becomes a problem, since an alert without a time has no place in a timeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from afteraction.formats.alert_forms import AlertForm, form_of, found, pairs_of, said
from afteraction.formats.alert_words import FLAPPING, meaning_of, split_title
from afteraction.formats.json_documents import decode_text, read_json
from afteraction.formats.json_origins import origin_of, safe_stamp, stamp_in, unwrap
from afteraction.formats.products import Product, product_of
from afteraction.formats.stamps import Stamp
from afteraction.model.event import Actor, ActorKind, Alert, Event, EventKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading

_SAID_AT = re.compile(
    r"\b(?P<state>triggered|fired|opened|cleared|resolved|recovered|closed|stopped|acknowledged) at (?P<when>[^\n]{8,60}?)(?:\.\s|\.?$|\n)",
    re.IGNORECASE | re.MULTILINE,
)
"""A product that says the time in its words only."""
_LONG = 600
_SERVICE_LABELS = ("service", "service.name", "service_name", "app", "application", "component", "host", "instance")
_WORDS = {
    EventKind.ALERT_ACKNOWLEDGED: "Acknowledged: ",
    EventKind.ALERT_ESCALATED: "Escalated: ",
    EventKind.ALERT_RESOLVED: "Resolved: ",
}


class AlertProducts:
    """Reads alerts of many monitoring products by a table of their forms."""

    name = "alert-product"
    summary = (
        "Alerts (JSON) of Datadog, Sentry, CloudWatch, New Relic, Zabbix, Azure, Google Cloud and 20 more products"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim payloads that have one product's own fields."""
        return product_of(raw) is Product.ALERT_FORM

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every payload; what one repeats of another adds an origin and no event."""
        records, problems = read_json(decode_text(raw.read()), raw.name)
        seen: dict[tuple[object, ...], Event] = {}
        for record in records:
            for value, path, around in unwrap(record.value, form_of):
                form = form_of(value)
                assert form is not None
                origin = origin_of(raw.name, record, path or ("" if record.line == record.line_end else "alert"))
                told = list(_events(_Payload(form, value, around, origin, context.zone)))
                for event in told:
                    assert isinstance(event.detail, Alert)
                    key = (event.detail.key, event.kind, event.at, event.text)
                    known = seen.get(key)
                    seen[key] = replace(known, also=(*known.also, origin)) if known else event
                if not told:
                    problems.append(_untimed(form, value, origin))
        return Reading(
            events=tuple(seen.values()),
            problems=tuple(problems),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )


def _untimed(form: AlertForm, value: Any, origin: Origin) -> Problem:
    called = said(value, (*form.name, *form.told))
    what = f"the alert `{called}`" if called else "an alert"
    return Problem(
        origin=origin,
        reason=f"{what} ({form.product}) says no time",
        remedy='give the time of its arrival around it, as {"received_at": "2026-03-04T09:12:00Z", "payload": {...}}',
    )


@dataclass(frozen=True, slots=True)
class _Payload:
    """One payload, the form that it has, the object around it, its place, and the zone of stamps without one."""

    form: AlertForm
    value: Mapping[str, Any]
    around: Mapping[str, Any]
    origin: Origin
    zone: str

    def text(self, keys: tuple[str, ...]) -> str:
        return said(self.value, keys)

    def stamp(self, keys: tuple[str, ...]) -> Stamp | None:
        for key in keys:
            value = found(self.value, key)
            if (
                isinstance(value, str | int | float)
                and not isinstance(value, bool)
                and (read := safe_stamp(value, self.zone))
            ):
                return read
        return None

    def spoken(self) -> tuple[EventKind | None, Stamp | None]:
        """Return the state and time that the payload tells in a sentence (`cleared at Thu, 29 Feb 2024 11:48:32 GMT`)."""
        for match in _SAID_AT.finditer(self.text(self.form.more)[:_LONG]):
            if read := safe_stamp(match["when"], self.zone):
                return meaning_of(match["state"]) or EventKind.ALERT_RESOLVED, read
        return None, None


def _kind(payload: _Payload, title: EventKind | None) -> EventKind:
    form = payload.form
    words = [word for key in form.state if (word := payload.text((key,)))]
    for word in words:
        if kind := form.states.get(word, form.states.get(word.lower())) or meaning_of(word):
            # What a title says in brackets is the alert's own transition; a state of `error` there is its severity.
            return title if title and kind is EventKind.ALERT_FIRING else kind
    return title or form.always


def _events(payload: _Payload) -> Iterator[Event]:
    """Yield what one payload tells: its own state, and the other times of the alert's life that it holds."""
    form = payload.form
    title, told = split_title(payload.text(form.told) or payload.text(form.name))
    kind = _kind(payload, title)
    began, acknowledged, ended = (payload.stamp(keys) for keys in (form.began, form.acknowledged, form.ended))
    own = payload.stamp(form.at)
    if own is None and began is None:
        spoken, own = payload.spoken()
        kind = spoken or kind
    times = {
        EventKind.ALERT_FIRING: began,
        EventKind.ALERT_ACKNOWLEDGED: acknowledged,
        EventKind.ALERT_RESOLVED: ended if began is None or ended is None or ended.at >= began.at else None,
    }
    if kind is EventKind.ALERT_FIRING:
        times[EventKind.ALERT_RESOLVED] = None  # the end of an open alert is that of its window
    times[kind] = times.get(kind) or own or stamp_in(payload.around, zone=payload.zone)
    for known, stamp in times.items():
        if stamp is not None:
            yield _event(payload, told, known, stamp)


def _event(payload: _Payload, told: str, kind: EventKind, stamp: Stamp) -> Event:
    form = payload.form
    called = split_title(payload.text(form.name))[1]
    text = _sentence(called, told, payload.text(form.more))
    labels = _labels(payload)
    grave = payload.text(form.grave)
    who = payload.text(form.actor) if kind in _WORDS else ""
    service = payload.text(form.service) or next((labels[name] for name in _SERVICE_LABELS if labels.get(name)), "")
    return Event(
        at=stamp.at,
        precision=stamp.precision,
        zone=stamp.zone,
        kind=kind,
        text=_mark(payload, kind) + text,
        source=AlertProducts.name,
        origin=payload.origin,
        actor=Actor(name=who or form.product, kind=ActorKind.PERSON if who else ActorKind.TOOL),
        service=service,
        detail=Alert(
            key=payload.text(form.key) or " on ".join(part for part in (called or text, service) if part),
            name=called or told,
            severity="" if meaning_of(grave) is EventKind.ALERT_RESOLVED else grave,
            labels=tuple(sorted(labels.items())),
        ),
    )


def _mark(payload: _Payload, kind: EventKind) -> str:
    """Return the word before an event's text that says what became of the alert; nothing when it only fires."""
    if any(FLAPPING.search(payload.text((key,))) for key in payload.form.state):
        return "Flapping: " if kind is EventKind.ALERT_FIRING else "Flapping ended: "
    return _WORDS.get(kind, "")


def _sentence(called: str, told: str, more: str) -> str:
    text = f"{called}: {told}" if called and told and called.lower() not in told.lower() else told or called or "alert"
    first = " ".join(more.split("\n\n", 1)[0].split())
    tells = len(first) > 3 and first.lower() not in text.lower()
    return f"{text}: {first}" if tells and len(first) <= _LONG else text


def _labels(payload: _Payload) -> dict[str, str]:
    """Return the short plain labels that the product or its users filled."""
    return {
        name: str(value)
        for key in payload.form.labels
        for name, value in pairs_of(found(payload.value, key)).items()
        if isinstance(value, str | int | float) and said({"it": value}, ("it",)) and len(str(value)) <= _LONG
    }
