"""One call of an agent that several recordings tell of: a recorder, a session file, hooks, telemetry.

Events that are calls come in; out goes which of them are one call, and what they know of it together. The agent's own id
decides where two recordings have it; else equal words decide, and a time that fits: a session notes a call when it was
offered, a recorder when it was sent, and between the two a person may have thought about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from afteraction.model.event import ActorKind, Call, Effect, Event

_ONE_CALL = 3600.0
"""Seconds within which recordings with one id are one call: nobody answers a question of yesterday."""
_SENT = 5.0
"""Seconds for which a call that was recorded elsewhere may outlast what a session tells of it."""


def by_agent(event: Event) -> bool:
    """Whether an event is a call that an agent made."""
    return isinstance(event.detail, Call) and event.actor is not None and event.actor.kind is ActorKind.AGENT


def words_of_call(call: Call) -> tuple[str, str]:
    """Return what makes two calls equal: the command line, or tool and arguments however these were written."""
    if call.command:
        return "$", " ".join(call.command.split())
    try:
        arguments = json.dumps(json.loads(call.arguments), sort_keys=True) if call.arguments else "{}"
    except (ValueError, RecursionError):
        arguments = call.arguments
    return call.tool, arguments


def best_told(events: Iterable[Event]) -> dict[str, Call]:
    """Return for each id of a call the recording that tells most of what was called."""
    found: dict[str, Call] = {}
    for event in events:
        call = event.detail
        if isinstance(call, Call) and call.call_id:
            known = found.get(call.call_id)
            if known is None or _told(call) > _told(known):
                found[call.call_id] = call
    return found


def _told(call: Call) -> tuple[bool, int, str]:
    return bool(call.command), len(call.arguments), call.tool


def same_call(earlier: Event, later: Event, apart: float, *, same_clock: bool) -> bool | None:
    """Say whether two recordings tell of one call of an agent; None when neither ids nor course decide.

    `apart` is by how many seconds `later` stands after `earlier` when their clocks are made equal; `same_clock` says that
    the recording of `later` told of a call like `earlier` already.
    """
    first, second = earlier.detail, later.detail
    if not isinstance(first, Call) or not isinstance(second, Call):
        return None
    if first.call_id and second.call_id:
        return first.call_id == second.call_id and abs(apart) <= _ONE_CALL
    if same_clock or not (by_agent(earlier) and by_agent(later)):
        return None
    return True if 0 <= apart <= (first.seconds or 0.0) + _SENT else None


def only_offered(event: Event) -> bool:
    """Whether a recording of an agent's call tells of the decision alone, and not of how the call went."""
    call = event.detail
    return by_agent(event) and isinstance(call, Call) and call.seconds is None and not call.result


def fullest_text(best: Event, others: Iterable[Event]) -> str:
    """Return the text of a call, from another recording where the best one was not told the arguments."""
    told = (e for e in (best, *others) if isinstance(e.detail, Call) and (e.detail.arguments or e.detail.command))
    return next(told, best).text


def united_call(call: Call, others: list[Call]) -> Call:
    """Return what all recordings of one call know together; `call` is the best of them."""
    everyone = (call, *others)
    effects = [c.effect for c in everyone if c.effect is not Effect.UNKNOWN]
    deciding = min(everyone, key=_decided)
    refused = deciding.suggestion == "rejected"
    # What another recording saw to run was not refused: the person stopped it while it ran.
    ran = any(c.suggestion != "rejected" and (c.result or c.seconds is not None) for c in everyone)
    stopped = any(c.stopped for c in everyone) or (refused and ran and deciding.automated is False)
    return replace(
        call,
        arguments=call.arguments or next((c.arguments for c in others if c.arguments), ""),
        command=call.command or next((c.command for c in others if c.command), ""),
        result=call.result or next((c.result for c in others if c.result), ""),
        effect=effects[0] if effects else call.effect,
        is_error=any(c.is_error for c in everyone),
        automated=None if refused and ran else deciding.automated,
        suggestion="" if refused and ran else deciding.suggestion,
        server=next((c.server for c in everyone if c.server), ""),
        seconds=next((c.seconds for c in everyone if c.seconds is not None), None),
        exit_code=next((c.exit_code for c in everyone if c.exit_code is not None), None),
        call_id=next((c.call_id for c in everyone if c.call_id), ""),
        server_version=next((c.server_version for c in everyone if c.server_version), ""),
        client_version=next((c.client_version for c in everyone if c.client_version), ""),
        progress=next((c.progress for c in everyone if c.progress), ""),
        trace=next((c.trace for c in everyone if c.trace), ""),
        incident=next((c.incident for c in everyone if c.incident), ""),
        stopped=stopped,
    )


def _decided(call: Call) -> tuple[bool, bool, bool]:
    """Return how much a recording tells of the decision, least first: a person's word, a rule, a refusal, an offer."""
    return not (call.automated is False and call.suggestion), call.automated is None, not call.suggestion
