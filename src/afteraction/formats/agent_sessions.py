"""What a session of an agent holds, whatever product wrote it: calls, what the person said, what the person ran.

The adapters of the products fill a `Session`; out goes the reading. A call that is told of twice is one call, and what any
of the tellings knows is kept. A person's words become messages, cut where somebody pasted a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from afteraction.formats.agent_calls import UNDECIDED, AgentCall, events_of, seconds_between
from afteraction.formats.command_events import Typed, command_event, is_silent
from afteraction.formats.json_documents import JsonRecord, read_json
from afteraction.formats.json_documents import decode_text as decoded
from afteraction.formats.json_items import read_items
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.session_clock import fallback_time
from afteraction.formats.stamps import Stamp
from afteraction.model.event import Actor, ActorKind, Event, EventKind, Message
from afteraction.model.origin import Origin
from afteraction.model.reading import RawInput, Reading

_LONGEST_WORDS = 2_000
"""Characters of a prompt that are kept; longer ones are pasted material."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the person wrote to the agent; `output` is set when it was a command that the person ran there."""

    text: str
    origin: Origin
    stamp: Stamp | None
    person: str = ""
    output: str | None = None
    unsorted: bool = False


@dataclass(slots=True)
class Session:
    """What an adapter found, in the order of the file."""

    agent: str
    calls: dict[str, AgentCall] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    waiting: dict[str, None] = field(default_factory=dict)
    """The calls without an answer so far, in order."""
    _unnamed: int = 0

    def add(self, call: AgentCall) -> str:
        """Take a call; one with the id of an earlier call adds to it. Returns the key under which it can be found."""
        key = call.call_id
        if not key:
            self._unnamed += 1
            key = f" {self._unnamed}"
        known = self.calls.get(key)
        if key not in self.answered:
            self.waiting[key] = None
        self.calls[key] = call if known is None else united(known, call)
        return key

    def answer(self, key: str, origin: Origin, stamp: Stamp | None, **told: Any) -> None:
        """Add to a call what came of it; an answer to a call that the file does not hold is passed over."""
        call = self.calls.get(key)
        if call is None:
            return
        self.answered.add(key)
        self.waiting.pop(key, None)
        seconds = call.seconds if call.seconds is not None else seconds_between(call.stamp, stamp)
        self.calls[key] = replace(call, also=(*call.also, origin), **{"seconds": seconds, **told})


def united(first: AgentCall, second: AgentCall) -> AgentCall:
    """Return what two tellings of one call know together; the first one's word counts where both have one."""
    return replace(
        first,
        stamp=first.stamp or second.stamp,
        arguments=first.arguments or second.arguments,
        result=first.result or second.result,
        failed=first.failed or second.failed,
        decision=first.decision if first.decision != UNDECIDED else second.decision,
        server=first.server or second.server,
        tool=second.tool if second.server and not first.server else first.tool,
        seconds=first.seconds if first.seconds is not None else second.seconds,
        exit_code=first.exit_code if first.exit_code is not None else second.exit_code,
        stopped=first.stopped or second.stopped,
        also=(*first.also, second.origin, *second.also),
    )


def records_of(raw: RawInput, problems: ProblemList) -> list[JsonRecord]:
    """Return the records of a session file: one a line, or the documents in it."""
    records, faults = read_json(decoded(raw.read()), raw.name)
    problems.extend(faults)
    return records


def items_of(raw: RawInput, problems: ProblemList) -> list[JsonRecord]:
    """Return the records of a file that may be one array of them."""
    records, faults = read_items(raw)
    problems.extend(faults)
    return records


def session_reading(
    session: Session, raw: RawInput, problems: ProblemList, *, source: str, lines: int, remedy: str = ""
) -> Reading:
    """Return the reading of a session: its calls, and what the person said and ran."""
    fallback = fallback_time(raw)
    calls = list(session.calls.values())
    events, untimed = events_of(calls, source=source, fallback=fallback, remedy=remedy)
    problems.extend(untimed)
    events += [event for said in session.said if (event := _said(said, session.agent, source)) is not None]
    return Reading(events=tuple(events), problems=problems.close(), lines=lines)


class Walk(Protocol):
    """One pass over the records of a session, which it fills."""

    session: Session

    def take(self, record: JsonRecord, told: Mapping[str, Any]) -> None:
        """Take one record that is an object."""
        ...


def read_walking(raw: RawInput, walk: Walk, *, source: str) -> Reading:
    """Read a session whose records tell of calls, of results and of what was said one after the other."""
    problems = ProblemList(raw.name)
    records = records_of(raw, problems)
    for record in records:
        if isinstance(record.value, Mapping):
            walk.take(record, record.value)
    _report_unanswered(walk.session, problems)
    return session_reading(walk.session, raw, problems, source=source, lines=len(records))


def _report_unanswered(session: Session, problems: ProblemList) -> None:
    """Note the calls of which the file does not tell what came."""
    for key, call in session.calls.items():
        if key not in session.answered and not call.decision.suggestion and not call.result:
            problems.add(
                f"the call of {call.tool} has no result in the session",
                line=call.origin.line,
                record=call.origin.record,
                remedy="the session may have been ended or saved while it ran",
            )


def _said(said: Said, agent: str, source: str) -> Event | None:
    text = said.text.strip()
    if not text or said.stamp is None:
        return None
    person = said.person or f"user of {agent}"
    if said.output is not None:
        if is_silent(text):
            return None
        typed = Typed(command=text, user=person, output=said.output)
        return command_event(
            typed,
            at=said.stamp.at,
            precision=said.stamp.precision,
            origin=said.origin,
            source=source,
            zone=said.stamp.zone,
        )
    return Event(
        at=said.stamp.at,
        precision=said.stamp.precision,
        kind=EventKind.MESSAGE,
        text=text if len(text) <= _LONGEST_WORDS else text[:_LONGEST_WORDS] + " …",
        source=source,
        origin=said.origin,
        actor=Actor(name=person, kind=ActorKind.PERSON),
        zone=said.stamp.zone,
        detail=Message(channel=agent),
        unsorted=said.unsorted,
    )
