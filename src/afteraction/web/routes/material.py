"""Raw material of an incident: frozen as it came, given back only as a file, and drafted from.

It is kept with whatever secrets it holds, so that only editors get it back. An upload is never executed and never shown:
archives are opened within limits, everything else is bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from afteraction.errors import NotInRecord
from afteraction.export.investigation_json import investigation
from afteraction.fetch.folder import gather
from afteraction.model.record import AuditEntry
from afteraction.ports.store import Transaction
from afteraction.usecases.ask import incident_of
from afteraction.usecases.capture import capture_script, vanishing
from afteraction.usecases.expiry import ExpiryState, expiries
from afteraction.usecases.freeze import freeze, note_material
from afteraction.usecases.keep import keep_in
from afteraction.usecases.redraft import redraft
from afteraction.web import shapes
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Editor, Reader
from afteraction.web.once import Made, Once, OnceStreamed
from afteraction.web.paging import Cursor, Limit, Page, decoded, paged
from afteraction.web.problems import answers
from afteraction.web.routes.documents import attachment
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen
from afteraction.web.uploads import BYTES, FORM, Upload, upload

router = APIRouter(tags=["material"])
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="the hash of the content")]
_CHUNK = 1 << 20
_UNLIMITED = 1 << 50
"""The settings limit uploads, not the route."""
_FILE = {"type": "string", "format": "binary"}
_BODY = {
    FORM: {"schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "array", "items": _FILE, "minItems": 1}}}},
    BYTES: {"schema": _FILE},
}  # fmt: skip


class ProblemAnswer(BaseModel):
    """What could not be read, why, and what to do."""

    where: str
    reason: str
    remedy: str


class FrozenAnswer(BaseModel):
    """What was kept of what was sent."""

    material: list[shapes.MaterialAnswer] = Field(description="what is new to the incident")
    before: int = Field(description="how many files were kept before")
    problems: list[ProblemAnswer]


class DraftedAnswer(BaseModel):
    """What became of a draft."""

    revision: int
    changed: list[str] = Field(description="fields that differ from the revision before")
    kept: list[str] = Field(description="fields that people wrote, which stay")
    events: int = Field(description="how many events are new")
    gaps: int = Field(description="how many questions are open")
    problems: list[ProblemAnswer] = Field(description="what of the raw material could not be read")


class ExpiryAnswer(BaseModel):
    """The clock of one kind of material."""

    what: str
    lives: str
    vanishes_from: datetime | None = Field(description="when the first of it that belongs to the incident vanishes")
    gone_at: datetime | None = Field(description="when the last of it vanishes; null while the incident is open")
    kept_at: datetime | None = Field(description="when it was last captured")
    state: ExpiryState
    save: str = Field(description="the command that saves it")


class VanishingAnswer(BaseModel):
    """Something that can be saved now and not later."""

    what: str
    lives: str = Field(description="how long it is there to be saved")
    file: str
    command: str


class CaptureAnswer(BaseModel):
    """What to save at once, what vanishes first first, and a script that does it."""

    vanishing: list[VanishingAnswer]
    script: str


@router.get("/incidents/{incident}/material", responses=answers(401, 403, 404))
def list_material(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 100
) -> Page[shapes.MaterialAnswer]:
    """List the raw material: when it was captured, what reads it, by which command."""
    place = decoded(cursor, str, str)
    with seen(desk, caller) as record:
        incident_of(record, incident)
        found = [one for one in record.material(incident) if place is None or [one.name, one.sha256] > place]
    return paged(found[: limit + 1], limit, shapes.material_answer, lambda one: [one.name, one.sha256])


@router.post(
    "/incidents/{incident}/material",
    status_code=201,
    response_model=FrozenAnswer,
    responses=answers(401, 403, 404, 409),
    openapi_extra={"requestBody": {"content": _BODY, "required": True}},
    max_body_size=_UNLIMITED,
)
def add_material(
    *, incident: IncidentId, desk: TheDesk, caller: Editor, once: OnceStreamed, sent: Annotated[Upload, Depends(upload)]
) -> Response:
    """Freeze files: a form with parts called `file`, or one file as it is with its name in the query. Archives are opened."""
    frozen = freeze(desk.blobs, gather([sent.folder]), sources=desk.sources, at=desk.clock(), command=sent.command)

    def effect(record: Transaction) -> Made:
        new = note_material(record, incident, frozen.material, author=caller.author, at=desk.clock())
        told = FrozenAnswer(
            material=[shapes.material_answer(one) for one in new],
            before=len(frozen.material) - len(new),
            problems=[
                ProblemAnswer(where=str(one.origin), reason=one.reason, remedy=one.remedy) for one in frozen.problems
            ],
        )
        return Made(body=told)

    content = " ".join(f"{one.sha256} {one.name}" for one in frozen.material)
    return once.carry_out(desk, caller, effect, incident=incident, content=content)


@router.get("/incidents/{incident}/material/expiry", responses=answers(401, 403, 404))
def list_expiries(incident: IncidentId, desk: TheDesk, caller: Reader) -> list[ExpiryAnswer]:
    """List which material will vanish, when, and what of it is kept; what vanishes first comes first. Nobody is asked."""
    with seen(desk, caller) as record:
        found = expiries(record, incident, at=desk.clock(), collectors=desk.settings.collectors)
    return [
        ExpiryAnswer(
            what=one.what, lives=one.lives, vanishes_from=one.vanishes_from, gone_at=one.gone_at, kept_at=one.kept_at,
            state=one.state, save=one.save,
        )
        for one in found
    ]  # fmt: skip


@router.get(
    "/incidents/{incident}/material/{sha256}",
    response_class=StreamingResponse,
    responses={200: {"content": {BYTES: {"schema": _FILE}}}, **answers(401, 403, 404)},
)
def get_material(incident: IncidentId, sha256: Sha256, desk: TheDesk, caller: Editor) -> StreamingResponse:
    """Get a file of raw material back, as it came, secrets and all."""
    with seen(desk, caller) as record:
        incident_of(record, incident)
        found = next((one for one in record.material(incident) if one.sha256 == sha256), None)
    content = desk.blobs.open(sha256) if found else None
    if found is None or content is None:
        what = "no file of that hash" if found is None else f"no bytes of {found.name} (any more)"
        raise NotInRecord(f"{incident} has {what}")
    headers = {
        "Content-Disposition": attachment(found.name.rpartition("/")[2]), "Content-Length": str(found.size),
        "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff", "ETag": f'"{sha256}"',
    }  # fmt: skip
    return StreamingResponse(_chunks(content), media_type=BYTES, headers=headers)


@router.post(
    "/incidents/{incident}/draft",
    status_code=201,
    response_model=DraftedAnswer,
    responses=answers(401, 403, 404, 409),
)
def draft(incident: IncidentId, desk: TheDesk, caller: Editor, once: Once) -> Response:
    """Draft the document from frozen raw material, deliveries, and what people told; what people wrote in it stays."""
    with seen(desk, caller) as record:
        incident_of(record, incident)
    drafted = redraft(
        desk.store, desk.blobs, incident, sources=desk.sources, settings=desk.settings, masker=desk.masker(), progress=lambda _: None
    )  # fmt: skip
    findings = json.dumps(investigation(drafted.case.investigation), ensure_ascii=False)
    problems = [problem for report in drafted.case.material.files for problem in report.problems]

    def effect(record: Transaction) -> Made:
        now = desk.clock()
        record.add_audit(AuditEntry(at=now, author=caller.author, what="draft asked for", incident=incident))
        kept = keep_in(record, drafted, findings=findings, settings=desk.settings, at=now, incident=incident)
        told = DraftedAnswer(
            revision=kept.revised.revision.number, changed=list(kept.revised.changed), kept=list(kept.revised.kept),
            events=kept.events, gaps=len(drafted.draft.gaps),
            problems=[ProblemAnswer(where=str(one.origin), reason=one.reason, remedy=one.remedy) for one in problems],
        )  # fmt: skip
        return Made(body=told)

    return once.carry_out(desk, caller, effect, incident=incident)


@router.get("/capture", responses=answers(401, 403))
def what_to_capture(
    *, caller: Reader, namespace: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006  (FastAPI copies it)
    since: Annotated[str, Query(pattern="^[0-9]{1,4}[smhd]$", description="how far logs go back, such as 90m")] = "2h",
    prometheus: Annotated[str, Query(max_length=500, description="where Prometheus answers")] = "",
) -> CaptureAnswer:  # fmt: skip
    """Tell what will vanish from a cluster and how long it lives, with a script that saves it; nothing is run here."""
    del caller
    found = vanishing(namespaces=namespace, since=since, prometheus=prometheus)
    return CaptureAnswer(
        vanishing=[VanishingAnswer(what=v.what, lives=v.lives, file=v.file, command=v.command) for v in found],
        script=capture_script(found, namespaces=namespace, since=since),
    )


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while chunk := content.read(_CHUNK):
            yield chunk
