"""Slack: messages of channels that are tied to an incident, and the slash command; both are proved before they come here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from afteraction.formats.json_documents import mapping_of, text_of, value_of
from afteraction.model.record import Author
from afteraction.model.settings import Hook
from afteraction.usecases.chat import Said, command, incident_of
from afteraction.usecases.deliver import Arrived, Delivered, Reader, deliver
from afteraction.web.desk import Desk

_LONGEST = 8000
_FIELDS = 50


def channel_key(hook: Hook, channel: str) -> str:
    """Return the key under which a channel is tied to an incident."""
    return f"slack:{hook.name}:{channel[:64]}"


def form_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form, the first of each name; empty for what is none."""
    try:
        read = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in read.items()}


def slash(desk: Desk, hook: Hook, body: bytes) -> dict[str, Any]:
    """Carry out a slash command and return Slack's answer to it."""
    form = form_of(body)
    who = form.get("user_name") or form.get("user_id") or "somebody"
    said = Said(
        text=desk.masked(form.get("text", "")[:_LONGEST]), channel=channel_key(hook, form.get("channel_id", "")),
        author=Author(name=desk.masked(who)[:100]), at=desk.clock(),
    )  # fmt: skip
    with desk.store.begin() as record:
        answer = command(record, said, settings=desk.settings)
    return {"response_type": "in_channel" if answer.public else "ephemeral", "text": answer.text}


def message(desk: Desk, came: Arrived, reader: Reader) -> Delivered | None:
    """Keep a message of a channel that is tied to an incident; None for everything else, of which nothing is kept."""
    event = mapping_of(value_of(came.value, "event"))
    channel = text_of(event, "channel", "channel.id")
    subtype = text_of(event, "subtype")
    said = mapping_of(event.get("message")) if subtype == "message_changed" else event
    if text_of(event, "type") != "message" or not channel or subtype == "message_deleted" or not said:
        return None
    with desk.store.begin() as record:
        tied = incident_of(record, channel_key(came.hook, channel))
    if tied is None:
        return None
    shown = {"channel": channel, "messages": [{"type": "message", **said}]}
    return deliver(desk.store, replace(came, value=shown, bare=True), reader, into=tied.id)
