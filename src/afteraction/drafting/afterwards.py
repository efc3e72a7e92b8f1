"""Drafts what comes after: questions for the review, stated actions, review dates, the appendix."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from afteraction.drafting.case import Case
from afteraction.drafting.clock import Clock
from afteraction.drafting.consequences import responders
from afteraction.drafting.happenings import told
from afteraction.drafting.head import stated
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.steps import commands
from afteraction.drafting.wording import capital, counted, plain
from afteraction.formats.measures import measure_of
from afteraction.kpis import call_failed, format_duration, resolution_calls
from afteraction.model.chronology import MilestoneName
from afteraction.model.event import Call, Event
from afteraction.model.kpi import KpiName
from afteraction.model.origin import Basis
from afteraction.model.postmortem.actions import ActionItem, Actions
from afteraction.model.postmortem.appendix import Appendix, Footer, Team
from afteraction.model.postmortem.followup import FollowUp, ReviewSlot
from afteraction.model.postmortem.lessons import Learned, Lessons, WentWell, WentWrong
from afteraction.model.postmortem.prevention import (
    Prevention,
    ProcessImprovements,
    TechnicalImprovements,
    ToolImprovements,
)
from afteraction.model.postmortem.value import Part, Value
from afteraction.model.reading import Statement

M = MilestoneName


def lessons(case: Case, ledger: Ledger) -> Lessons:
    """Draft the section "Lessons Learned": what people said or wrote, and questions that the record raises."""
    lucky = case.statements("lessons.lucky")
    return Lessons(
        went_well=WentWell(**_written(case, ledger, "went_well", WentWell)),
        went_wrong=WentWrong(**_written(case, ledger, "went_wrong", WentWrong)),
        learned=Learned(**_written(case, ledger, "learned", Learned)),
        lucky=tuple(ledger.value(plain(s.value), s.basis, [ledger.cite(s)]) for s in lucky),
        questions=tuple(_questions(case, ledger)),
    )


def _written(case: Case, ledger: Ledger, group: str, part: type[Part]) -> dict[str, Any]:
    """Take over the lessons that people already wrote or said; the machine draws none."""
    found: dict[str, Any] = {}
    for name in (field.name for field in fields(part)):
        said = case.statements(f"lessons.{group}.{name}")
        if said:
            told = "; ".join(dict.fromkeys(plain(s.value) for s in said))
            found[name] = ledger.value(told, Basis.REPORTED, [ledger.cite(s) for s in said])
    return found


def _questions(case: Case, ledger: Ledger) -> list[Value]:
    """Turn what stands out in the record into questions; the answers are people's."""
    asked: list[Value] = []
    timeline = case.timeline
    detected = timeline.milestone(M.DETECTED)
    if detected and timeline.detection_source in {"staff", "customer"}:
        text = f"A {timeline.detection_source} noticed before any monitor did. Which signal would have shown it first?"
        asked.append(ledger.value(text, Basis.INFERRED, detected.events))
    detection = case.kpi(KpiName.TIME_TO_DETECTION)
    if detection.seconds:
        took = format_duration(detection.seconds, detection.precision)
        text = f"Detection took {took} from the first symptoms. What could have shortened it, and at what cost?"
        asked.append(ledger.value(text, Basis.INFERRED, detection.events))
    for event in _in_vain(case):
        failed = isinstance(event.detail, Call) and event.detail.is_error
        ending = "failed" if failed else "did not end the impact"
        text = f'"{told(event)}" {ending}. What had made it look right, and what would have told earlier?'
        asked.append(ledger.value(text, Basis.INFERRED, [event.id]))
    override = case.kpi(KpiName.HUMAN_OVERRIDE_REQUIRED)
    if override.value:
        text = "A person overrode an automated step. What did the person know that the automation did not?"
        asked.append(ledger.value(text, Basis.INFERRED, override.events))
    if timeline.contradictions:
        text = (
            f"The record holds {counted(len(timeline.contradictions), 'contradiction')} (see the timeline). Who knows?"
        )
        cited = [name for found in timeline.contradictions for name in found.events][:4]
        asked.append(ledger.value(text, Basis.INFERRED, cited))
    return asked


def _in_vain(case: Case) -> list[Event]:
    """Return the steps before the fix that ended nothing, as far as the record tells.

    A step whose clock may reach the fix may be the fix. Where the fix is a change that another source saw (a pipeline's
    record of the rollback), the last step that succeeded before it may be the command that made it.
    """
    fix = case.timeline.milestone(M.FIX_IMPLEMENTED)
    if fix is None:
        return []
    steps = resolution_calls(case.timeline)
    made_by = {e.id for e in steps if e.id in fix.events}
    if not made_by:
        earlier = [e.id for e in steps if e.at <= fix.at and not call_failed(e)]
        made_by = set(earlier[-1:])
    return [e for e in steps if e.id not in made_by and e.at < fix.at and (call_failed(e) or e.at + _tick(e) <= fix.at)]


def _tick(event: Event) -> timedelta:
    return timedelta(seconds=min(event.precision.seconds, 86400.0))


