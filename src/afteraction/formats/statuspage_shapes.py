"""By which fields the JSON of a status page is known, in the form that Statuspage made usual and others took over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afteraction.formats.json_documents import list_of, mapping_of, value_of


def is_statuspage(value: Any) -> bool:
    """Whether a value is an incident with its updates, a list of such, a webhook's body, or the page of the history."""
    if isinstance(value, list):
        return any(is_incident(item) for item in value[:3])
    if not isinstance(value, Mapping):
        return False
    if is_incident(value) or any(is_incident(value.get(key)) for key in ("incident", "maintenance")):
        return True
    if any(
        is_incident(item) for key in ("incidents", "scheduled_maintenances") for item in list_of(value.get(key))[:3]
    ):
        return True
    months = [mapping_of(month) for month in list_of(value.get("months"))[:12]]
    if any(
        "timestamp" in mapping_of(item) and "code" in item
        for month in months
        for item in list_of(month.get("incidents"))[:1]
    ):
        return True
    return value_of(value, "component_update.new_status") is not None and isinstance(value.get("component"), Mapping)


def is_incident(value: Any) -> bool:
    """Whether a value is an incident or a maintenance of a status page, with what was published of it."""
    item = mapping_of(value)
    updates = item.get("incident_updates", item.get("maintenance_updates"))
    return isinstance(updates, list) and "name" in item and "status" in item


def is_feed(head: bytes) -> bool:
    """Whether a file is the history of a status page as RSS or Atom: its entries hold updates with a state in bold."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:65_536]
    if not text.startswith((b"<?xml", b"<rss", b"<feed")) or (
        b"<rss" not in text[:2000] and b"<feed" not in text[:2000]
    ):
        return False
    return b"&lt;strong&gt;" in text or b"<strong>" in text
