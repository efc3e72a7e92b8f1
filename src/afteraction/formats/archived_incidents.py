"""Incidents and post-mortems as incident management systems export them (JSON): what each record says, by its kind.

In come JSON values; out goes for each record that is an incident or a post-mortem its title, its texts by label, its
happenings with times, its people by role, its to-dos, and every other value by its path, so that nothing of it is lost.
Keys are matched by their words, not by product: what one system calls `reported_at` and another `detectedAt` is read alike.
A record without a title, or without the words of an incident, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from afteraction.formats.html_text import markdown_of
from afteraction.formats.json_documents import list_of, mapping_of
from afteraction.formats.rich_text import is_rich_text, rich_text_to_markdown
from afteraction.formats.stamps import Stamp, parse_stamp

TITLES = ("title", "name", "message", "headline", "subject")
_STRONG = {
    "postmortemid", "postmortem", "rootincident", "whysurprised", "detecttime", "incidenttimestampvalues", "incidentroleassignments",
    "durationmetrics", "customerimpactsummary", "postmortemreport", "mitigationmessage", "resolutionmessage", "lessonslearned",
    "contributingfactors", "incidentseverity", "incidentpriority", "executivesummary", "incidentroles", "postmortemdocumenturl",
    "retrospective", "customerimpactscope", "customerimpactstart", "customerimpacted", "timetodetect", "actionitems", "followups", "rootcause", "incidentevents", "stableat", "mitigatedat", "incidentstatus",
}  # fmt: skip
_WEAK = {
    "detected", "resolved", "publicid",
    "tinyid", "impactedservices", "responders", "severity", "severityid", "startedat", "detectedat", "resolvedat", "acknowledgedat",
    "starttime", "endtime", "statustime", "reportedat", "closedat", "summary", "priority", "milestones", "commander", "incidenttype",
    "participants", "timeline", "impact", "resolution", "status", "tasks", "incidentupdates", "resolvetime", "respondtime", "questions",
}  # fmt: skip
_CONTENT = {"content", "body", "report", "questions", "summary", "description"}
_TIME_KEY = re.compile(
    r"(?:\b(?:at|time|timestamp|on|date)|\bcreated|\bupdated|\bmodified|\bdetected|\bresolved|"
    r"\backnowledged|\bclosed|\bmitigated|\b(?:impact|outage|incident) (?:start|end))$"
)
_OWN_TIME = (
    "occurred at",
    "event time",
    "happened at",
    "timestamp",
    "started at",
    "at",
    "time",
    "date",
    "value",
    "created at",
)
_WHAT = ("event", "description", "message", "summary", "text", "note", "body", "content")
_WHAT_ELSE = ("title", "name", "type", "status")
_TOLD = (
    (r"(?:customer )?(?:incident |impact |outage )?start(?:ed|s)?", "Impact started"), (r"customer impact end(?:ed)?", "Impact ended"), (r"detect(?:ed|ion)?", "Detected"),
    (r"ack(?:nowledged?)?", "Acknowledged"), (r"respond(?:ed)?", "Responded"), (r"report(?:ed)?", "Reported"),
    (r"mitigat(?:ed|ion)", "Mitigated"), (r"(?:resolv(?:e|ed)|resolution|fixed|restored)", "Resolved"), (r"end(?:ed)?", "Ended"),
    (r"stable", "Stable"), (r"closed?", "Closed"), (r"creat(?:ed|ion)(?: at)?", "Record created"),
    (r"status", "Status page updated"),
)  # fmt: skip
"""How a record's own times are worded: what is left of the key without `at` or `time`, and what it says."""
_WHO = ("author", "actor", "user", "creator", "updater", "created by", "owner", "individual", "participant", "reporter")
_TODO_LIST = re.compile(r"\b(?:action items?|actions|tasks?|follow ?ups?|todos?|remedial|remediation|tickets?|jira)\b")
_TODO_TEXT = ("title", "summary", "description", "name", "text")
_TODO_OWNER = ("assignee", "assigned to", "assignees", "owner", "assigned to user")
_TODO_DUE = ("due date", "due", "due at", "due on", "resolve by", "deadline")
_ROLE_LIST = re.compile(r"\b(?:roles?|role assignments|participants|responders|members|assignments|commander|reporter|lead|scribe|liaison|owner)\b")  # fmt: skip
_PERSON_KEYS = ("assignee", "user", "individual", "person", "member", "contact")
_HAPPENINGS = re.compile(
    r"\b(?:events?|timeline|history|entries|updates?|milestones?|notes?|timestamp values|log|transitions)\b"
)
_NEVER_HAPPENED = re.compile(
    r"\b(?:updated|modified|due|review|published|synced|last|scheduled|deleted|archived|resolve by)\b"
)
_DONE = re.compile(r"^(?:done|completed?|resolved|closed|finished|true)$", re.IGNORECASE)
_DEEPEST = 30
_LONG = 100
"""A text of more characters beside a name is a text of its own, not a detail of what is named."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text of a record: its key or question as words, its Markdown, and its path in the record."""

    label: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something with a time of its own."""

    stamp: Stamp
    text: str
    who: str
    path: str


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to be done, as the system kept it."""

    text: str
    owner: str
    due: str
    done: bool
    ticket: str
    path: str


@dataclass(slots=True)
class ArchivedIncident:
    """One record. `place` is its path in the file; `rest` holds every value that is none of the others."""

    place: str
    title: str
    texts: list[LabelledText] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    people: list[tuple[str, str, str]] = field(default_factory=list)
    """(role, name, path)"""
    todos: list[Todo] = field(default_factory=list)
    rest: list[tuple[str, str]] = field(default_factory=list)


def archived_incidents(value: Any, place: str = "") -> Iterator[ArchivedIncident]:
    """Yield every incident or post-mortem in a JSON value, outermost first; what lies inside one belongs to it.

    Lists beside the incidents (follow-ups, updates, events) whose items name an incident's id are read with it.
    """
    beside: dict[str, dict[str, list[Any]]] = {}
    for key, items in _beside(value).items():
        for item in items:
            for incident in _incident_ids(item):
                beside.setdefault(incident, {}).setdefault(key, []).append(item)
    for path, record in _records(value, place, 0):
        more = beside.get(_plain(record.get("id")), {})
        yield _Reader(path).read({**record, **{key: items for key, items in more.items() if key not in record}})


def outside(value: Any) -> list[str]:
    """Return the paths of a file's lists, or of its whole value, that hold no incident and belong to none."""
    found = list(_records(value, "", 0))
    if not found:
        return ["$"]
    ids = {_plain(record.get("id")) for _, record in found}
    within = {".".join(path.split(".")[:1]) for path, _ in found}
    return [
        f"{key}[{number}]"
        for key, items in _beside(value).items()
        for number, item in enumerate(items)
        if f"{key}[{number}]" not in within and not ids & _incident_ids(item)
    ]


def _beside(value: Any) -> dict[str, list[Any]]:
    """Return the lists of objects that an archive of several lists holds, by their key."""
    if not isinstance(value, Mapping) or _is_record(_flat(value)):
        return {}
    return {
        str(key): items
        for key, items in value.items()
        if isinstance(items, list) and any(isinstance(i, Mapping) for i in items)
    }


def _incident_ids(item: Any) -> set[str]:
    """Return the ids of the incidents that an object says it belongs to."""
    record = _flat(item) if isinstance(item, Mapping) else {}
    named = [record.get(key) for key in ("incident_id", "incidentId", "event_id", "parent_id")]
    inner = record.get("incident")
    return {
        found
        for found in (*map(_plain, named), _plain(inner.get("id")) if isinstance(inner, Mapping) else _plain(inner))
        if found
    }


def holds_archived_incident(value: Any) -> bool:
    """Whether a JSON value is, or holds, an incident or a post-mortem with the words that only these have."""
    return next(_records(value, "", 0), None) is not None


def _records(value: Any, place: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _records(item, f"{place}[{number}]", depth + 1)
    elif isinstance(value, Mapping):
        record = _flat(value)
        if _is_record(record):
            yield place or "$", record
            return
        for key in ("data", "incident", "incidents", "postmortem", "postmortems", "post_mortems", "retrospectives", "items", "events", "results", "reports", "included"):  # fmt: skip
            if isinstance(value.get(key), dict | list):
                yield from _records(value[key], f"{place}.{key}" if place else key, depth + 1)


def _flat(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge the `attributes` of JSON:API into the record that carries them."""
    inner = record.get("attributes")
    if not isinstance(inner, Mapping):
        return record
    around = {key: value for key, value in record.items() if key not in {"attributes", "relationships", "links"}}
    return {**{key: value for key, value in around.items() if key not in inner}, **inner}


def _is_record(record: Mapping[str, Any]) -> bool:
    keys = {re.sub(r"[^a-z]", "", str(key).lower()) for key, value in record.items() if value not in (None, "", [], {})}
    titled = any(isinstance(record.get(key), str) and record[key].strip() for key in TITLES)
    asked = bool(keys & {"questions"}) and bool(keys & {"incident", "incidentid"})
    strong = len(keys & _STRONG)
    return titled and (strong >= 2 or (strong and len(keys & _WEAK) >= 2) or len(keys & _WEAK) >= 5 or asked
                       or {"tinyid", "impactedservices"} <= keys)  # fmt: skip


@lru_cache(maxsize=4096)
def words_of(key: str) -> str:
    """Return a key as lower-case words: `customerImpact_summary` is `customer impact summary`."""
    words = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)).strip().lower()
    return re.sub(r"(?<=[a-z]{3})time$", " time", words)


def _plain(value: Any) -> str:
    """Return a scalar as text, empty for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def name_of(value: Any) -> str:
    """Return the name by which a JSON value goes: itself, or what it holds under the usual keys."""
    if not isinstance(value, Mapping):
        return _plain(value)
    inner = value.get("data")
    if isinstance(inner, Mapping):
        return name_of(_flat(inner))
    for key in (
        "name",
        "full_name",
        "fullName",
        "title",
        "label",
        "username",
        "display_name",
        "displayName",
        "email",
        "summary",
        "value",
    ):
        if found := _plain(value.get(key)):
            return found
    for key in (*_PERSON_KEYS, "attributes"):
        if isinstance(value.get(key), Mapping) and (found := name_of(value[key])):
            return found
    return ""


def _stamp(value: Any) -> Stamp | None:
    """Return the time that a value is; numbers count only as an epoch of this century."""
    if isinstance(value, Mapping):
        return _stamp(value.get("value")) if "value" in value else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    if re.fullmatch(r"\d{10}(?:\.\d+)?|\d{13}", text) or re.match(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
        return parse_stamp(text)
    return None


class _Reader:
    """Reads one record; every scalar ends up in exactly one of the record's lists."""

    def __init__(self, place: str) -> None:
        self.found = ArchivedIncident(place=place, title="")

    def read(self, record: Mapping[str, Any]) -> ArchivedIncident:
        """Return what the record says."""
        title = next(key for key in TITLES if isinstance(record.get(key), str) and record[key].strip())
        self.found.title = record[title].strip()
        for key, value in record.items():
            if key != title:
                self._value(str(key), value, str(key), 0)
        return self.found

    def _value(self, key: str, value: Any, path: str, depth: int) -> None:
        label = words_of(key)
        if value in (None, "", [], {}) or depth > _DEEPEST:
            return
        if is_rich_text(value):
            self._text(label, rich_text_to_markdown(value), path)
        elif isinstance(value, Mapping):
            self._mapping(label, _flat(value), path, depth)
        elif isinstance(value, list):
            self._list(label, value, path, depth)
        elif (stamp := _stamp(value)) and _TIME_KEY.search(label):
            if _NEVER_HAPPENED.search(label):
                self.found.rest.append((path, _plain(value)))
            else:
                self._happened(stamp, label, "", path)
        elif (
            (text := _plain(value))
            and isinstance(value, str)
            and not re.search(r"(?:^|\b)(?:id|slug|url|uuid|link|href)$", label)
        ):
            self._text(label, markdown_of(text), path)
        elif text:
            self.found.rest.append((path, text))

    def _text(self, label: str, text: str, path: str) -> None:
        if text.strip():
            self.found.texts.append(LabelledText(label, text.strip(), path))

    def _happened(self, stamp: Stamp, text: str, who: str, path: str) -> None:
        said = re.sub(r"\s(?:at )?(?:at|time|timestamp|on|date)$", "", text)
        told = next((words for form, words in _TOLD if re.fullmatch(form, said)), said[:1].upper() + said[1:])
        self.found.happenings.append(Happening(stamp, told, who, path))

    def _mapping(self, label: str, value: Mapping[str, Any], path: str, depth: int) -> None:
        inner = value.get("data")
        if isinstance(inner, Mapping | list) and len(value) == 1:
            self._value(label, inner, path, depth + 1)
            return
        name = name_of(value)
        if _ROLE_LIST.search(label) and name:
            self.found.people.append((label, name, path))
        elif name and not any(isinstance(item, list) and item for item in value.values()):
            self._text(label, name, path)
        else:
            name = ""
        for key, item in value.items():
            if not (name and _is_name(item, name)):
                self._inner(label, str(key), item, f"{path}.{key}", depth, rest=bool(name))

    def _inner(self, label: str, key: str, item: Any, path: str, depth: int, *, rest: bool) -> None:
        """Read what lies inside a value: with the name taken from it, the others are its details."""
        if rest and (is_rich_text(item) or (isinstance(item, str) and (len(item) > _LONG or "</" in item))):
            self._value(key, item, path, depth + 1)
        elif rest and not isinstance(item, Mapping | list):
            if item not in (None, ""):
                self.found.rest.append((path, _plain(item)))
        elif rest:
            self._leaves(item, path)
        else:
            self._value(f"{label} {key}", item, path, depth + 1)

    def _leaves(self, value: Any, path: str, depth: int = 0) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(value, Mapping):
            for key, item in value.items():
                self._leaves(item, f"{path}.{key}", depth + 1)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                self._leaves(item, f"{path}[{number}]", depth + 1)
        elif value not in (None, ""):
            self.found.rest.append((path, _plain(value)))

    # --- lists ---

    def _list(self, label: str, items: Sequence[Any], path: str, depth: int) -> None:
        if not any(isinstance(item, Mapping | list) for item in items):
            self._text(label, ", ".join(_plain(item) for item in items if _plain(item)), path)
            return
        names: list[str] = []
        for number, item in enumerate(items):
            where = f"{path}[{number}]"
            if not isinstance(item, Mapping):
                self._value(label, item, where, depth + 1)
                continue
            record = _flat(item)
            if _TODO_LIST.search(label) and self._todo(record, where):
                continue
            if _HAPPENINGS.search(label) and self._event(record, where):
                continue
            if self._answer(record, where) or self._role(label, record, where):
                continue
            name = name_of(record)
            if name:
                names.append(name)
                self._but(record, {name}, where)
            else:
                self._mapping(label, record, where, depth + 1)
        if names:
            self._text(label, ", ".join(names), path)

    def _todo(self, record: Mapping[str, Any], path: str) -> bool:
        keys = {words_of(str(key)): key for key in record}
        text_key = next((keys[key] for key in _TODO_TEXT if key in keys and _plain(record[keys[key]])), None)
        if text_key is None:
            return False
        owner_key = next((keys[key] for key in _TODO_OWNER if key in keys and record[keys[key]]), None)
        due_key = next((keys[key] for key in _TODO_DUE if key in keys and _plain(record[keys[key]])), None)
        owners = record[owner_key] if owner_key is not None else ""
        owner = ", ".join(name_of(one) for one in owners) if isinstance(owners, list) else name_of(owners)
        status = name_of(record.get("status")) or _plain(record.get("state"))
        ticket = mapping_of(record.get("external_issue_reference")) or {"issue_name": _plain(record.get("key"))}
        due = _plain(record[due_key]) if due_key is not None else ""
        self.found.todos.append(
            Todo(
                text=markdown_of(_plain(record[text_key])), owner=owner, due=due[:10] if _stamp(due) else due,
                done=bool(_DONE.match(status)), ticket=_plain(ticket.get("issue_name")), path=path,
            )
        )  # fmt: skip
        used = {key for key in (text_key, owner_key, due_key, "external_issue_reference", "key") if key}
        for key, item in record.items():
            if key not in used:
                self._leaves(item, f"{path}.{key}")
        if ticket:
            self._but(ticket, {_plain(ticket.get("issue_name"))}, f"{path}.external_issue_reference")
        if owner_key is not None:
            self._but(owners, set(owner.split(", ")), f"{path}.{owner_key}")
        return True

    def _event(self, record: Mapping[str, Any], path: str) -> bool:
        keys = {words_of(str(key)): key for key in record}
        time_key = next((keys[key] for key in _OWN_TIME if key in keys and _stamp(record[keys[key]])), None)
        stamp = _stamp(record[time_key]) if time_key is not None else None
        if stamp is None:
            return False
        used, said = {time_key}, _what_happened(record, keys, time_key)
        if not said:
            _, said = next(((k, name_of(v)) for k, v in record.items() if k not in used and isinstance(v, Mapping) and name_of(v)), ("", ""))  # fmt: skip
        if not said:
            return False
        who_key = next((keys[key] for key in _WHO if key in keys and name_of(record[keys[key]])), None)
        who = name_of(record[who_key]) if who_key is not None else ""
        self.found.happenings.append(Happening(stamp, said, who, path))
        for name, item in record.items():
            if name not in used:
                self._but(item, {said, who}, f"{path}.{name}")
            elif isinstance(item, Mapping) and not is_rich_text(item):
                self._but(item, {said, _plain(item.get("value"))}, f"{path}.{name}")
        return True

    def _answer(self, record: Mapping[str, Any], path: str) -> bool:
        """Read a question with its answer, or a field that users defined with its values."""
        question = record.get("question") or record.get("custom_field") or record.get("title") or record.get("label")
        answer = next(
            (record[key] for key in ("answer", "body", "values", "content", "value") if record.get(key)), None
        )
        label = name_of(question)
        if not label or answer is None:
            return False
        if isinstance(answer, list):
            parts = [
                ", ".join(name_of(v) for v in one.values() if name_of(v)) if isinstance(one, Mapping) else _plain(one)
                for one in answer
            ]
            text = ", ".join(part for part in parts if part)
        else:
            text = _said(answer)
        if not text:
            return False
        self._text(label, text, path)
        self._but(record, {label, text, *text.split(", ")}, path)
        return True

    def _role(self, label: str, record: Mapping[str, Any], path: str) -> bool:
        person = next(
            (
                name_of(record[key])
                for key in _PERSON_KEYS
                if isinstance(record.get(key), Mapping | str) and name_of(record[key])
            ),
            "",
        )
        keys = [key for key in record if words_of(str(key)).endswith(("role", "roles")) and record[key]]
        role = ", ".join(name_of(one) for key in keys for one in (list_of(record[key]) or [record[key]]))
        if not person or not (role or _ROLE_LIST.search(label)):
            return False
        self.found.people.append((role or label, person, path))
        self._but(record, {person, *role.split(", ")}, path)
        return True

    def _but(self, value: Any, told: set[str], path: str) -> None:
        """Keep what a value holds beside what was told already."""
        before = len(self.found.rest)
        self._leaves(value, path)
        self.found.rest[before:] = [one for one in self.found.rest[before:] if one[1] not in told]


def _what_happened(record: Mapping[str, Any], keys: Mapping[str, Any], time_key: Any) -> str:
    """Return the words of an event: its own text, that of its data, else its title or type."""
    inner = mapping_of(record.get("data"))
    own = [record[keys[key]] for key in _WHAT if key in keys and keys[key] != time_key]
    other = [record[keys[key]] for key in _WHAT_ELSE if key in keys and keys[key] != time_key]
    found = (_said(value) for value in (*own, *(inner.get(key) for key in _WHAT), *other))
    return next((text for text in found if text), "")


def _said(value: Any) -> str:
    if is_rich_text(value):
        return rich_text_to_markdown(value)
    if isinstance(value, Mapping):
        return markdown_of(_plain(value.get("content")) or name_of(value))
    return markdown_of(_plain(value))


def _is_name(item: Any, name: str) -> bool:
    return _plain(item) == name
