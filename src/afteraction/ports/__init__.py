"""Protocols that the use cases need from the outside world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from afteraction.model.reading import Problem, RawInput


class Gatherer(Protocol):
    """Opens what the person named: files, folders, archives."""

    def __call__(self, paths: list[Path]) -> Iterator[RawInput | Problem]:
        """Yield every raw input under `paths`, in a stable order, and a problem for whatever cannot be opened."""
        ...


class Progress(Protocol):
    """Shows on stderr how far long work has come."""

    def __call__(self, message: str, /) -> None:
        """Show one line of progress."""
        ...
