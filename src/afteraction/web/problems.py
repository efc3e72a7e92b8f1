"""Every refusal is `application/problem+json` (RFC 9457): a type, a title, a status, what is wrong and how to go on.

Errors of the program's own tree are mapped here, once. A fault that nobody foresaw is told with the id of its request and
nothing else, so that no internals reach a reader; the log has the rest.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from afteraction.errors import (
    AfteractionError,
    Clashing,
    Conflict,
    MissingExtra,
    NotInRecord,
    NotSignedIn,
    Stale,
    StoreUnavailable,
    TooMany,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("afteraction.web")
_STATUS: tuple[tuple[type[AfteractionError], int], ...] = (
    (NotInRecord, 404),
    (NotSignedIn, 401),
    (TooMany, 429),
    (Stale, 412),
    (Conflict, 409),
    (StoreUnavailable, 503),
    (MissingExtra, 501),
    (UsageError, 422),
)
"""The status of each branch of the error tree; the first that fits counts."""


class Problem(BaseModel):
    """What is answered to a request that is refused."""

    type: str = Field(
        default="about:blank", description="what kind of problem it is; `about:blank` when the status says it all"
    )
    title: str
    status: int
    detail: str = Field(default="", description="what is wrong with this request, and how to go on")
    instance: str = Field(default="", description="the id of the request, as in the log")
    errors: list[dict[str, Any]] = Field(default_factory=list, description="the fields that do not fit")


class Refused(HTTPException):
    """A request is refused: with a status, the reason, and headers when the client needs them to go on."""


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of refusals for a route's `responses`, so that no answer is undocumented."""
    return {status: {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                     "description": HTTPStatus(status).phrase} for status in statuses}  # fmt: skip


def _methods(request: Request) -> list[str]:
    """Return the methods that a path can be asked with, by the description of the application."""
    parts = request.url.path.split("/")
    found = set()
    for path, operations in request.app.openapi()["paths"].items():
        named = path.split("/")
        if len(named) == len(parts) and all(
            one == other or one.startswith("{") for one, other in zip(named, parts, strict=True)
        ):
            found |= {method.upper() for method in operations}
    return sorted(found)


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    errors: list[Any] | None = None,
) -> JSONResponse:
    """Return a refusal as a response."""
    told = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or [],
        instance=getattr(request.state, "request_id", ""),
    )  # fmt: skip
    return JSONResponse(told.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Let an application answer every refusal as a problem."""

    async def own(request: Request, error: Exception) -> JSONResponse:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        headers = {"Retry-After": "2"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
        if isinstance(error, TooMany):
            headers = {"Retry-After": str(error.seconds)}
        elif isinstance(error, NotSignedIn):
            headers = {"WWW-Authenticate": "Bearer"}
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("refused: %s", error)
        clashes = error.clashes if isinstance(error, Clashing) else ()
        errors = [{"at": [field], "yours": yours, "theirs": theirs} for field, yours, theirs in clashes]
        return problem(request, status, str(error), headers=headers, errors=errors)

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, StarletteHTTPException)
        headers = dict(error.headers) if error.headers else None
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # the router names the methods of the first route alone
            headers = {"Allow": ", ".join(_methods(request))}
        return problem(request, error.status_code, str(error.detail), headers=headers)

    async def unfit(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        if any(one["loc"] == ("body",) and isinstance(one.get("input"), bytes) for one in error.errors()):
            return problem(request, 415, "send the body as application/json")
        errors = [{"at": list(one["loc"]), "reason": one["msg"]} for one in error.errors()]
        places = ", ".join(".".join(map(str, one["at"])) for one in errors[:5])
        return problem(request, 422, f"the request does not fit at {places}", errors=jsonable_encoder(errors))

    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        _LOG.error("a fault that nobody foresaw", exc_info=error)
        return problem(request, 500, "this should not happen; the log has more under the id of the request")

    app.add_exception_handler(AfteractionError, own)
    app.add_exception_handler(StarletteHTTPException, http)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(Exception, unforeseen)
