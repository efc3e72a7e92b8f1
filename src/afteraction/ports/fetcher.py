"""What the use cases need of a live collector: a plan that asks nobody, and the raw material that it brings home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from afteraction.model.collecting import Fetched, Planned, Sought
from afteraction.model.reading import Problem
from afteraction.ports import Progress

MISSHAPEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What looking into an answer raises that has not the shape that its product documents."""


class Fetcher(Protocol):
    """Collects from one product. It never parses more than it needs to find the next page."""

    @property
    def name(self) -> str:
        """The word for the product: in the settings, on the command line, as the folder of what it brings."""
        ...

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what would be asked for. Reaches nothing."""
        ...

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield raw material, and a problem for whatever is not to be had; the rest is kept.

        Raises:
            NotReached: when it cannot go on.
        """
        ...
