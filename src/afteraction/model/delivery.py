"""What other programs send by themselves: a delivery of a webhook as it is kept, and what is known of an alert meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery of a webhook, without its secrets.

    `hook` is the endpoint's name in the settings, `key` is equal in every redelivery. `at` is when it arrived. `incident`
    is empty while it belongs to none. `source` is what read it, empty when nothing could; `line` is its line, from 1, in
    the file that an incident's deliveries make for a source. `events` counts what was read out of it. `marks` are what
    it may be found by: `alert:KEY`, `group:KEY`, `service:NAME`. `body` is what was sent, as JSON with its time around it.
    """

    id: str
    vendor: str
    hook: str
    key: str
    at: datetime
    body: str
    incident: str = ""
    source: str = ""
    line: int = 0
    events: int = 0
    problems: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name under which it is material of its incident."""
        return f"hooks/{self.hook}/{self.source}.jsonl" if self.source else f"hooks/{self.hook}/{self.id}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedAlert:
    """The incident that an alert, a group of alerts or a channel belongs to.

    `began` and `ended` are when it fired and was resolved last, `at` is when anything was heard of it.
    """

    key: str
    incident: str
    at: datetime
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def firing(self) -> bool:
        """Whether it fired and was not resolved since."""
        return self.began is not None and (self.ended is None or self.ended < self.began)