_HORIZONS = ("immediate", "short_term", "medium_term", "long_term")


def actions(case: Case, ledger: Ledger) -> Actions:
    """Take over the action items that people stated, each in its horizon; the other horizons stay blank."""
    filled: dict[str, tuple[ActionItem, ...]] = {}
    names = [e.actor.name for found in responders(case).values() for e in found[:1] if e.actor]
    for horizon in _HORIZONS:
        items = []
        for statement in case.statements(f"actions.{horizon}"):
            text, owner, due = _split_action(statement.value)
            value = ledger.value(plain(text), statement.basis, [ledger.cite(statement)])
            owner = _in_full(owner, names)
            if not owner:
                owner, text = _owner_in(text, names)
                value = replace(value, text=plain(text))
            items.append(
                ActionItem(text=capital(value.text), owner=owner.lstrip("@"), due=due, citations=value.citations)
            )
        if items:
            filled[horizon] = tuple(items)
    return Actions(**filled)


def _in_full(owner: str, names: list[str]) -> str:
    """Return an owner by the whole name where one only of those who took part bears the first name."""
    bare = owner.lstrip("@")
    known = {name for name in names if name.lower().startswith(f"{bare.lower()} ")}
    return known.pop() if bare and len(known) == 1 else owner


def _owner_in(text: str, names: list[str]) -> tuple[str, str]:
    """Return the owner whom an action names first (`Bo adds an alert`), where that is one who took part, and the rest."""
    first, _, rest = text.partition(" ")
    word = first.strip(",:@").lower()
    known = [name for name in names if word in re.split(r"[\W_]+", name.lower())]
    if len(known) != 1 or len(word) < 2 or len(rest) < 4:
        return "", text
    return known[0], re.sub(r"^(?:will|to|should|must)\s+", "", rest)


def _split_action(text: str) -> tuple[str, str, str]:
    """Split `Text - Owner: @bo, Due: Friday`, the form in which sources state an action."""
    body, _, tail = text.partition(" - Owner: ")
    if not tail:
        body, _, due = text.partition(" - Due: ")
        return body, "", due
    owner, _, due = tail.partition(", Due: ")
    return body, owner, due


def prevention(case: Case, ledger: Ledger) -> Prevention:
    """Sort what people want to be different next time into the measures; where nobody said anything the field is open."""
    wanted: dict[str, list[tuple[str, Statement]]] = {}
    for statement in (s for horizon in _HORIZONS for s in case.statements(f"actions.{horizon}")):
        text = _split_action(statement.value)[0]
        wanted.setdefault(measure_of(text), []).append((text, statement))

    def filled(group: str, part: type[Part]) -> dict[str, Any]:
        found: dict[str, Value] = {}
        for name in (field.name for field in fields(part)):
            path = f"prevention.{group}.{name}"
            said = [*wanted.get(path, ()), *((s.value, s) for s in case.statements(path))]
            if said:
                told = "; ".join(dict.fromkeys(capital(plain(text)) for text, _ in said))
                found[name] = ledger.value(told, Basis.REPORTED, [ledger.cite(s) for _, s in said])
        return found

    return Prevention(
        technical=TechnicalImprovements(**filled("technical", TechnicalImprovements)),
        process=ProcessImprovements(**filled("process", ProcessImprovements)),
        tool=ToolImprovements(**filled("tool", ToolImprovements)),
    )


def follow_up(case: Case, clock: Clock) -> FollowUp:
    """Set the review dates by the team's intervals, counted from the end of the impact."""
    blank = FollowUp()
    restored = case.timeline.milestone(M.RESTORED)
    if restored is None:
        return blank
    start = clock.date(restored.at)
    dated = (
        ReviewSlot(name=slot.name, purpose=slot.purpose, date=(start + timedelta(days=days)).isoformat())
        for slot, days in zip(blank.reviews, case.settings.review_days, strict=True)
    )
    return FollowUp(reviews=tuple(dated))


def appendix(case: Case, ledger: Ledger, clock: Clock) -> Appendix:
    """Draft the appendix: the commands that were really run and the roles that people said they held."""
    return Appendix(
        commands=commands(case, clock),
        team=Team(
            incident_commander=stated(case, ledger, "appendix.team.incident_commander"),
            technical_lead=stated(case, ledger, "appendix.team.technical_lead"),
            communications_lead=stated(case, ledger, "appendix.team.communications_lead"),
            facilitator=stated(case, ledger, "appendix.team.facilitator"),
            scribe=stated(case, ledger, "appendix.team.scribe"),
        ),
    )


def footer(case: Case, ledger: Ledger, plan: FollowUp) -> Footer:
    """Name the first review as the next one; it rests on what the review dates are counted from."""
    restored = case.timeline.milestone(M.RESTORED)
    first = plan.reviews[0].date if plan.reviews else ""
    return Footer(
        completed_by=stated(case, ledger, "footer.completed_by"),
        date=stated(case, ledger, "footer.date"),
        next_review=ledger.value(first, Basis.INFERRED, restored.events) if first and restored else None,
    )
