"""The whole document: the sections in the template's order, rendered to text and parsed from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from afteraction.markdown.sections import actions, appendix, cause, chronicle, impact, lessons, resolution, summary
from afteraction.markdown.sheet import Found, Piece, Section, Sorter, joined, wrapped
from afteraction.model.postmortem.document import Extra, PostMortem

SECTIONS: tuple[Section, ...] = (
    *summary.SECTIONS,
    *chronicle.SECTIONS,
    *cause.SECTIONS,
    *resolution.SECTIONS,
    *impact.SECTIONS,
    *lessons.SECTIONS,
    *actions.SECTIONS,
    *appendix.SECTIONS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a document says: the post-mortem, and the anchors of the template's sections that it lacks."""

    post_mortem: PostMortem
    missing: tuple[str, ...] = ()


def render(pm: PostMortem) -> str:
    """Return the document as Markdown; the same post-mortem gives the same bytes.

    What people added stands as they wrote it. Only where it would change what the fields say, such as a fence that is
    never closed, it is put into a fence of its own, which `parse` opens again.
    """
    return _printed(pm)[0]


def parse(text: str) -> Parsed:
    """Read a document. Never raises: what the template does not know is kept as a person's text where it stands."""
    found = Sorter(_clean(text), SECTIONS).sort()
    post_mortem = _read(found)
    for _ in range(_ROUNDS if post_mortem.extras else 0):
        again = _printed(post_mortem)[1]
        if again == post_mortem:
            break
        post_mortem = again
    return Parsed(post_mortem=post_mortem, missing=_missing(found))


_ROUNDS = 4
"""What people add can belong elsewhere once the slots around it stand in the template's order; one round settles it,
the others are for text that was made to confuse."""


def _printed(pm: PostMortem) -> tuple[str, PostMortem]:
    """Return the text of `pm`, and what is read from it; both say the same in every field."""
    pieces = _pieces(pm)
    text = joined(pieces, pm.extras)
    if not pm.extras:
        return text, pm
    again = _read(Sorter(_clean(text), SECTIONS).sort())
    if _same_fields(again, pm):
        return text, again
    kept = tuple(extra if _harmless(pm, pieces, extra) else wrapped(extra) for extra in pm.extras)
    if kept == pm.extras:
        kept = tuple(wrapped(extra) for extra in pm.extras)
    text = joined(pieces, kept)
    again = _read(Sorter(_clean(text), SECTIONS).sort())
    if not _same_fields(again, pm):
        text = joined(pieces, tuple(wrapped(extra) for extra in pm.extras))
        again = _read(Sorter(_clean(text), SECTIONS).sort())
    return text, again


def _harmless(pm: PostMortem, pieces: list[Piece], extra: Extra) -> bool:
    text = joined(pieces, (extra,))
    return _same_fields(_read(Sorter(_clean(text), SECTIONS).sort()), replace(pm, extras=(extra,)))


def _same_fields(one: PostMortem, other: PostMortem) -> bool:
    """Whether two documents say the same, and what was added did not swallow a part of the template."""
    added, before = (sum(len(extra.text) for extra in document.extras) for document in (one, other))
    return added <= before and replace(one, extras=()) == replace(other, extras=())


def _pieces(pm: PostMortem) -> list[Piece]:
    return [
        *summary.render_heading(pm),
        *summary.render(pm),
        *chronicle.render(pm),
        *cause.render(pm),
        *resolution.render(pm),
        *impact.render_impact(pm),
        *lessons.render_lessons(pm),
        *actions.render_actions(pm),
        *lessons.render_prevention(pm),
        *impact.render_metrics(pm),
        *actions.render_followup(pm),
        *appendix.render(pm),
    ]


def _read(found: Found) -> PostMortem:
    return PostMortem(
        heading=summary.parse_heading(found),
        summary=summary.parse_summary(found),
        executive_summary=summary.parse_executive(found),
        timeline=chronicle.parse(found),
        root_cause=cause.parse(found),
        resolution=resolution.parse(found),
        impact=impact.parse_impact(found),
        lessons=lessons.parse_lessons(found),
        actions=actions.parse_actions(found),
        prevention=lessons.parse_prevention(found),
        metrics=impact.parse_metrics(found),
        followup=actions.parse_followup(found),
        appendix=appendix.parse_appendix(found),
        footer=appendix.parse_footer(found),
        extras=tuple(found.extras),
        ledger=appendix.parse_ledger(found),
    )


def _clean(text: str) -> str:
    """Bring line ends into one form and drop what no text file should hold; white space at line ends stays."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.replace("\0", "\ufffd").split("\n")
    while lines and not lines[-1].strip():
        del lines[-1]
    return "\n".join(lines)


def _missing(found: Found) -> tuple[str, ...]:
    return tuple(s.anchor for s in SECTIONS if s.anchor not in found.headings and not s.optional)
