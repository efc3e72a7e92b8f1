"""The document of an incident and its revisions: read in either form, written without losing anybody's words, compared, checked."""

from __future__ import annotations

from difflib import unified_diff
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field

from afteraction.errors import NotInRecord
from afteraction.export.page import to_html
from afteraction.export.post_mortem_json import to_json
from afteraction.formats.secrets import mask_value
from afteraction.markdown import parse, render
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.record import Revision
from afteraction.ports.store import Transaction
from afteraction.usecases.ask import document_of, incident_of
from afteraction.usecases.check import check_documents
from afteraction.usecases.revise import Revised, restore, revise
from afteraction.web import shapes
from afteraction.web.bodies import text_body
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Editor, Reader
from afteraction.web.negotiation import wanted
from afteraction.web.once import Made, Once
from afteraction.web.paging import (
    LARGEST,
    Cursor,
    IfMatch,
    IfNoneMatch,
    Limit,
    Page,
    decoded,
    is_had,
    paged,
    tag,
    version_of,
)
from afteraction.web.problems import Refused, answers
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen

router = APIRouter(tags=["documents"])
MARKDOWN, JSON = "text/markdown", "application/json"
Accept = Annotated[str | None, Header(include_in_schema=False)]
"""Descriptions name no `Accept`: the forms of the answers say what can be asked for."""
Number = Annotated[int, Path(ge=1, le=LARGEST, description="the number of a revision")]
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "the revision"}}
_TEXT = {"schema": {"type": "string"}}
_BOTH: dict[str, Any] = {
    "content": {MARKDOWN: _TEXT, JSON: {"schema": {"type": "object", "description": "as docs/reference/post-mortem.schema.json says"}}},
    "headers": _ETAG,
}  # fmt: skip
_HAD: dict[str, Any] = {"description": "it is what you have"}


async def _markdown(request: Request) -> str:
    return await text_body(request, MARKDOWN)


class SavedAnswer(BaseModel):
    """What became of a document that was written."""

    revision: int
    changed: list[str] = Field(description="fields that differ from the revision before; none: nothing was changed")
    merged: bool = Field(description="whether others had changed other fields meanwhile; read it again then")


class RemarkAnswer(BaseModel):
    """What the check says of a line."""

    rule: str
    severity: Literal["error", "warning", "note"]
    line: int
    message: str
    suggestion: str


@router.get(
    "/incidents/{incident}/document",
    response_class=Response,
    responses={200: _BOTH, 304: _HAD, **answers(401, 403, 404, 406)},
)
def read_document(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, accept: Accept = None, if_none_match: IfNoneMatch = None
) -> Response:  # fmt: skip
    """Read the document as it stands; before there is any, it is the empty template, of revision 0."""
    form = wanted(accept, (MARKDOWN, JSON))
    with seen(desk, caller) as record:
        incident_of(record, incident)
        last = record.revision(incident)
    return _document(last, form, if_none_match)


@router.put(
    "/incidents/{incident}/document",
    responses={200: {"headers": _ETAG}, **answers(401, 403, 404, 409, 412, 428)},
    openapi_extra={"requestBody": {"content": {MARKDOWN: {"schema": {}}}, "required": True}},
)
def write_document(
    *, incident: IncidentId, desk: TheDesk, caller: Editor, text: Annotated[str, Depends(_markdown)], answer: Response,
    if_match: IfMatch = None, reason: Annotated[str, Query(max_length=500, description="why")] = "edited",
) -> SavedAnswer:  # fmt: skip
    """Write the document: `If-Match` names the revision that you began with.

    What others changed meanwhile in other fields is merged. Where you and they changed the same field it is refused (409),
    with both texts in `errors`.
    """
    base = version_of(if_match)
    document = parse(desk.masked(text)).post_mortem
    with seen(desk, caller) as record:
        incident_of(record, incident)
        last = record.revision(incident)
        stands = last.number if last else 0
        if base is not None and base > stands:
            raise Refused(412, f"{incident} has no revision {base} to begin with; the last is {stands}")
        done = revise(
            record, incident, document, author=caller.author, reason=desk.masked(reason), at=desk.clock(), base=base
        )
    answer.headers["ETag"] = tag(done.revision.number)
    return _saved(done, merged=base not in {None, stands} and bool(done.changed))


@router.get("/incidents/{incident}/document/check", responses=answers(401, 403, 404))
def check_document(incident: IncidentId, desk: TheDesk, caller: Reader) -> list[RemarkAnswer]:
    """Check the document as `afteraction check` does: gaps, contradictions, what cites nothing."""
    with seen(desk, caller) as record:
        incident_of(record, incident)
        last = record.revision(incident)
    text = last.markdown if last else render(PostMortem())
    found = check_documents([(f"{incident}.md", text)], settings=desk.settings, sources=desk.sources)
    return [
        RemarkAnswer(rule=one.rule, severity=one.severity.value, line=one.line, message=one.message, suggestion=one.suggestion)
        for one in found
    ]  # fmt: skip


