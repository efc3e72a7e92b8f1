"""Prometheus alerting: Alertmanager's webhook deliveries (version 4), its API v2 lists, and Prometheus' own alert list.

In come deliveries as they were posted, one a file, one a line or wrapped by whoever received them; out go alerts that
fire and resolve. An alert is known by its fingerprint and fires anew with each `startsAt`; a delivery that repeats what
another one said adds an origin and no event. `endsAt` of year one, and of an active alert in API v2, means still firing.
Prometheus' `activeAt` is when the condition began, which is a warning and not yet an alert.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json, text_of, value_of
from afteraction.formats.json_origins import origin_of, safe_stamp, unwrap, year_one
from afteraction.formats.products import Product, alerts_of_rules, is_prometheus_alert, is_prometheus_alerts, product_of
from afteraction.formats.stamps import Stamp
from afteraction.model.event import Actor, ActorKind, Alert, Event, EventKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading

SERVICE_LABELS = (
    "service",
    "service_name",
    "app",
    "application",
    "app_kubernetes_io_name",
    "component",
    "deployment",
    "statefulset",
    "daemonset",
)
"""Labels that name a service, the most explicit first; `job` names the scraper's target group and is no service."""
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


class Alertmanager:
    """Reads Prometheus alerts."""

    name = "alertmanager"
    summary = "Alertmanager webhooks (v4) and API v2 lists, Prometheus /api/v1/alerts: alerts firing and resolved"

    def claims(self, raw: RawInput) -> bool:
        """Claim payloads whose alerts carry labels and a `startsAt` or `activeAt`."""
        return product_of(raw) is Product.ALERTMANAGER

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every delivery; `context` is not needed, since these stamps carry zones."""
        del context
        records, problems = read_json(decode_text(raw.read()), raw.name)
        seen: dict[tuple[str, EventKind, object], Event] = {}
        for record in records:
            for payload, path, _ in unwrap(record.value, is_prometheus_alerts):
                problems += _truncated(payload, origin_of(raw.name, record, path))
                for alert, inner in _alerts(payload):
                    origin = origin_of(raw.name, record, f"{path}.{inner}".lstrip(".") if path else inner)
                    for event in _events(alert, origin, self.name, problems):
                        assert isinstance(event.detail, Alert)
                        key = (event.detail.key, event.kind, event.at)
                        known = seen.get(key)
                        seen[key] = replace(known, also=(*known.also, origin)) if known else event
        return Reading(
            events=tuple(seen.values()),
            problems=tuple(problems),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )


def _alerts(payload: Any) -> Iterator[tuple[Any, str]]:
    if isinstance(payload, list):
        yield from ((alert, f"[{number}]") for number, alert in enumerate(payload))
    elif is_prometheus_alert(payload):
        yield payload, ""
    else:
        for key in ("alerts", "data.alerts"):
            yield from ((alert, f"{key}[{number}]") for number, alert in enumerate(list_of(value_of(payload, key))))
        yield from alerts_of_rules(payload)


def _truncated(payload: Any, origin: Origin) -> list[Problem]:
    left_out = value_of(payload, "truncatedAlerts")
    if not isinstance(left_out, int) or left_out <= 0:
        return []
    remedy = "raise max_alerts in the receiver, or export the alerts from the API"
    return [Problem(origin=origin, reason=f"Alertmanager left {left_out} alerts out of this delivery", remedy=remedy)]


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return Alertmanager's fingerprint of a label set: FNV-1a of 64 bits over sorted names and values.

    As in `LabelSet.Fingerprint` of prometheus/common, so that Prometheus' own list meets Alertmanager's deliveries.
    """
    total = _FNV_OFFSET
    for name in sorted(labels):
        for byte in name.encode() + b"\xff" + labels[name].encode() + b"\xff":
            total = ((total ^ byte) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{total:016x}"


def _events(alert: Any, origin: Origin, source: str, problems: list[Problem]) -> Iterator[Event]:
    """Yield what one alert object tells: that it fires, and that it is resolved."""

    def complain(reason: str) -> None:
        problems.append(Problem(origin=origin, reason=reason, remedy="export the alerts again"))

    if not is_prometheus_alert(alert):
        complain("this is no alert: it has no labels or no start")
        return
    identity, service, shown = _identity(alert)
    called = identity.name or identity.key
    began, active = _time(alert, "startsAt"), _time(alert, "activeAt")
    stamp = began or active
    if stamp is None or year_one(stamp.at):
        complain(f"the alert {called} has no readable start")
        return
    firing = Event(
        at=stamp.at,
        precision=stamp.precision,
        kind=EventKind.ALERT_FIRING if began else EventKind.WARNING,
        text=shown if began else f"{shown} (condition true since then, {text_of(alert, 'state')})",
        source=source,
        origin=origin,
        actor=Actor(name="Alertmanager" if began else "Prometheus", kind=ActorKind.TOOL),
        service=service,
        zone=stamp.zone,
        detail=replace(identity, active_at=active.at if active else None),
    )
    yield firing
    ended = _time(alert, "endsAt")
    if text_of(alert, "status") != "resolved":  # in API v2 status is an object and endsAt a timeout
        return
    if ended is None:
        complain(f"the alert {called} is resolved, but has no readable end")
    elif not year_one(ended.at) and ended.at >= stamp.at:
        text = f"Resolved: {shown}"
        kind = EventKind.ALERT_RESOLVED
        yield replace(firing, at=ended.at, precision=ended.precision, kind=kind, text=text, zone=ended.zone)


def _identity(alert: Any) -> tuple[Alert, str, str]:
    """Return what an alert is, the service that its labels name, and the words to show it by."""
    plain = {name: value for name, value in mapping_of(alert["labels"]).items() if not isinstance(value, dict | list)}
    labels = {str(name): str(value) for name, value in plain.items()}
    name = labels.get("alertname", "")
    told = text_of(alert, "annotations.summary", "annotations.title", "annotations.message", "annotations.description")
    identity = Alert(
        key=text_of(alert, "fingerprint") or fingerprint(labels),
        name=name,
        severity=labels.get("severity") or labels.get("priority") or labels.get("level") or "",
        labels=tuple(sorted(labels.items())),
    )
    service = next((labels[label] for label in SERVICE_LABELS if labels.get(label)), "")
    shown = f"{name}: {told}" if name and told and name.lower() not in told.lower() else told or name or "alert"
    return identity, service, shown


def _time(alert: Any, key: str) -> Stamp | None:
    value = alert.get(key)
    return safe_stamp(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
