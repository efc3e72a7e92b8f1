"""Drafts the resolution: the calls that changed the system, in order, with result and doer."""

from __future__ import annotations

from datetime import timedelta

from afteraction.drafting.case import Case
from afteraction.drafting.clock import Clock
from afteraction.drafting.happenings import first_lines, invocation, outcome, tools_call
from afteraction.drafting.head import stated
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.wording import plain
from afteraction.formats.housekeeping import is_housekeeping
from afteraction.kpis import diagnostic_calls, resolution_calls
from afteraction.model.chronology import MilestoneName, Timeline
from afteraction.model.event import ActorKind, Call, Change, ChangeKind, Event, EventKind
from afteraction.model.postmortem.resolution import CommandBlock, Resolution, ResolutionStep

_MITIGATING = {ChangeKind.ROLLBACK, ChangeKind.DEPLOY, ChangeKind.FLAG, ChangeKind.CONFIG, ChangeKind.SCALE}
_CAME_LIMIT = 160


def resolution(case: Case, ledger: Ledger, clock: Clock) -> Resolution:
    """Draft the section "Resolution Details"; without any step the template's blank ones remain."""
    calls = _calls(case)
    changes = [] if calls else _mitigating_changes(case)
    timed = [(e.at, _step(e, e.detail, ledger, clock)) for e in calls if isinstance(e.detail, Call)]
    timed += [(e.at, _change_step(e, ledger, clock)) for e in changes]
    told_of = _told_steps(case, ledger, [*calls, *changes])
    timed += [(event.at, _told_step(event, words, ledger, clock)) for event, words in told_of]
    steps = [step for _, step in sorted(timed, key=lambda pair: pair[0])]
    why = stated(case, ledger, "resolution.why_it_worked")
    return Resolution(steps=tuple(steps), why_it_worked=why) if steps else Resolution(why_it_worked=why)


def _calls(case: Case) -> list[Event]:
    return [event for event in resolution_calls(case.timeline) if isinstance(event.detail, Call)]


_SAME_STEP = timedelta(minutes=10)
"""People tell of a step within minutes of it; what they tell within that time of a recorded one is that one."""


def _told_steps(case: Case, ledger: Ledger, acted: list[Event]) -> list[tuple[Event, str]]:
    """Return what people told that they did and no machine recorded, from the detection to the end of the impact."""
    detected = case.timeline.milestone(MilestoneName.DETECTED)
    over = case.timeline.milestone(MilestoneName.CONFIRMED) or case.timeline.milestone(MilestoneName.RESTORED)
    found: dict[str, tuple[Event, str]] = {}
    for statement in case.statements("resolution.step"):
        event = ledger.event(ledger.cite(statement))
        if event is None or (detected and event.at < detected.at) or (over and event.at > over.at):
            continue
        if any(timedelta(minutes=-1) <= event.at - one.at <= _SAME_STEP + _tick(one) for one in acted):
            continue
        found.setdefault(event.id, (event, statement.value))
    return list(found.values())


def _tick(event: Event) -> timedelta:
    return timedelta(seconds=min(event.precision.seconds, 3600.0))


def _told_step(event: Event, words: str, ledger: Ledger, clock: Clock) -> ResolutionStep:
    who = f" by {plain(event.actor.name)}" if event.actor else ""
    text = f"{clock.time(event.at, event.precision)}{who}: {plain(words)}"
    return ResolutionStep(
        action=ledger.value(text, event.basis, [event.id]),
        tool=ledger.value("manual action, as told", event.basis, [event.id]),
    )


def _step(event: Event, call: Call, ledger: Ledger, clock: Clock) -> ResolutionStep:
    who = f" by {plain(event.actor.name)}" if event.actor else ""
    text = f"{clock.time(event.at, event.precision)}{who}: {invocation(call)}"
    mcp = event.kind is EventKind.TOOL_CALL
    server = f" on {plain(call.server)}" if call.server else ""
    tool = f"MCP tool {plain(call.tool)}{server}" if mcp else f"{plain(call.tool)} (command line)"
    tool += _by_whose_word(event, call)
    command = (
        CommandBlock(language="json", text=tools_call(call))
        if mcp
        else CommandBlock(language="bash", text=call.command)
    )
    result = outcome(call)
    return ResolutionStep(
        action=ledger.value(text, event.basis, [event.id]),
        tool=ledger.value(tool, event.basis, [event.id]),
        command=command,
        result=ledger.value(result, event.basis, [event.id]) if result else None,
    )


def _by_whose_word(event: Event, call: Call) -> str:
    """Tell who allowed an agent's step, where that is on record."""
    if event.actor is None or event.actor.kind is not ActorKind.AGENT:
        return ""
    if call.suggestion in {"accepted", "edited"}:
        return f", {call.suggestion} by a person"
    return ", allowed by configuration" if call.automated else ""


def _mitigating_changes(case: Case) -> list[Event]:
    """Return the changes that people made between the detection and the end of the impact."""
    detected = case.timeline.milestone(MilestoneName.DETECTED)
    restored = case.timeline.milestone(MilestoneName.RESTORED)
    if detected is None:
        return []
    return [
        event
        for event in case.timeline.events
        if isinstance(event.detail, Change)
        and event.detail.kind in _MITIGATING
        and event.at >= detected.at
        and (restored is None or event.at <= restored.at)
    ]


def _change_step(event: Event, ledger: Ledger, clock: Clock) -> ResolutionStep:
    who = f" by {plain(event.actor.name)}" if event.actor else ""
    text = f"{clock.time(event.at, event.precision)}{who}: {plain(event.text)}"
    return ResolutionStep(action=ledger.value(text, event.basis, [event.id]))


def looking_calls(timeline: Timeline) -> tuple[Event, ...]:
    """Return the diagnostic calls that looked at the system; `date` or `cd` only look after the shell itself."""
    return tuple(
        e for e in diagnostic_calls(timeline) if isinstance(e.detail, Call) and not is_housekeeping(e.detail.command)
    )


def commands(case: Case, clock: Clock) -> str | None:
    """Return the diagnostic commands as they were given, for the appendix; None when none was recorded.

    Above each stands when, by whom and where it is on record; below it what came of it, on one line.
    """
    lines = ["# Key commands used during incident response"]
    for event in looking_calls(case.timeline):
        if isinstance(event.detail, Call):
            who = f" {event.actor.name}" if event.actor else ""
            lines.append(f"# {clock.time(event.at, event.precision)}{who} ({event.origin})")
            shown = event.detail.command or f"tools/call {event.detail.tool} {event.detail.arguments}".strip()
            lines.append(shown if event.detail.command else f"# {shown}")
            if came := " ".join(first_lines(event.detail.result).split()):
                lines.append(f"# -> {came if len(came) <= _CAME_LIMIT else came[:_CAME_LIMIT] + ' …'}")
    return "\n".join(lines) if len(lines) > 1 else None
