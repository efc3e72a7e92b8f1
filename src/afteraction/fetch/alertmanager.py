"""Alertmanager: the alerts that it holds now, silenced and inhibited ones too; resolved ones are forgotten soon."""

from __future__ import annotations

from collections.abc import Iterator

from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import command, items_of, stamped
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.reading import Problem
from afteraction.network.client import Outgoing
from afteraction.ports import Progress

_PATH = "/api/v2/alerts"


class Alertmanager:
    """The collector."""

    name = "alertmanager"
    connect = staticmethod(client_of)

    def __init__(self, settings: CollectorSettings, client: Outgoing) -> None:
        del settings
        self._client = client

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for."""
        del sought
        return (Planned(what="alerts as they are now", asked=command(self._client, _PATH)),)

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield the list, unless it is empty. Raises NotReached."""
        del progress
        answer = self._client.get(_PATH)
        if items_of(answer):
            asked = command(self._client, _PATH)
            yield Fetched(name=f"alerts-{stamped(sought.at)}.json", content=answer.content, command=asked)
