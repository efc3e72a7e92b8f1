"""The plain pages by which people come in: templates beside this file, which need no script. Values go in escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FunctionLoader, StrictUndefined

STYLE_PATH = "/assets/access.css"
LARGEST_FORM = 64 * 1024
"""Bytes of a form that somebody who is not signed in may send."""


@cache
def _templates() -> Environment:
    folder = files(__name__)
    return Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: object) -> HTMLResponse:
    """Return a page made of a template; `wrong` is what did not work, said at its top."""
    shown = _templates().get_template(f"{template}.html").render({"wrong": "", "style": STYLE_PATH} | values)
    return HTMLResponse(shown, status_code=status, headers=headers)


@cache
def style() -> bytes:
    """Return the style sheet of the pages."""
    return files(__name__).joinpath("access.css").read_bytes()
