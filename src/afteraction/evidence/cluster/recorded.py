"""The state of the cluster as it stands in recorded commands and tool calls: what kubectl printed to those who looked.

The events of an incident come in, cluster objects go out, each with the place of the line that showed it. What was
printed behind the last change that succeeded is left out, for it shows the cluster as it was mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from afteraction.formats.kubectl import looks_like_kubectl, read_kubectl
from afteraction.formats.kubectl.outputs import parse_command
from afteraction.model.cluster import ClusterObject
from afteraction.model.event import Call, Effect, Event
from afteraction.model.origin import Origin


def objects_in_calls(events: Sequence[Event]) -> tuple[ClusterObject, ...]:
    """Return the objects that the results of recorded calls show, in the order of the calls."""
    calls = sorted((e for e in events if isinstance(e.detail, Call)), key=lambda e: (e.at, e.id, str(e.origin)))
    changed = [e.at for e in calls if _changed(e)]
    looked = (e for e in calls if not changed or e.at <= changed[-1])
    return tuple(found for event in looked for found in _shown(event))


def _changed(event: Event) -> bool:
    call = event.detail
    assert isinstance(call, Call)
    made = call.carried_out and not call.is_error and call.exit_code in {None, 0}
    return made and call.effect is Effect.STATE_CHANGING


def _shown(event: Event) -> Iterator[ClusterObject]:
    call = event.detail
    assert isinstance(call, Call)
    if not call.result:
        return
    text = call.result
    if call.command:
        asked = parse_command(call.command)
        if asked is None or not asked.known or asked.verb in {"exec", "logs", "log"}:
            return
        text = f"$ {call.command}\n{call.result}"
    if not looks_like_kubectl(text):
        return
    for found in read_kubectl(text, event.origin.file, captured=event.at).objects:
        yield replace(found, origin=_place(event.origin, found.origin))


def _place(call: Origin, within: Origin) -> Origin:
    """Return the line of the file at which an object stands; where the result is one record, that record."""
    if call.line is None or call.line_end is None or call.line_end == call.line or within.line is None:
        return call
    first = min(call.line + within.line - 1, call.line_end)
    last = min(call.line + (within.line_end or within.line) - 1, call.line_end)
    return Origin(file=call.file, line=first, line_end=last)
