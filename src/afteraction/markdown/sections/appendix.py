"""The appendix, the footer and the ledger."""

from __future__ import annotations

import re

from afteraction.markdown.encoding import fenced, read, written
from afteraction.markdown.fields import labels, lines, values
from afteraction.markdown.ledger import note, parse_note
from afteraction.markdown.sheet import BULLET, LEDGER, Found, Piece, Section
from afteraction.model.postmortem.appendix import (
    DEFAULT_COMMANDS,
    Appendix,
    Attendee,
    Footer,
    LedgerEntry,
    Link,
    Team,
)
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import Shape, Value

_PARENT = "appendix"
_LINKS, _COMMANDS = "appendix.links", "appendix.commands"
_TEAM, _ATTENDEES = "appendix.team", "appendix.attendees"
_LINK = re.compile(r"\[(?P<title>(?:\\.|[^\\\]])*)\]\((?P<url>[^)\s]*)\)\s*")

_LINKED = re.compile(rf" {{0,3}}[-*+][ \t]+{_LINK.pattern}$")

SECTIONS = (
    Section(anchor="appendix", heading=_PARENT),
    Section(anchor=_LINKS, heading="related documentation", parent=_PARENT, open=_LINKED, single=True),
    Section(anchor=_COMMANDS, heading="commands and logs", parent=_PARENT, fence=True),
    Section(anchor=_TEAM, heading="team members", parent=_PARENT, lines=labels(Team, Shape.LINE)),
    Section(anchor=_ATTENDEES, heading="attendees", parent=_PARENT, open=BULLET, single=True),
)


def render(pm: PostMortem) -> list[Piece]:
    """Render the appendix, the footer and the ledger."""
    part = pm.appendix
    links = [Piece(f"{_LINKS}.open.{n}", f"- {_link(link)}", True) for n, link in enumerate(part.links)]
    attendees = [
        Piece(f"{_ATTENDEES}.open.{n}", f"- {_attendee(who, n + 1)}", True) for n, who in enumerate(part.attendees)
    ]
    return [
        Piece("appendix", "## 📝 Appendix"),
        Piece(_LINKS, "### Related Documentation"),
        *links,
        Piece(_COMMANDS, "### Commands and Logs"),
        Piece(f"{_COMMANDS}.fence", fenced(part.commands or DEFAULT_COMMANDS, "bash", None), True),
        Piece(_TEAM, "### Team Members"),
        *lines(_TEAM, part.team),
        Piece(_ATTENDEES, "### Attendees"),
        *attendees,
        *_footer(pm.footer),
        *_ledger(pm.ledger),
    ]


def _link(link: Link) -> str:
    title = re.sub(r"([\\\[\]])", r"\\\1", link.title)
    return f"[{title}]({link.url})"


def _attendee(who: Attendee, number: int) -> str:
    placeholder = f"[Name {number}] - [Role]"
    if not who.name:
        return f"`{placeholder}`"
    text = f"{who.name} - {who.role}" if who.role else who.name
    return written(Value(text=text, citations=who.citations), placeholder)


def _footer(footer: Footer) -> list[Piece]:
    first, *others = lines("footer", footer)
    return [
        Piece("footer", "---"),
        Piece(first.anchor, first.text),
        *others,
        Piece("footer.version", f"*Template Version: {footer.template_version}*"),
        Piece("footer.updated", f"*Last Updated: {footer.last_updated}*", True),
    ]


def _ledger(entries: tuple[LedgerEntry, ...]) -> list[Piece]:
    return [Piece(LEDGER, "\n".join(note(entry) for entry in entries))] if entries else []


def parse_appendix(found: Found) -> Appendix:
    """Parse the appendix."""
    blank = Appendix()
    links = (_parse_link(text) for text in found.opened.get(_LINKS, []))
    attendees = (_parse_attendee(text, n + 1) for n, text in enumerate(found.opened.get(_ATTENDEES, [])))
    commands = found.fences.get(_COMMANDS)
    return Appendix(
        links=tuple(links) if _LINKS in found.headings else blank.links,
        commands=commands.content() if commands else None,
        team=Team(**values(_TEAM, Team, found)),
        attendees=tuple(attendees) if _ATTENDEES in found.headings else blank.attendees,
    )


def _parse_link(text: str) -> Link:
    found = _LINK.fullmatch(text)
    if found is None:
        return Link(title=text)
    return Link(title=re.sub(r"\\([\\\[\]])", r"\1", found["title"]), url=found["url"])


def _parse_attendee(text: str, number: int) -> Attendee:
    value = read(" ".join(text.split()), f"[Name {number}] - [Role]")
    if value is None:
        return Attendee()
    name, _, role = value.text.partition(" - ")
    return Attendee(name=name, role=role, citations=value.citations)


def parse_footer(found: Found) -> Footer:
    """Parse the footer."""
    blank = Footer()
    parsed = values("footer", Footer, found)
    return Footer(
        completed_by=parsed.get("completed_by"),
        date=parsed.get("date"),
        next_review=parsed.get("next_review"),
        template_version=found.texts.get("footer.version", blank.template_version),
        last_updated=found.texts.get("footer.updated", blank.last_updated),
    )


def parse_ledger(found: Found) -> tuple[LedgerEntry, ...]:
    """Parse the ledger."""
    return tuple(entry for note in found.notes if (entry := parse_note(note)))
