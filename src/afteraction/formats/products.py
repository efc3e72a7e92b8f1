"""Which product wrote a JSON file, judged from its first records: one answer for all sources, so that two never claim one.

Only shapes with one product's own names are recognised here, never a file's name. What remains (logs, metrics, spans,
changes in anybody's words) is judged by `json_shapes.py`, which asks here first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from afteraction.formats.agent_shapes import AgentShape, agent_shape
from afteraction.formats.alert_forms import form_of
from afteraction.formats.archived_incidents import holds_archived_incident
from afteraction.formats.audit_shapes import is_audit_record
from afteraction.formats.change_forms import form_of_change
from afteraction.formats.chat_shapes import is_chat_export
from afteraction.formats.json_documents import list_of, mapping_of, peek_json, peek_records, text_of, value_of
from afteraction.formats.json_origins import unwrap
from afteraction.formats.opsgenie_shapes import is_opsgenie
from afteraction.formats.spool_frames import is_spool
from afteraction.formats.statuspage_shapes import is_statuspage
from afteraction.model.reading import RawInput


class Product(StrEnum):
    """The products whose files are read by a source of their own."""

    MCP = "mcp"
    MCP_SPOOL = "mcp_spool"
    AGENT = "agent"
    CAST = "cast"
    SLACK = "slack"
    ALERTMANAGER = "alertmanager"
    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"
    STATUSPAGE = "statuspage"
    ALERT_FORM = "alert_form"
    CHANGE_FORM = "change_form"
    ALERT = "alert"
    AUDIT = "audit"
    CHAT = "chat"
    INCIDENT = "incident"


def product_of(raw: RawInput) -> Product | None:
    """Return the product that wrote `raw`, or None when it is none of those known here."""
    if is_spool(raw.head):
        return Product.MCP_SPOOL
    head = raw.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in {b"{", b"["} and agent_file(raw.head) is not None:  # whose tools may have printed anything
        return Product.AGENT
    if b'"jsonrpc"' in raw.head or b'jsonrpc\\"' in raw.head:
        return Product.MCP if re.search(rb'jsonrpc\\?"\s*:\s*\\?"2\.0', raw.head) else None
    if head[:1] not in {b"{", b"["} and not raw.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    return _product(raw.head)


@lru_cache(maxsize=4)
def agent_file(head: bytes) -> AgentShape | None:
    """Return what an agent's file that begins so is, or None when it is none."""
    return agent_shape(RawInput(name="", head=head, open=lambda: (_ for _ in ()).throw(OSError)))


@lru_cache(maxsize=4)
def _product(head: bytes) -> Product | None:
    raw = RawInput(name="", head=head, open=lambda: (_ for _ in ()).throw(OSError))  # only the head is looked at
    if cast_header(head):
        return Product.CAST
    if b"audit.k8s.io/" in head and any(is_audit_record(record) for record in _audited(raw)):
        return Product.AUDIT
    top = peek_json(raw)
    if slack_shape(top):
        return Product.SLACK
    if is_chat_export(top):
        return Product.CHAT
    for record in [top, *peek_records(raw, 5)]:
        for known, product in _KNOWN:
            if next(unwrap(record, known), None) is not None:
                return product
    return Product.INCIDENT if holds_archived_incident(top) else None


def _audited(raw: RawInput) -> list[Any]:
    """Return the first records of what may be an audit log: lines, an array, or an `EventList`."""
    records = peek_records(raw, 3)
    return [*records, *list_of(mapping_of(records[0]).get("items"))[:3]] if records else []


# --- asciinema ----------------------------------------------------------------------------------------------------


def cast_header(data: bytes) -> dict[str, Any]:
    """Return the header of an asciinema cast of version 2 or 3; empty for anything else."""
    first = data.split(b"\n", 1)[0][:20_000].lstrip(b"\xef\xbb\xbf")
    if not first.startswith(b"{") or b'"version"' not in first:
        return {}
    try:
        header = json.loads(first)
    except (ValueError, RecursionError):
        return {}
    is_cast = isinstance(header, dict) and header.get("version") in (2, 3) and ("width" in header or "term" in header)
    return header if is_cast else {}


# --- Slack --------------------------------------------------------------------------------------------------------

