"""Raw material on its way in: a request's files are written to a folder of their own, counted while they come, and gone after it.

A form with files or one file as it is comes in; the folder goes out. Refused: another form of body (415), more than the
settings allow (413), a file without a name (422). Nothing is opened here, and nothing is ever executed.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import anyio
from fastapi import Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.types import Message, Receive

from afteraction.errors import StoreUnavailable
from afteraction.usecases.ask import incident_of
from afteraction.web.bodies import form
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.identity import Caller, Editor
from afteraction.web.paging import Moment
from afteraction.web.problems import Refused
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen

FORM, BYTES = "multipart/form-data", "application/octet-stream"
_MOST_FILES = 1000
_CHUNK = 1 << 20
_UNNAMEABLE = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
_LONGEST_PART = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A folder with what was sent, the names relative to it, and the command that made it."""

    folder: Path
    names: tuple[str, ...]
    command: str


async def upload(
    *, request: Request, incident: IncidentId, desk: TheDesk, caller: Editor,
    name: Annotated[str, Query(max_length=1000, description="the name of a file that is sent as it is")] = "",
    command: Annotated[str, Query(max_length=2000, description="what was run to get it")] = "",
    captured_at: Annotated[Moment | None, Query(description="when it was captured; left out: now")] = None,
) -> AsyncIterator[Upload]:  # fmt: skip
    """Yield what a request sends. It is read only after the caller may send it, to an incident that they see."""
    await run_in_threadpool(_asked, desk, caller, incident)
    counted = Request(request.scope, _counted(request.receive, desk.settings.largest_upload))
    folder = Path(tempfile.mkdtemp(prefix="afteraction-upload-"))
    try:
        names = await _written(counted, folder, name)
        at = captured_at or desk.clock()
        await run_in_threadpool(_stamp, folder, names, at)
        yield Upload(folder=folder, names=names, command=desk.masked(command))
    except OSError as error:
        raise StoreUnavailable(f"what was sent cannot be written: {error.strerror}; is there room?") from error
    finally:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


def plain_name(name: str) -> str:
    """Return a name that leads nowhere else: no root, no way up, nothing that a file system cannot hold."""
    parts = [_UNNAMEABLE.sub("_", part)[-_LONGEST_PART:].strip() for part in re.split(r"[\\/]", name)]
    return "/".join(part for part in parts if part not in {"", ".", ".."})


def _asked(desk: Desk, caller: Caller, incident: str) -> None:
    with seen(desk, caller) as record:
        incident_of(record, incident)


def _counted(receive: Receive, most: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise Refused(413, f"more than {most} bytes; send it in several requests")
        return message

    return counted


async def _written(request: Request, folder: Path, name: str) -> tuple[str, ...]:
    kind = form(request)
    if kind == BYTES:
        place = _place(folder, name)
        async with await anyio.open_file(place, "wb") as file:
            async for chunk in request.stream():
                await file.write(chunk)
        return (str(place.relative_to(folder)),)
    if kind != FORM:
        raise Refused(415, f"send files as {FORM}, or one file as {BYTES} with its name in the query")
    async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FILES) as fields:
        files = [one for one in fields.getlist("file") if isinstance(one, UploadFile)]
        if not files:
            raise Refused(422, "the form holds no file under the name `file`")
        places = []
        for one in files:
            places.append(_place(folder, one.filename or ""))
            await run_in_threadpool(_copy, one.file, places[-1])
    return tuple(str(place.relative_to(folder)) for place in places)


def _place(folder: Path, name: str) -> Path:
    plain = plain_name(name)
    if not plain:
        raise Refused(422, "the file needs a name that says what it is, such as kubectl-events.txt")
    place = folder / plain
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(422, f"{plain} cannot be a name beside the others: {error.strerror}") from error
    if place.exists():
        raise Refused(422, f"two files are called {plain}")
    return place


def _copy(content: BinaryIO, place: Path) -> None:
    with place.open("wb") as written:
        shutil.copyfileobj(content, written, _CHUNK)


def _stamp(folder: Path, names: tuple[str, ...], at: datetime) -> None:
    """Let the files be as old as what was captured; the time of the request says nothing of them."""
    for name in names:
        os.utime(folder / name, (at.timestamp(), at.timestamp()))
