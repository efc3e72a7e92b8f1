"""Events of one file, each once: an alert's log and its notes, or two deliveries of a webhook, tell the same again.

Events come in as they are read, with where that was; out they go in the order in which they were first told, with every origin.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from afteraction.model.event import Event
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem


@dataclass(slots=True)
class ToldOnce:
    """What a file told so far: its events, and what could not be read."""

    problems: list[Problem]
    _events: dict[tuple[object, ...], Event] = field(default_factory=dict)

    def take(self, made: Event | Problem, origin: Origin) -> Event | None:
        """Keep what was read at `origin`; returns the event if it was not told before."""
        if isinstance(made, Problem):
            self.problems.append(made)
            return None
        key = (made.at, made.kind, made.text)
        known = self._events.get(key)
        self._events[key] = replace(known, also=(*known.also, origin)) if known else made
        return None if known else made

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the events, those first that were told first."""
        return tuple(self._events.values())
