"""A provider's status feed, as JSON records of a component with its state and times: status events.

Each record yields an event when the state began, one when it ended, where it has ended, and none besides: an update
without words is no news. The provider's word for the state is kept as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.formats.change_events import stamp_of, words
from afteraction.formats.json_items import flat
from afteraction.formats.json_shapes import JsonShape, json_records, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.model.event import Event, EventKind, Warned
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_BEGAN = ("startedat", "start", "starttime", "begin", "createdat", "timestamp", "time", "updatedat")
_ENDED = ("resolvedat", "endedat", "end", "endtime", "closedat")
_ABOUT = ("service", "servicename", "component", "product", "name")
_WHERE = ("region", "location", "zone", "availabilityzone")
_TITLE = ("title", "name", "summary", "headline")
_DETAIL = ("detail", "details", "description", "message", "body", "impact")


class StatusFeeds:
    """The source."""

    name = "status-feed"
    summary = "A provider's status feed as JSON: what was degraded where, from when to when."

    def claims(self, raw: RawInput) -> bool:
        """Claim records of a component, its status and times of beginning and end."""
        return json_shape(raw) is JsonShape.STATUS

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all events."""
        problems = ProblemList(raw.name)
        events: list[Event] = []
        count = 0
        for origin, record in json_records(raw, problems):
            count += 1
            made = list(self._events(flat(record), origin, context))
            events += made
            if not made:
                problems.add("the record has no readable time", line=origin.line, record=origin.record)
        return Reading(events=tuple(events), problems=problems.close(), lines=count)

    def _events(self, item: Mapping[str, Any], origin: Origin, context: Context) -> Iterator[Event]:
        began, ended = stamp_of(item, _BEGAN, context), stamp_of(item, _ENDED, context)
        about, where = words(item, _ABOUT), words(item, _WHERE)
        title, detail = words(item, _TITLE), words(item, _DETAIL)
        text = f"{title}: {detail}" if detail and detail != title else title
        for stamp, status in ((began, words(item, ("status", "state"))), (ended, "resolved")):
            if stamp is not None:
                yield Event(
                    at=stamp.at,
                    precision=stamp.precision,
                    zone=stamp.zone,
                    kind=EventKind.STATUS,
                    text=text if status != "resolved" or stamp is began else f"{title} (resolved)",
                    source=self.name,
                    origin=origin,
                    service=about,
                    detail=Warned(
                        object_ref=f"{about} {where}".strip(), reason=status, first_at=began.at if began else None
                    ),
                )