@router.get(
    "/incidents/{incident}/document/export",
    response_class=Response,
    responses={200: {"content": {MARKDOWN: _TEXT, JSON: {"schema": {}}, "text/html": _TEXT}}, **answers(401, 403, 404)},
)
def export_document(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, to: Annotated[Literal["md", "json", "html"], Query()]
) -> Response:  # fmt: skip
    """Take the document away as a file: Markdown in its normal form, JSON, or a page that needs nothing but a browser."""
    with seen(desk, caller) as record:
        document = mask_value(document_of(record, incident), desk.masker())
    make, kind = {"md": (render, MARKDOWN), "json": (to_json, JSON), "html": (to_html, "text/html")}[to]
    headers = {"Content-Disposition": attachment(f"{incident}.{to}"), "X-Content-Type-Options": "nosniff"}
    return Response(make(document), media_type=kind, headers=headers)


@router.get("/incidents/{incident}/revisions", responses=answers(401, 403, 404))
def list_revisions(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 100
) -> Page[shapes.RevisionAnswer]:  # fmt: skip
    """List the revisions of the document, the last first: who, when, why."""
    place = decoded(cursor, int)
    with seen(desk, caller) as record:
        incident_of(record, incident)
        found = [one for one in reversed(record.revisions(incident)) if place is None or one.number < place[0]]
    return paged(found[: limit + 1], limit, shapes.revision_answer, lambda one: [one.number])


@router.get(
    "/incidents/{incident}/revisions/{number}",
    response_class=Response,
    responses={200: _BOTH, 304: _HAD, **answers(401, 403, 404, 406)},
)
def read_revision(
    *, incident: IncidentId, number: Number, desk: TheDesk, caller: Reader, accept: Accept = None, if_none_match: IfNoneMatch = None
) -> Response:  # fmt: skip
    """Read a revision of the document."""
    form = wanted(accept, (MARKDOWN, JSON))
    with seen(desk, caller) as record:
        found = _revision(record, incident, number)
    return _document(found, form, if_none_match)


@router.get(
    "/incidents/{incident}/revisions/{number}/diff",
    response_class=Response,
    responses={200: {"content": {"text/plain": _TEXT}}, **answers(401, 403, 404)},
)
def compare(
    *, incident: IncidentId, number: Number, desk: TheDesk, caller: Reader,
    against: Annotated[int | None, Query(ge=0, le=LARGEST, description="left out: the one before; 0: the empty template")] = None,
) -> Response:  # fmt: skip
    """Compare a revision with another one, as a unified diff."""
    other = number - 1 if against is None else against
    with seen(desk, caller) as record:
        after = _revision(record, incident, number).markdown
        before = _revision(record, incident, other).markdown if other else render(PostMortem())
    one, two = (text.splitlines(keepends=True) for text in (before, after))
    lines = unified_diff(one, two, f"revision {other}", f"revision {number}")
    return Response("".join(lines), media_type="text/plain")


@router.post(
    "/incidents/{incident}/revisions/{number}/restore",
    status_code=201,
    response_model=SavedAnswer,
    responses={201: {"headers": _ETAG}, **answers(401, 403, 404, 409)},
)
def restore_revision(incident: IncidentId, number: Number, desk: TheDesk, caller: Editor, once: Once) -> Response:
    """Make an earlier revision the next one."""

    def effect(record: Transaction) -> Made:
        done = restore(record, incident, number, author=caller.author, at=desk.clock())
        return Made(body=_saved(done, merged=False), headers={"ETag": tag(done.revision.number)})

    return once.carry_out(desk, caller, effect, incident=incident)


def attachment(name: str) -> str:
    """Return the header that lets a browser keep an answer as a file of this name, and never show it."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)[-150:]
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe='')}"


def _revision(record: Transaction, incident: str, number: int) -> Revision:
    incident_of(record, incident)
    found = record.revision(incident, number)
    if found is None:
        raise NotInRecord(f"{incident} has no revision {number}")
    return found


def _document(revision: Revision | None, form: str, if_none_match: str | None) -> Response:
    """Return a document in a form, or only that it is what the client has."""
    number = revision.number if revision else 0
    headers = {"ETag": tag(number, "json" if form == JSON else ""), "Vary": "Accept"}
    if is_had(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    text = revision.markdown if revision else render(PostMortem())
    return Response(to_json(parse(text).post_mortem) if form == JSON else text, media_type=form, headers=headers)


def _saved(done: Revised, *, merged: bool) -> SavedAnswer:
    return SavedAnswer(revision=done.revision.number, changed=list(done.changed), merged=merged)
