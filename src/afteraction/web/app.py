"""The application: a desk comes in, an ASGI application goes out. It knows no concrete class; `serving` makes the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event
from typing import Any, Protocol

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.utils import get_openapi

from afteraction import __version__
from afteraction.web import problems
from afteraction.web.bodies import LARGEST_BODY, TooLarge
from afteraction.web.desk import Desk
from afteraction.web.ending import told_by_signals
from afteraction.web.feed import Feed
from afteraction.web.guard import Guard
from afteraction.web.headers import surround
from afteraction.web.hooks import agents
from afteraction.web.hooks import routes as hooks
from afteraction.web.pages import LARGEST_FORM
from afteraction.web.requests import Attended
from afteraction.web.routes import PAGES, ROUTERS, health

PREFIX = "/api/v1"
DESCRIPTION = """The record of a team's incidents. Sign in with an API token as `Authorization: Bearer TOKEN`.

Lists come in pages: hand `next` back as `cursor`. A change names the `ETag` of what it was made on as `If-Match`. A POST that
creates takes an `Idempotency-Key`. Every refusal is `application/problem+json`. Times have zones. Private incidents are not there
for those whom they do not name.
"""


class Runs(Protocol):
    """Something that runs beside the requests, from the start of the process to its end."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End, after what is in hand."""
        ...


def application(desk: Desk, *, beside: tuple[Runs, ...] = ()) -> FastAPI:
    """Return the service over a record; what runs `beside` it is started and stopped with it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with told_by_signals(app.state.ending):
            for one in beside:
                one.start()
            yield
            app.state.ending.set()
            for one in beside:
                await run_in_threadpool(one.stop)

    app = FastAPI(
        title="Afteraction", version=__version__, docs_url=None, redoc_url=None, openapi_url=f"{PREFIX}/openapi.json",
        lifespan=lifespan,
    )  # fmt: skip
    app.state.desk = desk
    app.state.ending = Event()
    app.state.feed = Feed(desk.store, app.state.ending)
    problems.install(app)
    app.add_middleware(TooLarge)
    app.add_middleware(Guard, settings=desk.settings)
    app.add_middleware(Attended)
    app.include_router(health.router)
    app.include_router(hooks.router)
    app.include_router(agents.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, max_body_size=LARGEST_BODY)
    for router in PAGES:
        app.include_router(router, include_in_schema=False, max_body_size=LARGEST_FORM)
    surround(app, desk.settings)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's own way to change the description
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, in which every refusal is a problem."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, routes=app.routes, description=DESCRIPTION)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = problems.Problem.model_json_schema()
        for path in made["paths"].values():
            for operation in path.values():
                responses = operation["responses"]
                more = [421, 429, 503, *([400, 413, 415] if "requestBody" in operation else ())]
                responses |= {str(status): told for status, told in problems.answers(*more).items()}
                if "422" in responses:
                    responses["422"] = problems.answers(422)[422]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema
