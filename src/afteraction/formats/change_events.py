"""Records of changes become events: a commit, deploy or flag as a flat record goes in, one event comes out.

Fields are found under their usual names, folded. A record without a readable time is refused (None).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afteraction.formats.change_words import kind_of_change, status_of
from afteraction.formats.columns import TIME_NAMES, is_number
from afteraction.formats.git_dates import git_date
from afteraction.formats.stamps import Stamp, parse_stamp
from afteraction.formats.table_shapes import CHANGED, COMMIT, FLAG, SERVICE, VERSION
from afteraction.model.event import Actor, ActorKind, Change, ChangeKind, Event, EventKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Context

_WHO = ("author", "authorname", "commitauthorname", "authorlogin", "actor", "actorname", "actorlogin", "user", "username", "userlogin", "who",
        "deployedby", "triggeredby", "createdby", "changedby", "by", "committer", "committername", "creatorlogin", "creator",
        "owner", "deployer", "initiator", "updatedby", "modifiedby", "requestedby", "releasedby", "mergedby", "implementer",
        "operator")  # fmt: skip
_TITLE = ("message", "commitmessage", "title", "subject", "description", "summary", "name", "comment", "text", "reason")
_FILES = ("fileschanged", "files", "changedfiles", "paths", "filenames", "modified")
_PLACE = (*SERVICE, "target", "project", "repository", "repo", "release", "chart", "namespace")
_BEFORE = (
    "before",
    "old",
    "oldvalue",
    "from",
    "previous",
    "previousvalue",
    "oldversion",
    "fromversion",
    "previousversion",
)
_AFTER = (
    "after",
    "current",
    "variation",
    "new",
    "newvalue",
    "to",
    "value",
    "enabled",
    "state",
    "newversion",
    "toversion",
)
_STATUS = ("status", "result", "outcome", "conclusion", "state", "deploystatus", "deploymentstatus")
_ENVIRONMENT = ("environment", "env", "environmentname", "stage", "tier")
_IS_ONE = {"rollback", "roll-back", "roll back"}
"""States by which a row of deploys is itself the rollback, where `rolled back` says what became of it later."""
_FEW = 3
"""Words on either side of `off -> on`; a sentence that holds an arrow or `to` has more."""
_WORDS = {
    ChangeKind.ROLLBACK: ("rollback", "rolledback", "revert"),
    ChangeKind.MIGRATION: ("migration", "migrate", "schema"),
    ChangeKind.SCALE: ("scale", "resize", "autoscal"),
    ChangeKind.CONFIG: ("config", "setting", "parameter"),
}


def change_event(record: Mapping[str, Any], *, source: str, origin: Origin, context: Context) -> Event | None:
    """Make the event of one record (keys folded, see `json_items.flat`), or None when it has no readable time."""
    stamp = stamp_of(record, TIME_NAMES, context)
    if stamp is None:
        return None
    kind = _kind(record)
    if kind is ChangeKind.DEPLOY and words(record, _STATUS).strip().lower() in _IS_ONE:
        kind = ChangeKind.ROLLBACK
    change = _change(record, kind)
    who = words(record, _WHO)
    service = words(record, SERVICE if kind is ChangeKind.COMMIT else _PLACE)
    return Event(
        at=stamp.at,
        precision=stamp.precision,
        zone=stamp.zone,
        kind=EventKind.CHANGE,
        text=_sentence(change, service, words(record, _TITLE) or _free(record)),
        source=source,
        origin=origin,
        actor=Actor(name=who, kind=ActorKind.UNKNOWN) if who else None,
        service=service,
        detail=change,
    )


def _kind(record: Mapping[str, Any]) -> ChangeKind:
    if words(record, FLAG):
        return ChangeKind.FLAG
    said = " ".join(words(record, (key,)).lower() for key in ("type", "kind", "action", "event", "changetype"))
    for kind, marks in _WORDS.items():
        if any(mark in said.replace(" ", "") for mark in marks):
            return kind
    deployed = (
        words(record, VERSION) or any(key.startswith("deploy") for key in record) or words(record, ("environment",))
    )
    if deployed or "deploy" in said or "release" in said:
        return ChangeKind.DEPLOY
    if words(record, COMMIT):
        return ChangeKind.COMMIT
    return kind_of_change(_free(record), ChangeKind.CONFIG) if _free(record) else ChangeKind.OTHER


def _change(record: Mapping[str, Any], kind: ChangeKind) -> Change:
    before, after = words(record, _BEFORE), words(record, _AFTER)
    if arrow := _arrow(words(record, ("change", "diff"))):
        before, after = arrow
    title = words(record, _TITLE) or _free(record)
    diff = record.get("diff") or record.get("patch")
    ref = words(record, FLAG) if kind is ChangeKind.FLAG else words(record, (*COMMIT, *VERSION, "id"))
    return Change(
        kind=kind,
        ref=ref,
        title=title.split("\n", 1)[0],
        version=words(record, VERSION),
        files=_files(record),
        diff=diff if isinstance(diff, str) and not _arrow(diff) else "",
        before=before,
        after=after,
        status=_status(record, kind),
        environment=words(record, _ENVIRONMENT),
    )


def _status(record: Mapping[str, Any], kind: ChangeKind) -> str:
    said = words(record, _STATUS)
    if kind in {ChangeKind.FLAG, ChangeKind.COMMIT} or (
        kind is ChangeKind.ROLLBACK and said.strip().lower() in _IS_ONE
    ):
        return ""
    return status_of(said)


def _free(record: Mapping[str, Any]) -> str:
    """Return what a column called `change` says in words, where it is not `before -> after`."""
    text = words(record, CHANGED)
    return "" if _arrow(text) else text


def _arrow(text: str) -> tuple[str, str] | None:
    """Split `off->on`, `1.2 => 1.3` into what was before and after; None for a text of another kind."""
    if "\n" in text or len(text) > 200:
        return None
    for arrow in ("->", "=>", "→", " to "):
        before, found, after = text.partition(arrow)
        if found and max(len(before.split()), len(after.split())) <= _FEW:
            return before.strip(), after.strip()
    return None


def _files(record: Mapping[str, Any]) -> tuple[str, ...]:
    value = next((record[key] for key in _FILES if record.get(key)), ())
    if isinstance(value, str):
        return tuple(part.strip() for part in value.replace(";", ",").replace("\n", ",").split(",") if part.strip())
    if not isinstance(value, list):
        return ()
    names = [item.get("filename", item.get("path", "")) if isinstance(item, Mapping) else item for item in value]
    return tuple(str(name) for name in names if name)


def _sentence(change: Change, service: str, title: str) -> str:
    """Word a change: a commit by its message, everything else by what was set or rolled out where."""
    if change.kind is ChangeKind.COMMIT:
        return title or f"commit {change.ref[:12]}"
    where = f" of {service}" if service else ""
    if change.kind is ChangeKind.FLAG:
        moved = f" from {change.before}" if change.before else ""
        set_to = f" to {change.after}" if change.after else ""
        return f"flag {change.ref}{where} changed{moved}{set_to}"
    what = change.version or change.ref[:12]
    said = f": {title}" if title and title != service else ""
    if not what and said:
        return f"{title}{where if service.lower() not in title.lower() else ''}"
    ended = f" {change.status}" if change.status in {"failed", "rolled back"} else ""
    return f"{change.kind.value}{where}" + (f" {what}" if what else "") + ended + said


def stamp_of(record: Mapping[str, Any], keys: tuple[str, ...], context: Context) -> Stamp | None:
    """Return the first of `keys` that holds a readable time."""
    for key in keys:
        value = record.get(key)
        if value in (None, "") or isinstance(value, Mapping | list | bool):
            continue
        text = float(value) if isinstance(value, str) and is_number(value) else value
        if isinstance(text, str):
            stamp = git_date(text, zone=context.zone, year_hint=context.year_hint, order=context.date_order)
        else:
            stamp = parse_stamp(text, zone=context.zone, year_hint=context.year_hint)
        if stamp:
            return stamp
    return None


def words(record: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first filled field under one of the folded `keys`, as text; objects and lists do not count."""
    for key in keys:
        value = record.get(key)
        if value is None or isinstance(value, Mapping | list) or not str(value).strip():
            continue
        return str(value).lower() if isinstance(value, bool) else str(value).strip()
    return ""
