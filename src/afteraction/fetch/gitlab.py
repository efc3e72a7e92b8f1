"""GitLab: deployments, releases, commits and merged requests of each project.

Changes are looked for from a while before the window on. Lists are put together page by page; GitLab filters by time itself, but
for releases, which are followed only as far as the window reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import as_far_as, command, goes_on, iso, items_of, joined, pages, safe
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.reading import Problem
from afteraction.network.client import Outgoing, Params
from afteraction.ports import Progress


class GitLab:
    """The collector."""

    name = "gitlab"
    connect = staticmethod(client_of)

    def __init__(self, settings: CollectorSettings, client: Outgoing) -> None:
        self._projects = settings.targets
        self._before = settings.before
        self._client = client

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for."""
        return tuple(
            Planned(what=f"{what} of {project}", asked=command(self._client, path, params))
            for project in self._projects
            for what, path, params, _ in self._lists(project, sought)
        )

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield the lists that hold something."""
        for project in self._projects:
            for what, path, params, more in self._lists(project, sought):
                progress(f"{self.name}: {what} of {project}")
                file = f"{safe(project)}/{what}.json"
                yield from as_far_as(self._list(file, path, params, more), f"{self.name}/{file}")

    def _list(self, file: str, path: str, params: Params, more: Callable[[list[Any]], bool]) -> Iterator[Fetched]:
        found = [answer for answer in pages(self._client, path, params, more=more) if items_of(answer)]
        if found:
            content = joined([answer.content for answer in found])
            yield Fetched(name=file, content=content, command=command(self._client, path, params))

    def _lists(self, project: str, sought: Sought) -> tuple[tuple[str, str, Params, Callable[[list[Any]], bool]], ...]:
        root = f"/api/v4/projects/{quote(project, safe='')}"
        first = sought.since - self._before
        since, until = iso(first), iso(sought.until)
        updated: Params = {
            "updated_after": since,
            "updated_before": until,
            "order_by": "updated_at",
            "sort": "asc",
            "per_page": 100,
        }
        always = goes_on("", first)
        return (
            ("deployments", f"{root}/deployments", updated, always),
            (
                "releases",
                f"{root}/releases",
                {"order_by": "released_at", "sort": "desc", "per_page": 100},
                goes_on("released_at", first),
            ),
            ("commits", f"{root}/repository/commits", {"since": since, "until": until, "per_page": 100}, always),
            ("merge_requests", f"{root}/merge_requests", {**updated, "state": "merged", "scope": "all"}, always),
        )
