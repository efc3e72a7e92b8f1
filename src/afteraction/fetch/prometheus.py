"""Prometheus: the alerts of the window, their own expressions, and for each service rate, errors, latency and saturation.

Every answer of `query_range` is kept as it came, one file for each expression. Which expressions are asked for follows from the
metrics that a service has (`promql.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import ceil
from urllib.parse import unquote

from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import as_far_as, command, decoded, iso, list_in, safe, stamped
from afteraction.fetch.promql import Question, measured, questions, selector
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem
from afteraction.network.client import Outgoing
from afteraction.ports import Progress

_FINEST, _POINTS = 15, 1000
_ALERTS = 'ALERTS{alertstate="firing"}'


class Prometheus:
    """The collector."""

    name = "prometheus"
    connect = staticmethod(client_of)

    def __init__(self, settings: CollectorSettings, client: Outgoing) -> None:
        self._labels = settings.labels
        self._client = client

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for; the expressions follow from what metrics there are."""

        def ranged(expression: str) -> str:
            return unquote(command(self._client, "/api/v1/query_range", _range(sought, expression)))

        planned = [
            Planned(what="alerts as they are now", asked=command(self._client, "/api/v1/alerts")),
            Planned(what="alerts that fired in the window", asked=ranged(_ALERTS)),
            Planned(what="the expression of each of these alerts, and what it measures", asked=ranged("…")),
            Planned(what="whether targets were up", asked=ranged("up")),
        ]
        planned += [
            Planned(what=f"rate, errors, latency, saturation of {service}", asked=ranged("…"))
            for service in sought.services
        ]
        return tuple(planned)

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield all answers that hold something. Raises NotReached when Prometheus is not there at all."""
        yield from self._alerts_now(sought)
        fired = list(self._query(sought, Question(name="ALERTS", expression=_ALERTS)))
        yield from fired
        yield from as_far_as(self._expressions(sought, _fired(fired, sought)), f"{self.name}/rules")
        yield from as_far_as(self._query(sought, Question(name="up", expression="up")), f"{self.name}/up")
        for service in sought.services:
            progress(f"{self.name}: metrics of {service}")
            yield from as_far_as(self._of(sought, service), f"{self.name}/{service}")

    def _alerts_now(self, sought: Sought) -> Iterator[Fetched]:
        answer = self._client.get("/api/v1/alerts")
        if list_in(decoded(answer), "alerts"):
            asked = command(self._client, "/api/v1/alerts")
            yield Fetched(name=f"alerts-{stamped(sought.at)}.json", content=answer.content, command=asked)

    def _query(self, sought: Sought, question: Question, folder: str = "") -> Iterator[Fetched]:
        params = _range(sought, question.expression)
        answer = self._client.get("/api/v1/query_range", params)
        if list_in(decoded(answer), "result"):
            name = f"{safe(folder)}/{safe(question.name)}.json" if folder else f"{safe(question.name)}.json"
            yield Fetched(
                name=name, content=answer.content, command=command(self._client, "/api/v1/query_range", params)
            )

    def _expressions(self, sought: Sought, names: Sequence[str]) -> Iterator[Fetched | Problem]:
        """Ask for the expressions of alerts, as they are written and for what they measure."""
        if not names:
            return
        expressions: dict[str, list[str]] = {}
        for group in list_in(decoded(self._client.get("/api/v1/rules", {"type": "alert"})), "groups"):
            for rule in group.get("rules", []):
                if rule.get("name") in names and isinstance(rule.get("query"), str):
                    expressions.setdefault(rule["name"], []).append(rule["query"])
        for name, several in sorted(expressions.items()):
            for number, expression in enumerate(dict.fromkeys(several)):
                told = f"{name}-{number + 1}" if number else name
                asked = [Question(name=f"{told}-expression", expression=expression)]
                if side := measured(expression):
                    asked.append(Question(name=f"{told}-measured", expression=side))
                for question in asked:
                    yield from as_far_as(self._query(sought, question, "alerts"), f"{self.name}/{question.name}")

    def _of(self, sought: Sought, service: str) -> Iterator[Fetched | Problem]:
        """Ask for the four signals of a service, found by the first label that any series of it carries."""
        between: dict[str, str | int | list[str]] = {"start": iso(sought.since), "end": iso(sought.until)}
        for label in self._labels:
            where = selector(label, service)
            metrics = list_in(
                decoded(self._client.get("/api/v1/label/__name__/values", {**between, "match[]": where})), ""
            )

            def labels_of(metric: str, where: str = where) -> list[str]:
                return list_in(decoded(self._client.get("/api/v1/labels", {**between, "match[]": metric + where})), "")

            if metrics:
                width = f"{max(120, 4 * _step(sought))}s"
                for question in questions(metrics, label, service, width=width, labels_of=labels_of):
                    yield from as_far_as(
                        self._query(sought, question, service), f"{self.name}/{service}/{question.name}"
                    )
                return
        remedy = f"name the label that holds it: collect.{self.name}.labels; tried {', '.join(self._labels)}"
        yield Problem(
            origin=Origin(file=f"{self.name}/{service}"), reason=f"no series is labelled {service}", remedy=remedy
        )


def _fired(answers: Sequence[Fetched], sought: Sought) -> list[str]:
    """Return the names of the alerts that the record knows, and of those that fired for a service that is hurt."""
    names = dict.fromkeys(alert.name for alert in sought.alerts)
    for answer in answers:
        for series in list_in(json.loads(answer.content), "result"):
            labels = series.get("metric", {})
            if not sought.services or set(sought.services) & set(labels.values()):
                names[labels.get("alertname", "")] = None
    return [name for name in names if name]


def _step(sought: Sought) -> int:
    """Return seconds between two points: whole multiples of the finest that keep below the number of points."""
    seconds = (sought.until - sought.since).total_seconds()
    return max(1, ceil(seconds / _POINTS / _FINEST)) * _FINEST


def _range(sought: Sought, expression: str) -> dict[str, str | int | list[str]]:
    step = _step(sought)
    end = ceil(sought.until.timestamp())  # the last point is the end itself: what began seconds ago must show
    start = end - ceil((end - sought.since.timestamp()) / step) * step
    return {"query": expression, "start": start, "end": end, "step": step}
