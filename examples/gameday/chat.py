"""The chat of the day in the form of a Slack export. It is the one thing here that a script made up; its times are real."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Member:
    """A person or bot of the workspace."""

    id: str
    handle: str
    name: str
    title: str
    bot: bool = False

    @property
    def mention(self) -> str:
        """How a message mentions this member."""
        return f"<@{self.id}>"


INES = Member("U01INES", "ines", "Ines Okafor", "Engineering lead")
BRUNO = Member("U02BRUNO", "bruno", "Bruno Salt", "Developer, orders")
PRIYA = Member("U03PRIYA", "priya", "Priya Wen", "Customer support")
LENA = Member("U04LENA", "lena", "Lena Ford", "Developer, pricing")
OPS_AGENT = Member("U05AGENT", "ops-agent", "ops-agent", "Operations agent", bot=True)
MONITORING = Member("U06MON", "alertmanager", "Alertmanager", "Monitoring", bot=True)
RELEASES = Member("U07REL", "releases", "Releases", "Deploy bot", bot=True)
MEMBERS = (INES, BRUNO, PRIYA, LENA, OPS_AGENT, MONITORING, RELEASES)
CHANNELS = {"alerts": "C01ALERTS", "releases": "C02RELEASES", "general": "C03GENERAL", "inc-checkout": "C04INCIDENT"}


class Chat:
    """Messages by channel, each stamped at the moment at which it is said."""

    def __init__(self) -> None:
        self._messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._last = 0.0

    def say(self, channel: str, who: Member, text: str, *, thread: str = "") -> str:
        """Say something now; `thread` is the stamp of the message that it answers. Returns its own stamp."""
        self._last = max(time.time(), self._last + 0.001)
        ts = f"{self._last:.6f}"
        message: dict[str, Any] = {"type": "message", "user": who.id, "text": text, "ts": ts}
        if who.bot:
            message |= {"subtype": "bot_message", "bot_id": who.id.replace("U", "B", 1), "username": who.name}
        if thread:
            message["thread_ts"] = thread
            for above in self._messages[channel]:
                if above["ts"] == thread:
                    above |= {"thread_ts": thread, "reply_count": above.get("reply_count", 0) + 1}
        self._messages[channel].append(message)
        return ts

    def join(self, channel: str, who: Member) -> None:
        """Let a person join a channel."""
        ts = self.say(channel, who, f"{who.mention} has joined the channel")
        next(m for m in self._messages[channel] if m["ts"] == ts)["subtype"] = "channel_join"

    def react(self, channel: str, ts: str, emoji: str, who: Member) -> None:
        """Add a reaction to a message."""
        message = next(m for m in self._messages[channel] if m["ts"] == ts)
        message.setdefault("reactions", []).append({"name": emoji, "users": [who.id], "count": 1})

    def save(self, path: Path) -> None:
        """Write the export: users, channels, a file per channel and day."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("users.json", _text([_user(member) for member in MEMBERS]))
            archive.writestr("channels.json", _text([_channel(name) for name in self._messages]))
            for channel, messages in self._messages.items():
                days: dict[str, list[dict[str, Any]]] = defaultdict(list)
                for message in messages:
                    days[datetime.fromtimestamp(float(message["ts"]), UTC).date().isoformat()].append(message)
                for day, said in days.items():
                    archive.writestr(f"{channel}/{day}.json", _text(said))


def read(path: Path) -> list[dict[str, Any]]:
    """Return the messages of an export, all channels together, in order of time; each gets its `channel`."""
    found: list[dict[str, Any]] = []
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        for name in archive.namelist():
            channel, _, day = name.rpartition("/")
            if channel and day:
                found += [message | {"channel": channel} for message in json.loads(archive.read(name))]
    return sorted(found, key=lambda message: float(message["ts"]))


def _text(value: object) -> str:
    return json.dumps(value, indent=4, ensure_ascii=False)


def _user(member: Member) -> dict[str, Any]:
    profile = {"real_name": member.name, "display_name": member.handle, "title": member.title}
    return {
        "id": member.id,
        "team_id": "T01SHOP",
        "name": member.handle,
        "deleted": False,
        "real_name": member.name,
        "tz": "Etc/UTC",
        "is_bot": member.bot,
        "profile": profile,
    }


def _channel(name: str) -> dict[str, Any]:
    return {
        "id": CHANNELS[name],
        "name": name,
        "created": 1700000000,
        "is_archived": False,
        "members": [member.id for member in MEMBERS if not member.bot],
        "topic": {"value": ""},
        "purpose": {"value": ""},
    }
