"""What people type in a chat while an incident runs: `open`, `link`, `note`, `milestone`, `status`.

The words behind the slash command come in, with the channel and who typed them; out comes the answer, and whether the
whole channel should see it. A channel is tied to the incident that was opened in it or linked to it. What cannot be
understood is answered with how it is written, never refused by an exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from afteraction.errors import Conflict, NotInRecord
from afteraction.formats.stamps import parse_stamp
from afteraction.model.account import Right
from afteraction.model.chronology import MilestoneName
from afteraction.model.delivery import TrackedAlert
from afteraction.model.record import Author, Incident, IncidentStatus
from afteraction.model.settings import Settings
from afteraction.ports.store import Transaction
from afteraction.usecases.incident import open_incident, set_status, tell
from afteraction.usecases.told import set_milestone

HELP = """open [SEVERITY] TITLE: open an incident and tie this channel to it
link ID: tie this channel to an incident that is there
note WORDS: note what you see or do
milestone NAME [TIME] [WORDS]: set when a milestone was; NAME is one of {names}
status [STATUS]: tell how far the incident is, or say so: {statuses}
TIME is such as 14:05, 2026-03-04T14:05 or 2026-03-04T14:05Z; without one it is now."""
_ID = re.compile(r"[\w.-]{1,64}")
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody typed: the words behind the command, the channel's key, who, and when."""

    text: str
    channel: str
    author: Author
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered; to the whole channel when it is `public`."""

    text: str
    public: bool = False


def command(record: Transaction, said: Said, *, settings: Settings) -> Answer:
    """Carry out what was typed."""
    word, _, rest = said.text.strip().partition(" ")
    known = _COMMANDS.get(word.lower())
    if known is None:
        return _help("" if word.lower() in {"", "help"} else f"there is no command {word[:40]!r}\n")
    if not may_respond(record, said.author.name):
        return Answer(text="your account may read incidents, but not change them; ask an owner for the role responder")
    try:
        return known(record, said, rest.strip(), settings)
    except (Conflict, NotInRecord) as error:
        return Answer(text=str(error))


def may_respond(record: Transaction, name: str) -> bool:
    """Whether somebody may change incidents from chat: everybody of the workspace but accounts that may not elsewhere."""
    account = record.account(name)
    return account is None or (account.disabled_at is None and Right.RESPOND in account.role.rights)


def incident_of(record: Transaction, channel: str) -> Incident | None:
    """Return the incident that a channel is tied to, or None."""
    tied = record.alerts([channel])
    return record.incident(tied[0].incident) if tied else None


def _help(before: str = "") -> Answer:
    names = ", ".join(name.value for name in MilestoneName)
    return Answer(text=before + HELP.format(names=names, statuses=", ".join(one.value for one in IncidentStatus)))


def _tie(record: Transaction, said: Said, incident: str) -> None:
    record.put_alerts([TrackedAlert(key=said.channel, incident=incident, at=said.at)])


def _tied(record: Transaction, said: Said) -> Incident:
    found = incident_of(record, said.channel)
    if found is None:
        raise NotInRecord("this channel is tied to no incident; open one with `open TITLE`, or `link ID`")
    return found


def _open(record: Transaction, said: Said, rest: str, settings: Settings) -> Answer:
    first, _, others = rest.partition(" ")
    severity = settings.severity(first) if others else None
    title = (others if severity else rest).strip()
    if not title:
        return _help("what is it about? give a title\n")
    number, name = 1, f"INCIDENT-{said.at:%Y-%m-%d-%H%M}"
    while record.incident(name) is not None:
        number += 1
        name = f"INCIDENT-{said.at:%Y-%m-%d-%H%M}-{number}"
    opened = open_incident(
        record, title=title[:_LONGEST_TITLE], began=said.at, severity=severity or "", services=(), author=said.author, at=said.at,
        incident=name,
    )  # fmt: skip
    _tie(record, said, opened.id)
    return Answer(text=f"{opened.id} is open: {opened.title}", public=True)


def _link(record: Transaction, said: Said, rest: str, settings: Settings) -> Answer:
    del settings
    hidden = record.hidden_from(said.author.name)
    found = record.incident(rest) if _ID.fullmatch(rest) and rest not in hidden else None
    if found is None:
        return Answer(text=f"the record holds no incident {rest[:64]!r}")
    _tie(record, said, found.id)
    return Answer(text=f"this channel belongs to {found.id}: {found.title}", public=True)


def _note(record: Transaction, said: Said, rest: str, settings: Settings) -> Answer:
    del settings
    if not rest:
        return _help("note what?\n")
    incident = _tied(record, said)
    tell(record, incident.id, rest, happened=said.at, author=said.author, at=said.at)
    return Answer(text=f"noted in {incident.id}")


def _milestone(record: Transaction, said: Said, rest: str, settings: Settings) -> Answer:
    word, _, words = rest.partition(" ")
    name = next((one for one in MilestoneName if one.value == word.lower().replace("-", "_")), None)
    if name is None:
        return _help(f"there is no milestone {word[:40]!r}\n")
    incident = _tied(record, said)
    happened, text = _time_before(words.strip(), said.at, settings.timezone)
    set_milestone(record, incident.id, name, happened=happened, author=said.author, at=said.at, text=text)
    shown = happened.astimezone(ZoneInfo(settings.timezone))
    return Answer(text=f"{name.value} of {incident.id}: {shown:%Y-%m-%d %H:%M %Z}", public=True)


def _time_before(words: str, now: datetime, zone: str) -> tuple[datetime, str]:
    """Return the time with which words begin, else now, and the words behind it; a bare time is of the last 24 hours."""
    first, _, rest = words.partition(" ")
    today = now.astimezone(ZoneInfo(zone)).date()
    stamp = parse_stamp(first, zone=zone, day_hint=today) if re.match(r"\d", first) else None
    if stamp is None:
        return now, words
    if stamp.at > now and re.fullmatch(r"\d{1,2}:\d\d(?::\d\d)?", first):  # `23:50`, typed after midnight
        yesterday = datetime.fromordinal(today.toordinal() - 1).date()
        stamp = parse_stamp(first, zone=zone, day_hint=yesterday) or stamp
    return stamp.at, rest.strip()


def _status(record: Transaction, said: Said, rest: str, settings: Settings) -> Answer:
    del settings
    incident = _tied(record, said)
    if not rest:
        services = f", services: {', '.join(incident.services)}" if incident.services else ""
        severity = f", {incident.severity}" if incident.severity else ""
        return Answer(text=f"{incident.id} is {incident.status.value}{severity}: {incident.title}{services}")
    status = next((one for one in IncidentStatus if one.value == rest.lower()), None)
    if status is None:
        return _help(f"there is no status {rest[:40]!r}\n")
    set_status(record, incident.id, status, ended=said.at, author=said.author, at=said.at)
    return Answer(text=f"{incident.id} is {status.value}", public=True)


_COMMANDS: dict[str, Callable[[Transaction, Said, str, Settings], Answer]] = {
    "open": _open, "link": _link, "note": _note, "milestone": _milestone, "status": _status,
}  # fmt: skip
