"""The application: a desk comes in, an ASGI application goes out. It knows no concrete class; `assembly` makes the desk."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from afteraction import __version__
from afteraction.web import problems
from afteraction.web.desk import Desk
from afteraction.web.requests import RequestIds
from afteraction.web.routes import ROUTERS

PREFIX = "/api/v1"


def application(desk: Desk) -> FastAPI:
    """Return the service over a record."""
    app = FastAPI(
        title="Afteraction", version=__version__, docs_url=None, redoc_url=None, openapi_url=f"{PREFIX}/openapi.json"
    )
    app.state.desk = desk
    problems.install(app)
    app.add_middleware(RequestIds)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]  # FastAPI's own way to change the description
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, in which every refusal is a problem."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, routes=app.routes, description=__doc__)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = problems.Problem.model_json_schema()
        for path in made["paths"].values():
            for operation in path.values():
                if "422" in operation["responses"]:
                    operation["responses"]["422"] = problems.answers(422)[422]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema
