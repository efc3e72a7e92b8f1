"""Where a part of a foreign post-mortem went: its place and its heading, the field that took it, and how much it was."""

from __future__ import annotations

from dataclasses import dataclass

KEPT = "kept as text"
"""Stands for the field of what no field of ours takes: it is kept as a person's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One part and where it went. `place` is a line (`line 12`) or the path of a value (`incident.summary`)."""

    place: str
    what: str
    field: str
    characters: int