TS = re.compile(r"^\d{9,10}\.\d{1,7}$")
"""Slack's `ts`: epoch seconds, and a fraction that makes it unique in its channel."""
_AUTHOR = (
    "user", "bot_id", "subtype", "blocks", "attachments", "thread_ts", "reactions", "team", "username", "client_msg_id",
)  # fmt: skip


def slack_shape(value: Any) -> str:
    """Say which of Slack's shapes a value has: messages, answer, users, user answer, channels, integrations; else empty."""
    if isinstance(value, dict):
        if value.get("ok") is True and isinstance(value.get("members"), list):
            return "user answer"
        return "answer" if any(is_slack_message(item) for item in list_of(value.get("messages"))[:50]) else ""
    items = [item for item in list_of(value)[:20] if isinstance(item, dict)]
    if any(is_slack_message(item) for item in items):
        return "messages"
    if any(re.match(r"^[UWB][A-Z0-9]{1,}$", text_of(item, "id")) and _is_user(item) for item in items):
        return "users"
    places = {"members", "creator", "topic"}
    if any(re.match(r"^[CGD][A-Z0-9]{1,}$", text_of(item, "id")) and places & item.keys() for item in items):
        return "channels"
    return "integrations" if any({"change_type", "service_type"} <= item.keys() for item in items) else ""


def is_slack_message(item: Any) -> bool:
    """Whether a value is a message of Slack: it has a `ts`, and says so or names an author as Slack does."""
    if not isinstance(item, dict) or not TS.match(text_of(item, "ts")):
        return False
    return item.get("type") == "message" or ("text" in item and any(key in item for key in _AUTHOR))


def _is_user(item: Mapping[str, Any]) -> bool:
    return isinstance(item.get("profile"), dict) or "real_name" in item or "is_bot" in item


# --- Prometheus ---------------------------------------------------------------------------------------------------


def is_prometheus_alert(value: Any) -> bool:
    """Whether a value is one alert as Prometheus, Alertmanager or Grafana write it."""
    if not isinstance(value, Mapping) or not isinstance(value.get("labels"), Mapping):
        return False
    return "startsAt" in value or ("activeAt" in value and "state" in value)


def is_prometheus_alerts(value: Any) -> bool:
    """Whether a value is a webhook's body, an API answer, a bare list of alerts, or one alert."""
    if isinstance(value, list):
        return any(is_prometheus_alert(item) for item in value[:5])
    if not isinstance(value, Mapping):
        return False
    alerts = [*list_of(value.get("alerts"))[:5], *list_of(value_of(value, "data.alerts"))[:5]]
    alerts += [alert for alert, _ in alerts_of_rules(value)][:5]
    return is_prometheus_alert(value) or any(is_prometheus_alert(alert) for alert in alerts)


def alerts_of_rules(value: Any) -> list[tuple[Any, str]]:
    """Return the alerts inside an answer of Prometheus' `/api/v1/rules`, each with its path."""
    return [
        (alert, f"data.groups[{at}].rules[{place}].alerts[{number}]")
        for at, group in enumerate(list_of(value_of(value, "data.groups")))
        for place, rule in enumerate(list_of(mapping_of(group).get("rules")))
        for number, alert in enumerate(list_of(mapping_of(rule).get("alerts")))
    ]


# --- PagerDuty ----------------------------------------------------------------------------------------------------


def is_pagerduty(value: Any) -> bool:
    """Whether a value is a log entry, a webhook of version 3, or an answer of PagerDuty's REST API."""
    if not isinstance(value, Mapping):
        return False
    if isinstance(value.get("log_entries"), list):
        return any(is_pagerduty(entry) for entry in value["log_entries"][:5])
    for key, known in (("incidents", _is_incident), ("alerts", _is_pager_alert), ("notes", is_pager_note)):
        if isinstance(value.get(key), list) and any(known(entry) for entry in value[key][:5]):
            return True
    if "type" not in value and "event" not in value and _is_incident(value.get("incident")):
        return "created_at" in value["incident"]
    if _is_pager_alert(value) or is_pager_note(value):
        return "created_at" in value
    if _is_incident(value) or text_of(value, "type").endswith("_log_entry"):
        return "created_at" in value
    event = mapping_of(value.get("event"))
    return text_of(event, "event_type").startswith(("incident.", "service.")) and "occurred_at" in event


