"""A draft is kept: its incident with events, findings, the document as a revision, and the reviews that follow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from afteraction.model.chronology import MilestoneName
from afteraction.model.postmortem.value import Value
from afteraction.model.record import COMPUTED, AuditEntry, Incident, IncidentStatus, Indexed
from afteraction.model.settings import Settings
from afteraction.ports.store import Store, Transaction
from afteraction.usecases.draft import Drafted
from afteraction.usecases.follow import reviews_from
from afteraction.usecases.revise import Revised, revise

_STATUS = {"resolved": IncidentStatus.RESOLVED, "closed": IncidentStatus.CLOSED, "mitigated": IncidentStatus.MITIGATED}
LONGEST_ID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a draft: its incident, whether that is new, how many events are new, and the revision."""

    incident: Incident
    opened: bool
    events: int
    revised: Revised


def keep(
    store: Store, drafted: Drafted, *, findings: str, settings: Settings, at: datetime, incident: str = ""
) -> Kept:
    """Save a draft in a transaction of its own, as `keep_in` does."""
    with store.begin() as record:
        return keep_in(record, drafted, findings=findings, settings=settings, at=at, incident=incident)


def keep_in(
    record: Transaction, drafted: Drafted, *, findings: str, settings: Settings, at: datetime, incident: str = ""
) -> Kept:
    """Save a draft into the incident of its id (or of the id given).

    What people wrote into the document since stays; `findings` is the JSON of the investigation.
    """
    told = _incident(drafted, at, incident)
    known = record.incident(told.id)
    found = known or record.put_incident(told)
    added = record.add_events(found.id, drafted.case.timeline.events, known_at=at)
    record.put_findings(found.id, findings, at=at)
    record.index(found.id, Indexed.INCIDENT, "", f"{found.id} {found.title} {' '.join(found.services)}")
    record.index_all(found.id, Indexed.EVENT, {str(one.number): one.event.text for one in added})
    if known is None:
        record.add_audit(AuditEntry(at=at, author=COMPUTED, what="incident opened from a draft", incident=found.id))
    document = drafted.draft.post_mortem
    revised = revise(record, found.id, document, author=COMPUTED, reason="drafted from the material", at=at)
    if not record.reviews(found.id) and (ended := _ended(drafted)):
        record.put_reviews(found.id, reviews_from(found.id, ended, settings.review_days))
    return Kept(incident=found, opened=known is None, events=len(added), revised=revised)


def _incident(drafted: Drafted, at: datetime, given: str) -> Incident:
    """Return the incident that a draft tells of."""
    summary, timeline = drafted.draft.post_mortem.summary, drafted.case.timeline
    began = [m.at for m in timeline.milestones if m.name in {MilestoneName.IMPACT_STARTED, MilestoneName.DETECTED}]
    first = min(began, default=timeline.events[0].at if timeline.events else at)
    status = _text(summary.status).lower()
    services = _text(drafted.draft.post_mortem.executive_summary.impact.services_affected)
    return Incident(
        id=given or _identifier(_text(summary.incident_id), first), title=_text(summary.title) or "Untitled incident",
        opened_at=first, severity=_text(summary.severity)[:32],
        status=next((known for word, known in _STATUS.items() if word in status), IncidentStatus.OPEN),
        services=tuple(name.strip() for name in services.split(",") if name.strip()), closed_at=_ended(drafted),
    )  # fmt: skip


def _identifier(text: str, first: datetime) -> str:
    """Return what can be typed as an id: the one of the document, else one made of the beginning."""
    told = re.sub(r"[^\w.-]+", "-", text).strip("-.")[:LONGEST_ID]
    return told or f"INCIDENT-{first:%Y-%m-%d-%H%M}"


def _ended(drafted: Drafted) -> datetime | None:
    for name in (MilestoneName.CONFIRMED, MilestoneName.RESTORED):
        if found := drafted.case.timeline.milestone(name):
            return found.at
    return None


def _text(value: Value | None) -> str:
    return value.text if value else ""
