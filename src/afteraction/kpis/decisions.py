"""Who decided about the calls of agents: what a person allowed, changed, refused or stopped, and what nobody knows.

Calls come in as events; out go the words in which the automation metrics tell their basis. A refusal by a rule of the
configuration is no person's, and one of which the material does not say whose it was is said to be that.
"""

from __future__ import annotations

from collections.abc import Iterable

from afteraction.model.event import ActorKind, Call, Event


def call_of(event: Event) -> Call:
    """Return the call that an event is."""
    assert isinstance(event.detail, Call)
    return event.detail


def carried_out(event: Event) -> bool:
    """Say whether a call was made: one that was refused, or offered and never answered, was not."""
    return call_of(event).carried_out


def refused_by_person(event: Event) -> bool:
    """Say whether a person refused a call."""
    return call_of(event).suggestion == "rejected" and call_of(event).automated is False


def of_agent(event: Event) -> bool:
    """Say whether an agent made a call."""
    return isinstance(event.detail, Call) and event.actor is not None and event.actor.kind is ActorKind.AGENT


def approval_basis(events: Iterable[Event]) -> str:
    """Return for how many calls of agents the material tells by whose word they were made; empty without any."""
    calls = [call_of(event) for event in events if of_agent(event)]
    known = sum(call.approval_known for call in calls)
    return f"approval known for {known} of {len(calls)} calls by agents" if calls else ""


_WORDS = {
    ("accepted", None): "accepted",
    ("edited", None): "edited",
    ("rejected", False): "rejected",
    ("rejected", True): "refused by configuration",
    ("rejected", None): "refused, by whom is not on record",
    ("offered", None): "without an answer on record",
}


def told_decisions(met: Iterable[Event]) -> str:
    """Return how suggestions were met, counted: `1 accepted, 1 rejected`."""
    found: dict[str, int] = dict.fromkeys(_WORDS.values(), 0)
    for event in met:
        call = call_of(event)
        word = _WORDS.get((call.suggestion, call.automated)) or _WORDS.get((call.suggestion, None), call.suggestion)
        found[word] = found.get(word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in found.items() if count)
