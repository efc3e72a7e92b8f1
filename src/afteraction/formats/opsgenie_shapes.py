"""By which fields Opsgenie's JSON is known: webhook actions, alerts and their logs, notes, an incident's timeline.

Incidents themselves are read with other systems' archived incidents (`archived_incidents.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of

_LOG = {"log", "createdAt", "offset"}
_NOTE = {"note", "createdAt", "offset"}


def is_opsgenie(value: Any) -> bool:
    """Whether a value is a webhook's body or an answer of Opsgenie's API, one record or the list in its `data`."""
    if isinstance(value, list):
        return bool(value) and all(is_opsgenie(item) for item in value[:3])
    if not isinstance(value, Mapping):
        return False
    data = value.get("data")
    if isinstance(data, list) and any(is_opsgenie(item) for item in data[:5]):
        return True
    if isinstance(data, Mapping) and "requestId" in value:
        return is_alert(data) or any(is_timeline_entry(entry) for entry in list_of(data.get("entries"))[:5])
    return is_action(value) or is_alert(value) or is_log(value) or is_timeline_entry(value)


def is_action(value: Any) -> bool:
    """Whether a value is what a webhook posts when something was done to an alert."""
    return bool(
        text_of(value, "action") and text_of(value, "alert.alertId") and value_of(value, "alert.message") is not None
    )


def is_alert(value: Any) -> bool:
    """Whether a value is an alert of the API."""
    item = mapping_of(value)
    return "tinyId" in item and "isSeen" in item and "createdAt" in item


def is_log(value: Any) -> bool:
    """Whether a value is a line of an alert's log, or a note on an alert."""
    item = mapping_of(value)
    return (item.keys() >= _LOG or item.keys() >= _NOTE) and "owner" in item


def is_timeline_entry(value: Any) -> bool:
    """Whether a value is an entry of an incident's timeline."""
    item = mapping_of(value)
    return "eventTime" in item and "group" in item and isinstance(item.get("description"), Mapping)
