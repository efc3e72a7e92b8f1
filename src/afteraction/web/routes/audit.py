"""The audit trail: who changed what, when, with before and after; of one incident for editors, of all for owners."""

from __future__ import annotations

from fastapi import APIRouter

from afteraction.model.record import AuditEntry
from afteraction.usecases.ask import incident_of
from afteraction.web import shapes
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Editor, Owner
from afteraction.web.paging import Cursor, Limit, Page, decoded, paged
from afteraction.web.problems import answers
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen

router = APIRouter(tags=["audit"])


@router.get("/audit", responses=answers(401, 403))
def list_all(*, desk: TheDesk, caller: Owner, cursor: Cursor = "", limit: Limit = 100) -> Page[shapes.AuditAnswer]:
    """List all changes, the first first; those of private incidents only for whom they name."""
    after = _after(cursor)
    with seen(desk, caller) as record:
        return _page(record.audit(after=after, limit=limit + 1), limit)


@router.get("/incidents/{incident}/audit", responses=answers(401, 403, 404))
def list_of_one(
    *, incident: IncidentId, desk: TheDesk, caller: Editor, cursor: Cursor = "", limit: Limit = 100
) -> Page[shapes.AuditAnswer]:
    """List the changes of an incident, the first first."""
    after = _after(cursor)
    with seen(desk, caller) as record:
        incident_of(record, incident)
        return _page(record.audit(incident, after=after, limit=limit + 1), limit)


def _after(cursor: str) -> int:
    place = decoded(cursor, int)
    return int(place[0]) if place else 0


def _page(found: tuple[AuditEntry, ...], limit: int) -> Page[shapes.AuditAnswer]:
    return paged(found, limit, shapes.audit_answer, lambda one: [one.number])
