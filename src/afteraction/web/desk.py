"""What all routes work with: the record, raw material, the settings, a clock. Given to the application once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from afteraction.formats.secrets import Masker
from afteraction.model.reading import Source
from afteraction.model.settings import Settings
from afteraction.ports.store import Blobs, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The record and what belongs to it. `masker` makes a masker with the team's rules, for one request."""

    store: Store
    blobs: Blobs
    settings: Settings
    clock: Callable[[], datetime]
    masker: Callable[[], Masker]
    sources: tuple[Source, ...]

    def masked(self, text: str) -> str:
        """Return a text without its secrets."""
        return self.masker().mask(text)


def desk(request: Request) -> Desk:
    """Return the desk of the application that a request came to."""
    found: Desk = request.app.state.desk
    return found


TheDesk = Annotated[Desk, Depends(desk)]
