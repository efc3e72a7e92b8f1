"""What all tools of the server work with: the record, the settings, a clock, and who is calling."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError

from afteraction.errors import AfteractionError, NotInRecord, UsageError
from afteraction.formats.secrets import Masker
from afteraction.formats.stamps import parse_stamp
from afteraction.mcp.server.visitor import visitor_of
from afteraction.model.account import Right
from afteraction.model.event import Event
from afteraction.model.reading import Context, RawInput, Source
from afteraction.model.record import Author, AuthorKind
from afteraction.model.settings import Settings
from afteraction.ports.store import Store, Transaction
from afteraction.usecases.read import read
from afteraction.usecases.visible import visible

_HEAD = 65_536
_META = "io.modelcontextprotocol/clientInfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The record and what belongs to it. `masker` makes a masker with the team's rules."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    masker: Callable[[], Masker]
    sources: tuple[Source, ...]
    seal: str = field(default_factory=lambda: secrets.token_hex(16))

    @contextmanager
    def opened(self, context: Any, right: Right = Right.READ) -> Iterator[Transaction]:
        """Begin a transaction on the record as who stands behind the client sees it. Raises UsageError when they may not."""
        visitor = visitor_of(context)
        if visitor and right not in visitor.rights:
            has = ", ".join(sorted(visitor.rights)) or "nothing"
            raise UsageError(f"this needs a token with the right to {right}; the one that was sent has {has}")
        with self.store.begin() as record:
            account = visitor.account if visitor else ""
            yield visible(record, record.hidden_from(account)) if account else record

    def moment(self, text: str) -> datetime:
        """Read a time that an agent gave; empty means now. Raises UsageError."""
        if not text:
            return self.clock()
        stamp = parse_stamp(text, zone=self.settings.timezone)
        if stamp is None:
            raise UsageError(f"{text!r} is no time; give one such as 2026-03-04T10:40:00Z")
        return stamp.at

    def masked(self, text: str) -> str:
        """Return a text without its secrets."""
        return self.masker().mask(text)

    def events_in(self, name: str, content: str) -> tuple[tuple[Event, ...], list[str]]:
        """Read raw material that an agent hands over; returns its events and what could not be read."""
        data = content.encode()
        raw = RawInput(
            name=name, head=data[:_HEAD], open=lambda: io.BytesIO(data), size=len(data), captured=self.clock()
        )
        material = read(
            [raw],
            sources=self.sources,
            context=Context(zone=self.settings.timezone),
            masker=self.masker(),
            progress=lambda _: None,
        )
        problems = [
            f"{problem.origin}: {problem.reason}; {problem.remedy}"
            for file in material.files
            for problem in file.problems
        ]
        return material.events, problems

    def confirmation(self, incident: str, revision: int) -> str:
        """Return the word that a person hands back to agree to this revision; it is good for no other."""
        return hashlib.sha256(f"{self.seal} {incident} {revision}".encode()).hexdigest()[:12]


P = ParamSpec("P")
R = TypeVar("R")


def told(tool: Callable[P, R]) -> Callable[P, R]:
    """Let an agent read why its request was refused; the library tells it nothing of other exceptions."""

    @wraps(tool)
    def called(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return tool(*arguments, **named)
        except AfteractionError as error:
            raise ToolError(str(error)) from error

    return called


def shown(resource: Callable[P, R]) -> Callable[P, R]:
    """Let an agent read why there is no such resource, as `told` does for tools."""

    @wraps(resource)
    def read_it(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return resource(*arguments, **named)
        except NotInRecord as error:
            raise ResourceNotFoundError(str(error)) from error
        except AfteractionError as error:
            raise ResourceError(str(error)) from error

    return read_it


def caller(context: Any) -> Author:
    """Return the agent that calls, by the name of its client, in either era of the protocol, and whose token it brought."""
    params = context.request_context.session.client_params
    name = params.client_info.name if params is not None else ""
    meta = context.request_context.meta or {}
    told = meta.get(_META) if isinstance(meta, dict) else None
    if isinstance(told, dict):
        name = str(told.get("name") or name)
    visitor = visitor_of(context)
    behind = f" of {visitor.account}" if visitor and visitor.account else ""
    return Author(name=(name or "an MCP client")[:120] + behind, kind=AuthorKind.AGENT)
