"""PagerDuty: the log entries of the pages that belong to an incident.

Which pages these are is told by the keys that the record knows already, else by services: those of the settings, or those that are
named like the incident's. Without either all pages of the window are taken, up to a bound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import PAGES, as_far_as, command, decoded, iso, safe
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem
from afteraction.network.client import Outgoing
from afteraction.ports import Progress

MOST = 50
"""Pages whose log entries are asked for."""
_SIZE = 100
_Params = dict[str, str | int | list[str]]


class PagerDuty:
    """The collector."""

    name = "pagerduty"

    def __init__(self, settings: CollectorSettings, client: Outgoing) -> None:
        self._services = settings.targets
        self._client = client

    @staticmethod
    def connect(settings: CollectorSettings, allow: tuple[str, ...]) -> Outgoing:
        """Return a client that signs as PagerDuty wants it. Raises BadSettings."""
        headers = {"Accept": "application/vnd.pagerduty+json;version=2"}
        if settings.token:
            headers["Authorization"] = f"Token token={settings.token}"
        return client_of(settings, allow, headers)

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for."""
        return (
            Planned(what="pages of the window", asked=command(self._client, "/incidents", self._wanted(sought))),
            Planned(
                what="log entries of those that belong to the incident",
                asked=command(self._client, "/incidents/…/log_entries", _ENTRIES),
            ),
        )

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield the log entries of each page. Raises NotReached."""
        found = [
            one for one in self._all("/incidents", self._wanted(sought), "incidents") if self._belongs(one, sought)
        ]
        if len(found) > MOST:
            reason = f"{len(found)} pages of the window, of which {MOST} were taken"
            yield Problem(
                origin=Origin(file=self.name), reason=reason, remedy="name services: collect.pagerduty.services"
            )
        for one in found[:MOST]:
            name = str(one["id"])
            progress(f"{self.name}: {name}")
            yield from as_far_as(self._entries(name), f"{self.name}/{name}")

    def _wanted(self, sought: Sought) -> _Params:
        params: _Params = {"since": iso(sought.since), "until": iso(sought.until), "time_zone": "UTC", "limit": _SIZE}
        return params | ({"service_ids[]": list(self._services)} if self._services else {})

    def _belongs(self, one: Any, sought: Sought) -> bool:
        if self._services or not sought.services:
            return True
        if {alert.key for alert in sought.alerts} & {one.get("id"), one.get("incident_key")}:
            return True
        named = f"{(one.get('service') or {}).get('summary', '')} {one.get('title', '')}".lower()
        return any(service.lower() in named for service in sought.services)

    def _entries(self, page: str) -> Iterator[Fetched]:
        path = f"/incidents/{safe(page)}/log_entries"
        answer = self._client.get(path, {**_ENTRIES, "offset": 0})
        first = decoded(answer)
        content = answer.content
        if first.get("more"):
            entries = list(self._all(path, _ENTRIES, "log_entries"))
            content = json.dumps({"log_entries": entries}, ensure_ascii=False).encode()
        if first.get("log_entries"):
            yield Fetched(name=f"{safe(page)}.json", content=content, command=command(self._client, path, _ENTRIES))

    def _all(self, path: str, params: _Params, key: str) -> Iterator[Any]:
        """Yield the items of all pages of a list."""
        offset = 0
        for _ in range(PAGES):
            answer = decoded(self._client.get(path, {**params, "offset": offset}))
            items = answer.get(key) or []
            yield from items
            offset += len(items)
            if not answer.get("more") or not items:
                return


_ENTRIES: _Params = {"is_overview": "false", "time_zone": "UTC", "include[]": ["channels", "incidents"], "limit": _SIZE}
