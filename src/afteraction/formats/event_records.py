"""Records of what happened, as people and scripts keep them: a time, a text, perhaps who, what kind and where.

In come fields by folded name (of a CSV row or a JSON object); out goes what they say about one happening. The names are
the usual ones; which kind of event a word means is a small table, and what it does not know is a note.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from afteraction.model.event import ChangeKind, EventKind

TEXT = (
    "text", "message", "msg", "description", "event", "what", "whathappened", "summary", "title", "details", "detail", "note",
    "notes", "action", "update", "entry", "activity", "comment", "content", "body", "happened", "command",
)  # fmt: skip
TOLD = frozenset({
    "description", "event", "what", "whathappened", "summary", "details", "note", "notes", "action", "update", "entry",
    "activity", "comment", "happened", "text",
})  # fmt: skip
"""Names of texts that no log has: with one of these, a time is enough."""
ACTOR = (
    "actor", "who", "author", "authorname", "user", "username", "person", "owner", "speaker", "sender", "responder", "by",
    "reporter", "createdby", "performedby", "actorname", "authordisplayname", "userdisplayname", "name",
)  # fmt: skip
KIND = ("kind", "type", "category", "eventtype", "eventkind", "phase", "milestone", "tag", "status")
PLACE = ("service", "component", "system", "app", "application")
CHANNEL = ("channel", "room", "conversation", "thread")
CLOCK = re.compile(r"^\s*\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?:\s?[AaPp]\.?[Mm]\.?)?(?:\s?(?:UTC|GMT|Z|[A-Z]{3,4}))?\s*$")
_KINDS: tuple[tuple[str, EventKind], ...] = (
    (r"alert[ _-]?resolved|alarm ok", EventKind.ALERT_RESOLVED),
    (r"alert[ _-]?ack\w*", EventKind.ALERT_ACKNOWLEDGED),
    (r"escalat\w*|alert[ _-]?escalated", EventKind.ALERT_ESCALATED),
    (r"alert(?:[ _-]?firing)?|alarm|page|paged|firing|triggered", EventKind.ALERT_FIRING),
    (r"message|chat|slack|said|comment", EventKind.MESSAGE),
    (r"change|deploy(?:ment|ed)?|release|roll-?back|config(?:uration)?(?: change)?|(?:feature )?flag|migration|scal(?:e|ing)|commit", EventKind.CHANGE),
    (r"command|shell|cli", EventKind.COMMAND),
    (r"status|status[ _-]?(?:page|update)", EventKind.STATUS),
    (r"warning", EventKind.WARNING),
)  # fmt: skip
_MILESTONES = (
    (r"impact(?:[ _-]?start\w*)?|start(?:ed)?|began|begin|onset", "impact_started"),
    (r"detect(?:ed|ion)|discover(?:ed|y)", "detected"),
    (r"ack(?:nowledged?)?", "acknowledged"),
    (r"investigat(?:ing|ion|e)|diagnos(?:is|ing)|triage", "investigating"),
    (r"(?:cause|root[ _-]?cause)(?:[ _-]?identified)?|identified", "cause_identified"),
    (r"mitigat(?:ed|ion|ing)|fix(?:ed)?|fix[ _-]?implemented|remediat\w+|workaround", "fix_implemented"),
    (r"resol(?:ved|ution)|restor(?:ed|ation)|recover(?:ed|y)", "restored"),
    (r"confirmed|verified", "confirmed"),
    (r"closed|closure|stood down", "closed"),
)  # fmt: skip
_CHANGES = (
    (r"roll-?back|revert", ChangeKind.ROLLBACK), (r"flag", ChangeKind.FLAG), (r"config", ChangeKind.CONFIG), (r"migrat", ChangeKind.MIGRATION),
    (r"scal", ChangeKind.SCALE), (r"commit", ChangeKind.COMMIT), (r"deploy|release", ChangeKind.DEPLOY),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One record: `milestone` is the name of the milestone that its kind means, empty when it means none."""

    text: str
    actor: str = ""
    kind: EventKind = EventKind.NOTE
    milestone: str = ""
    service: str = ""
    channel: str = ""
    change: ChangeKind = ChangeKind.OTHER


def words_of(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the first filled plain field among `names`, as text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def happening_of(fields: Mapping[str, Any]) -> Happening | None:
    """Return what a record says, None when it has no text."""
    text = words_of(fields, TEXT)
    if not text:
        return None
    word = words_of(fields, KIND).lower()
    channel = words_of(fields, CHANNEL)
    kind = _matched(_KINDS, word) or (EventKind.MESSAGE if channel and not word else EventKind.NOTE)
    return Happening(
        text=text,
        actor=words_of(fields, ACTOR).lstrip("@"),
        kind=kind,
        milestone=_matched(_MILESTONES, word) or "",
        service=words_of(fields, PLACE),
        channel=channel.lstrip("#"),
        change=next((change for form, change in _CHANGES if re.search(form, f"{word} {text[:80].lower()}")), ChangeKind.OTHER),
    )  # fmt: skip


def _matched(table: tuple[tuple[str, Any], ...], word: str) -> Any:
    return next((meant for form, meant in table if re.fullmatch(form, word.replace("_", " ").strip())), None) or next(
        (meant for form, meant in table if re.fullmatch(form, word.strip())), None
    )


def looks_like_happenings(names: Mapping[str, int] | set[str]) -> bool:
    """Whether folded field names are those of a list of events: a text, and who or what kind, or a name no log uses."""
    text = next((name for name in TEXT if name in names), "")
    about = any(name in names for name in (*ACTOR[:-1], *KIND[:6], *CHANNEL))
    return bool(text) and (about or text in TOLD)
