"""Slack: the messages of an incident's channels with their threads, saved as an export of Slack holds them.

A file for each channel and day, as `CHANNEL/2026-03-04.json`, and `users.json` for those who speak in them. Messages are kept as
the API gives them. Channels are those of the settings and those whose name holds the incident's id.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from afteraction.errors import NotReached
from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import PAGES, as_far_as, command, decoded, safe
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem
from afteraction.network.client import Outgoing
from afteraction.ports import Progress

MOST_PEOPLE = 200
_Params = dict[str, str | int | list[str]]


class Slack:
    """The collector."""

    name = "slack"
    connect = staticmethod(client_of)

    def __init__(self, settings: CollectorSettings, client: Outgoing) -> None:
        self._channels = settings.targets
        self._client = client

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for."""
        history = [
            Planned(what=f"messages and threads of {channel}", asked=command(self._client, "/conversations.history", _between(channel, sought)))
            for channel in self._channels
        ]  # fmt: skip
        listed = command(self._client, "/conversations.list", _LISTED)
        return (
            *history,
            Planned(what=f"channels whose name holds {sought.incident.id}, and their messages", asked=listed),
        )

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield a file for each channel and day, then the people. Raises NotReached."""
        people: set[str] = set()
        named: dict[str, str] = {}
        yield from as_far_as(self._named(sought, named), f"{self.name}/channels")
        for channel in dict.fromkeys((*self._channels, *named)):
            progress(f"{self.name}: {named.get(channel, channel)}")
            yield from as_far_as(self._days(channel, named.get(channel, ""), sought, people), f"{self.name}/{channel}")
        yield from as_far_as(self._users(sorted(people)), f"{self.name}/users")

    def _asked(self, method: str, params: _Params) -> dict[str, Any]:
        """Return an answer. Raises NotReached when Slack says that it is none, which it does with status 200."""
        answer = decoded(self._client.get(f"/{method}", params))
        if not isinstance(answer, dict) or not answer.get("ok"):
            told = answer.get("error", "") if isinstance(answer, dict) else ""
            raise NotReached(f"Slack refuses {method}: {told or 'no reason given'}; the token needs the scope for it")
        return answer

    def _all(self, method: str, params: _Params, key: str) -> Iterator[Any]:
        """Yield the items of all pages of a method."""
        cursor = ""
        for _ in range(PAGES):
            answer = self._asked(method, {**params, "cursor": cursor} if cursor else params)
            yield from answer.get(key) or []
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise NotReached(f"{method} has more than {PAGES} pages; ask for a shorter window")

    def _named(self, sought: Sought, named: dict[str, str]) -> Iterator[Problem]:
        """Find out the names of the channels, and which of them is the incident's own."""
        wanted = sought.incident.id.lower()
        for channel in self._all("conversations.list", _LISTED, "channels"):
            name = str(channel.get("name", ""))
            if channel.get("id") in self._channels or wanted in name.lower():
                named[str(channel["id"])] = name
        yield from ()

    def _days(self, channel: str, name: str, sought: Sought, people: set[str]) -> Iterator[Fetched]:
        params = _between(channel, sought)
        messages: dict[str, Mapping[str, Any]] = {}
        for message in self._all("conversations.history", params, "messages"):
            messages[str(message["ts"])] = message
            if message.get("reply_count"):
                thread: _Params = {"channel": channel, "ts": str(message["ts"]), "limit": 200}
                for reply in self._all("conversations.replies", thread, "messages"):
                    messages.setdefault(str(reply["ts"]), reply)
        days: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for ts in sorted(messages, key=float):
            days[f"{datetime.fromtimestamp(float(ts), UTC):%Y-%m-%d}"].append(messages[ts])
            people.add(str(messages[ts].get("user") or ""))
        asked = command(self._client, "/conversations.history", params)
        for day, said in days.items():
            yield Fetched(
                name=f"{safe(name or channel)}/{day}.json", content=_written(said), command=f"{asked}, and the threads"
            )

    def _users(self, people: list[str]) -> Iterator[Fetched | Problem]:
        """Yield the list of those who spoke, as an export holds it."""
        asked = [one for one in people if one]
        if len(asked) > MOST_PEOPLE:
            yield Problem(
                origin=Origin(file=f"{self.name}/users"), reason=f"of {len(asked)} people {MOST_PEOPLE} were asked for"
            )
        known = []
        for one in asked[:MOST_PEOPLE]:
            answer = decoded(self._client.get("/users.info", {"user": one}))
            if isinstance(answer, dict) and isinstance(answer.get("user"), dict):
                known.append(answer["user"])
        if known:
            yield Fetched(
                name="users.json", content=_written(known), command=command(self._client, "/users.info", {"user": "…"})
            )


_LISTED: _Params = {"types": "public_channel,private_channel", "exclude_archived": "false", "limit": 200}


def _between(channel: str, sought: Sought) -> _Params:
    first, last = (f"{at.timestamp():.6f}" for at in (sought.since, sought.until))
    return {"channel": channel, "oldest": first, "latest": last, "inclusive": "true", "limit": 200}


def _written(items: list[Any]) -> bytes:
    """Return a list as Slack's export writes it."""
    return json.dumps(items, indent=4, ensure_ascii=False).encode("utf-8", "replace")
