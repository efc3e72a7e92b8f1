"""The JSON that commands print: the stable surface of DESIGN.md, made from the model in one place."""

from __future__ import annotations

import json
from typing import Any

from afteraction.export.investigation_json import Json, investigation, moment
from afteraction.kpis import resolution_calls
from afteraction.kpis.automation import is_automated
from afteraction.model.chronology import Milestone
from afteraction.model.event import Call, Effect, Event
from afteraction.model.kpi import Kpi
from afteraction.model.origin import Origin
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import Value
from afteraction.model.reading import FileReport, Problem
from afteraction.usecases.draft import Drafted


def _text(value: Value | None) -> str | None:
    return value.text if value else None


def _origin(origin: Origin) -> Json:
    if origin.line is not None or origin.record is None:
        return {"file": origin.file, "line": origin.line}
    return {"file": origin.file, "record": origin.record}


def problem(found: Problem) -> Json:
    """Return the JSON of a problem."""
    return {**_origin(found.origin), "reason": found.reason, "remedy": found.remedy}


def source(report: FileReport) -> Json:
    """Return the JSON of what became of a file."""
    return {
        "file": report.file,
        "source": report.source or None,
        "events": report.events,
        "lines": report.lines,
        "problems": [problem(found) for found in report.problems],
    }


def _incident(post_mortem: PostMortem) -> Json:
    head = post_mortem.summary
    affected = post_mortem.executive_summary.impact.services_affected
    return {
        "id": _text(head.incident_id),
        "title": _text(head.title),
        "severity": _text(head.severity),
        "status": _text(head.status),
        "services": [name.strip() for name in affected.text.split(",")] if affected else [],
    }


def _milestone(found: Milestone) -> Json:
    return {
        "at": moment(found.at),
        "basis": str(found.basis),
        "precision": str(found.precision),
        "confidence": round(found.confidence, 3),
        "events": list(found.events),
        "why": found.why,
    }


def _kpi(found: Kpi) -> Json:
    measured: Json = {"seconds": found.seconds} if found.value is None else {"value": found.value}
    return {
        **measured,
        "from": found.start or None,
        "to": found.end or None,
        "basis": str(found.basis),
        "precision": str(found.precision),
        "reason": found.reason or None,
        "detail": found.detail or None,
        "events": list(found.events),
    }


def event(found: Event) -> Json:
    """Return the JSON of an event."""
    return {
        "id": found.id,
        "at": moment(found.at),
        "precision": str(found.precision),
        "source": found.source,
        "kind": str(found.kind),
        "actor": found.actor.name if found.actor else None,
        "service": found.service or None,
        "text": found.text,
        "basis": str(found.basis),
        "origin": _origin(found.origin),
        "also": [_origin(origin) for origin in found.also],
    }


def _arguments(text: str) -> Any:
    """Return a call's arguments as the object that they are; text that is no JSON as it stands."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _step(found: Event, call: Call) -> Json:
    return {
        "tool": call.tool,
        "arguments": _arguments(call.arguments),
        "command": call.command or None,
        "result": call.result,
        "at": moment(found.at),
        "actor": found.actor.name if found.actor else None,
        "automated": is_automated(found),
        "changed_state": {Effect.STATE_CHANGING: True, Effect.DIAGNOSTIC: False}.get(call.effect),
        "is_error": call.is_error,
        "suggestion": call.suggestion or None,
        "stopped": call.stopped,
        "server": call.server or None,
        "seconds": call.seconds,
        "event": found.id,
    }


def drafted(found: Drafted) -> Json:
    """Return the object of `draft --json`."""
    timeline = found.case.timeline
    return {
        "incident": _incident(found.draft.post_mortem),
        "milestones": {str(m.name): _milestone(m) for m in timeline.milestones},
        "kpis": {str(k.name): _kpi(k) for k in found.case.kpis},
        **investigation(found.case.investigation),
        "events": [event(e) for e in timeline.events],
        "steps": [_step(e, e.detail) for e in resolution_calls(timeline) if isinstance(e.detail, Call)],
        "sources": [source(report) for report in found.case.material.files],
        "gaps": [{"field": g.field, "question": g.question, "ask": g.ask or None} for g in found.draft.gaps],
        "contradictions": [{"rule": c.rule, "text": c.text, "events": list(c.events)} for c in timeline.contradictions],
        "masked": dict(found.case.material.masked),
        "document": found.document,
    }
