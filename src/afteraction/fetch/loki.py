"""Loki: the lines of each service in the window, as `query_range` answers them.

Loki cuts an answer off at a limit and names no next page. So each hour is asked for, and one whose answer is full again in
halves: every file is a whole answer for its part, nothing is missing between two of them and no line is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from afteraction.errors import TooMuch
from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import as_far_as, command, decoded, list_in, safe
from afteraction.fetch.promql import selector
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem
from afteraction.network.client import Answer, Outgoing, Params
from afteraction.ports import Progress

LIMIT = 5000
"""Lines of one answer: what Loki allows by default."""
MOST = 512 * 1024 * 1024
"""Bytes of one service's lines."""
_PATH = "/loki/api/v1/query_range"
_NANO = 1_000_000_000
_HOUR = 3600 * _NANO
_NARROWEST = _NANO // 1000


class Loki:
    """The collector."""

    name = "loki"
    connect = staticmethod(client_of)

    def __init__(self, settings: CollectorSettings, client: Outgoing, *, limit: int | None = None) -> None:
        self._labels = settings.labels
        self._client = client
        self._limit = limit or LIMIT

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for."""
        first, last = _bounds(sought)
        return tuple(
            Planned(
                what=f"logs of {service}, by the first label that fits of {', '.join(self._labels)}",
                asked=command(self._client, _PATH, self._params(selector(self._labels[0], service), first, last)),
            )
            for service in sought.services
        )

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield the lines of each service. Raises NotReached when Loki is not there."""
        first, last = _bounds(sought)
        labels = list_in(decoded(self._client.get("/loki/api/v1/labels", {"start": first, "end": last})), "")
        for service in sought.services:
            progress(f"{self.name}: lines of {service}")
            yield from as_far_as(
                self._of(service, [one for one in self._labels if one in labels], first, last), f"{self.name}/{service}"
            )

    def _of(self, service: str, labels: list[str], first: int, last: int) -> Iterator[Fetched | Problem]:
        for label in labels:
            values = self._client.get(f"/loki/api/v1/label/{label}/values", {"start": first, "end": last})
            if service in list_in(decoded(values), ""):
                yield from self._lines(service, selector(label, service), first, last)
                return
        tried = f"of {', '.join(labels)}" if labels else "that the settings name"
        yield Problem(
            origin=Origin(file=f"{self.name}/{service}"), reason=f"no label {tried} has the value {service}",
            remedy=f"name the label that holds it: collect.{self.name}.labels",
        )  # fmt: skip

    def _lines(self, service: str, query: str, first: int, last: int) -> Iterator[Fetched | Problem]:
        """Yield whole answers in order of time, each for a part of an hour that is narrow enough.

        A file is named by the time at which its part begins, so that collecting again later replaces it by a fuller one.
        """
        hours = range(first // _HOUR * _HOUR, last, _HOUR)
        parts, size = [(max(first, one), min(last, one + _HOUR)) for one in reversed(hours)], 0
        while parts:
            start, end = parts.pop()
            params = self._params(query, start, end)
            answer = self._whole(params, narrow=end - start <= _NARROWEST)
            if answer is None:
                middle = (start + end) // 2
                parts += [(middle, end), (start, middle)]
                continue
            lines = _count(answer)
            if lines:
                size += len(answer.content)
                asked = command(self._client, _PATH, params)
                yield Fetched(name=f"{safe(service)}/{start}.json", content=answer.content, command=asked)
            if lines >= self._limit:
                yield _told(
                    f"{self.name}/{service}", f"more than {self._limit} lines in a millisecond; some are missing"
                )
            if size > MOST and parts:
                yield _told(f"{self.name}/{service}", f"stopped after {size:,} bytes; later lines are missing")
                return

    def _whole(self, params: Params, *, narrow: bool) -> Answer | None:
        """Return an answer that holds all its lines, or None when a narrower part must be asked for."""
        try:
            answer = self._client.get(_PATH, params)
        except TooMuch:
            if narrow:
                raise
            return None
        return answer if narrow or _count(answer) < self._limit else None

    def _params(self, query: str, start: int, end: int) -> Params:
        return {"query": query, "start": str(start), "end": str(end), "limit": self._limit, "direction": "forward"}


def _count(answer: Answer) -> int:
    return sum(len(stream.get("values", [])) for stream in list_in(decoded(answer), "result"))


def _told(file: str, reason: str) -> Problem:
    return Problem(origin=Origin(file=file), reason=reason, remedy="collect again with a shorter --since and --until")


def _bounds(sought: Sought) -> tuple[int, int]:
    return int(sought.since.timestamp()) * _NANO, (int(sought.until.timestamp()) + 1) * _NANO
