"""What is done once, however often it is asked: a request with an `Idempotency-Key` has one effect and one answer.

The answer is kept in the transaction that has the effect. The same key with the same request gives the same answer again, with
another request it is refused (422); of two at once the second waits for the first. What was refused keeps no key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from afteraction.model.record import Reply
from afteraction.ports.store import Transaction
from afteraction.web.desk import Desk
from afteraction.web.identity import Caller
from afteraction.web.problems import Refused
from afteraction.web.seen import seen

REPLAYED = "Idempotent-Replay"
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="a key that you made up for this request: sent again, it has no second effect",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a request made: the body of the answer, with headers."""

    body: BaseModel
    status: int = HTTPStatus.CREATED
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request that may be repeated: its key, and what makes it the same one."""

    key: str | None
    request: str

    def carry_out(
        self,
        desk: Desk,
        caller: Caller,
        effect: Callable[[Transaction], Made],
        *,
        incident: str = "",
        content: str = "",
    ) -> Response:
        """Have the effect in one transaction, unless it was had; return the answer.

        `incident` has to be there for the caller, also when the answer is an old one. `content` stands for a body that was
        streamed. Raises Refused with 422 when the key belongs to another request.
        """
        with seen(desk, caller) as record:
            if incident:
                _there(record, incident)
            asked = hashlib.sha256(f"{self.request} {content}".encode()).hexdigest()
            claim = Reply(account=caller.account.id, key=self.key or "", request=asked, at=desk.clock())
            if self.key and (known := record.claim_reply(claim)):
                if known.request != asked:
                    raise Refused(422, f"the key {self.key} was used for another request; make up a new one")
                return _answer(replace(known, headers=(*known.headers, (REPLAYED, "true"))))
            made = effect(record)
            reply = replace(
                claim, status=made.status, headers=tuple(made.headers.items()), body=made.body.model_dump_json()
            )
            if self.key:
                record.put_reply(reply)
        return _answer(reply)


def _there(record: Transaction, incident: str) -> None:
    if record.incident(incident) is None:
        raise Refused(404, f"the record holds no incident {incident}")


def _answer(reply: Reply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers), "application/json")


async def asking(request: Request, key: Key = None) -> Asking:
    """Return a request with its body as what makes it the same one."""
    return Asking(key=key, request=_told(request, await request.body()))


def asking_with_stream(request: Request, key: Key = None) -> Asking:
    """Return a request whose body is streamed; whoever reads it says what stood there."""
    return Asking(key=key, request=_told(request, b""))


def _told(request: Request, body: bytes) -> str:
    return f"{request.method} {request.url.path}?{request.url.query} {hashlib.sha256(body).hexdigest()}"


Once = Annotated[Asking, Depends(asking)]
OnceStreamed = Annotated[Asking, Depends(asking_with_stream)]
