"""What a request may carry: how much, and in which form. What is too large or of another form is refused as a problem."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from afteraction.web.problems import Refused, problem

MEBI = 1024 * 1024
LARGEST_BODY = MEBI
"""Bytes of a body, unless its route says otherwise with `max_body_size`."""


class TooLarge:
    """Lets the refusal of a body that is too large be a problem, as every other refusal is; FastAPI's own is plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and replace that one refusal."""
        replaced = False

        async def answer(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                kind = dict(message["headers"]).get(b"content-type", b"")
                replaced = kind.startswith(b"text/plain")
                if replaced:
                    told = problem(Request(scope), message["status"], "the body is larger than this route takes")
                    await told(scope, receive, send)
            if not replaced:
                await send(message)

        await self._app(scope, receive, answer)


async def text_body(request: Request, media_type: str) -> str:
    """Return a body of text. Raises Refused with 415 for another form, with 422 for what is no UTF-8."""
    if form(request) != media_type:
        raise Refused(415, f"send the text as {media_type}")
    try:
        return (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(422, f"the text is no UTF-8 at byte {error.start}") from error


def form(request: Request) -> str:
    """Return the media type of a request's body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