def _is_incident(value: Any) -> bool:
    return text_of(value, "type") in {"incident", "incident_reference"} and "incident_number" in mapping_of(value)


def _is_pager_alert(value: Any) -> bool:
    return text_of(value, "type") in {"alert", "alert_reference"} and "alert_key" in mapping_of(value)


def is_pager_note(value: Any) -> bool:
    """Whether a value is a note on an incident of PagerDuty."""
    told = mapping_of(value)
    return {"content", "created_at", "user"} <= told.keys() and bool(text_of(told, "user.summary"))


# --- alerts of any product ----------------------------------------------------------------------------------------

FIRED = (
    "fired_at", "firedAt", "triggered_at", "triggeredAt", "fired", "triggered", "alert_time", "alertTime", "startsAt",
    "started_at", "startedAt", "dateStartZoned", "dateStart", "opened_at", "openedAt", "StateChangeTime", "start",
)  # fmt: skip
"""Keys of the time at which an alert fired, the most explicit first."""
ALERT_WORDS = (
    "monitor", "monitor_id", "monitorID", "alert", "alertname", "alert_name", "alertName", "alert_id", "alertId", "alert_type",
    "threshold", "rule", "ruleName", "rule_name", "condition", "policy_name", "AlarmName", "detector", "check_name",
)  # fmt: skip
"""Keys that only an alert has."""
_GENERAL_WORDS = (
    "severity",
    "priority",
    "summary",
    "title",
    "message",
    "status",
    "state",
    "metric",
    "service",
    "host",
    "name",
)


ALERT_TIMES = (
    "timestamp",
    "time",
    "ts",
    "at",
    "date",
    "datetime",
    "updated_at",
    "updatedAt",
    "created_at",
    "createdAt",
)
_STATES = frozenset({"firing", "alerting", "triggered", "acknowledged", "resolved", "recovered", "ok"})
_BEGUN = frozenset({"firing", "alerting", "triggered"})


def alert_state(value: Any) -> str:
    """Return the state of an object that is one turn of an alert: a name, a time, and a state in the words of alerts."""
    told = mapping_of(value)
    state = next(
        (str(told[key]).lower() for key in ("state", "status", "alert_state", "alertState") if told.get(key)), ""
    )
    named = any(isinstance(told.get(key), str) for key in (*ALERT_WORDS, "name", "title", "summary"))
    timed = any(isinstance(told.get(key), str | int | float) for key in ALERT_TIMES)
    return state if state in _STATES and named and timed else ""


def is_alert_record(value: Any) -> bool:
    """Whether an object is one alert in anybody's words: when it fired, and at least one key that only alerts have.

    A list is one of alerts also when it tells their turns, of which one at least begins (`firing`).
    """
    if isinstance(value, list):
        if value and all(is_alert_record(item) for item in value[:3]):
            return True
        states = [alert_state(item) for item in value[:50]]
        return bool(states) and all(states) and not _BEGUN.isdisjoint(states)
    if alert_state(value) in _BEGUN:
        return True
    if not isinstance(value, Mapping):
        return False
    fired = next((key for key in FIRED if isinstance(value.get(key), str | int | float)), "")
    told = sum(key in value for key in _GENERAL_WORDS)
    explicit = fired in {"fired_at", "firedAt", "triggered_at", "triggeredAt", "fired", "alert_time", "alertTime"}
    named = any(key in value for key in ALERT_WORDS)
    return bool(fired) and told >= 2 and (explicit or named)


# --- all of them, for `product_of` -----------------------------------------------------------------------------------

_KNOWN: tuple[tuple[Callable[[Any], object], Product], ...] = (
    (is_prometheus_alerts, Product.ALERTMANAGER),
    (is_pagerduty, Product.PAGERDUTY),
    (is_statuspage, Product.STATUSPAGE),
    (is_opsgenie, Product.OPSGENIE),
    (form_of, Product.ALERT_FORM),
    (form_of_change, Product.CHANGE_FORM),
    (is_alert_record, Product.ALERT),
)
"""By what a value is known, the narrow shapes before the wide ones."""
