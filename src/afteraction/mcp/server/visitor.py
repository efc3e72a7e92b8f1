"""Who stands behind a client over HTTP: somebody with an API token, who may do what the token allows and sees what they may see.

A bearer token comes in, a visitor goes out, or none. Over stdio, and on this machine without a token, there is no visitor: who
starts the server is the one who owns the record.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from afteraction.model.account import Right
from afteraction.ports.store import Store
from afteraction.usecases.identify import by_token

KEY = "afteraction.visitor"
"""Under which the visitor stands in the scope of an ASGI request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: an account (empty: whoever holds the one shared token), and what they may do."""

    account: str
    rights: frozenset[Right]


Gate = Callable[[str], Visitor | None]
"""Says whose a bearer token is; None for a token that is not good."""


def by_api_token(store: Store, clock: Callable[[], datetime]) -> Gate:
    """Return a gate that knows the API tokens of the record's accounts."""

    def gate(token: str) -> Visitor | None:
        with store.begin() as record:
            known = by_token(record, token, at=clock()) if token else None
        return Visitor(account=known.account.id, rights=known.rights) if known else None

    return gate


def by_shared_token(wanted: str) -> Gate:
    """Return a gate that knows one token, whose holder may do everything."""

    def gate(token: str) -> Visitor | None:
        good = hmac.compare_digest(token.encode(), wanted.encode())
        return Visitor(account="", rights=frozenset(Right)) if good else None

    return gate


def visitor_of(context: Any) -> Visitor | None:
    """Return who stands behind a request, in either era; None where nobody was asked for a token."""
    request = context.request_context.request
    found = request.scope.get(KEY) if request is not None else None
    return found if isinstance(found, Visitor) else None
