"""GitHub: deployments with their states, releases, commits and merged pull requests of each repository.

Changes are looked for from a while before the window on, since what breaks now may have been deployed yesterday. Lists are put
together as `gh api --paginate` does it; pages are followed only as far as the window reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from afteraction.errors import BadSettings
from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import as_far_as, command, goes_on, iso, items_of, joined, pages, safe, time_of
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem
from afteraction.network.client import Answer, Outgoing, Params
from afteraction.ports import Progress

MOST_STATES = 100
"""Deployments whose states are asked for, one request each."""


class GitHub:
    """The collector."""

    name = "github"

    def __init__(self, settings: CollectorSettings, client: Outgoing) -> None:
        self._repositories = settings.targets
        self._before = settings.before
        self._client = client

    @staticmethod
    def connect(settings: CollectorSettings, allow: tuple[str, ...]) -> Outgoing:
        """Return a client that names the version of the API it was written for. Raises BadSettings."""
        for repository in settings.targets:
            if repository.count("/") != 1 or not all(repository.split("/")):
                raise BadSettings(f"collect.github.repositories: {repository!r} is not OWNER/NAME")
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if settings.token:
            headers["Authorization"] = f"Bearer {settings.token}"
        return client_of(settings, allow, headers)

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for."""
        return tuple(
            Planned(what=f"{what} of {repository}", asked=command(self._client, path, params))
            for repository in self._repositories
            for what, path, params, _ in self._lists(repository, sought)
        )

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield the lists that hold something of the window."""
        for repository in self._repositories:
            for what, path, params, when in self._lists(repository, sought):
                progress(f"{self.name}: {what} of {repository}")
                file = f"{safe(repository)}/{safe(what)}.json"
                got = self._list(file, path, params, when, sought.since - self._before)
                yield from as_far_as(got, f"{self.name}/{file}")

    def _lists(self, repository: str, sought: Sought) -> tuple[tuple[str, str, Params, str], ...]:
        """Return each list: what it holds, its path, its parameters, and the field by whose time it is ordered, newest first."""
        root = f"/repos/{quote(repository)}"
        since, until = iso(sought.since - self._before), iso(sought.until)
        closed: Params = {"state": "closed", "sort": "updated", "direction": "desc", "per_page": 100}
        return (
            ("deployments", f"{root}/deployments", {"per_page": 100}, "created_at"),
            ("releases", f"{root}/releases", {"per_page": 100}, "created_at"),
            ("commits", f"{root}/commits", {"since": since, "until": until, "per_page": 100}, ""),
            ("pulls", f"{root}/pulls", closed, "updated_at"),
        )

    def _list(self, file: str, path: str, params: Params, when: str, since: datetime) -> Iterator[Fetched | Problem]:
        found = [one for one in pages(self._client, path, params, more=goes_on(when, since)) if items_of(one)]
        if not found:
            return
        asked = command(self._client, path, params)
        if path.endswith("/deployments"):
            states, left = self._states(path, [item for one in found for item in items_of(one)], since)
            if left:
                yield Problem(
                    origin=Origin(file=f"{self.name}/{file}"),
                    reason=f"the states of {left} deployments were not asked for",
                )
            found, asked = [*found, *states], f"{asked}, and the statuses of each of the window"
        yield Fetched(name=file, content=joined([one.content for one in found]), command=asked)

    def _states(self, path: str, deployments: list[Any], since: datetime) -> tuple[list[Answer], int]:
        """Return how each deployment of the window went, for the same file, and for how many this was not asked."""
        wanted = [one for one in deployments if (made := time_of(one.get("created_at"))) is not None and made >= since]
        states = []
        for one in wanted[:MOST_STATES]:
            answer = self._client.get(f"{path}/{int(one['id'])}/statuses", {"per_page": 100})
            states += [answer] if items_of(answer) else []
        return states, len(wanted) - len(wanted[:MOST_STATES])
