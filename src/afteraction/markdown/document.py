"""The whole document: the sections in the template's order, rendered to text and parsed from it."""

from __future__ import annotations

from dataclasses import dataclass

from afteraction.markdown.sections import actions, appendix, cause, chronicle, impact, lessons, resolution, summary
from afteraction.markdown.sheet import Found, Section, Sorter, joined
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import normal_block

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
    """Return the document as Markdown; the same post-mortem gives the same bytes."""
    pieces = [
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
    return joined(pieces, pm.extras)


def parse(text: str) -> Parsed:
    """Read a document. Never raises: what the template does not know is kept as a person's text where it stands."""
    found = Sorter(_clean(text), SECTIONS).sort()
    post_mortem = PostMortem(
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
    return Parsed(post_mortem=post_mortem, missing=_missing(found))


def _clean(text: str) -> str:
    """Bring line ends into one form and drop what no text file should hold; white space at line ends stays."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.replace("\0", "\ufffd").split("\n")
    while lines and not normal_block(lines[-1]):
        del lines[-1]
    return "\n".join(lines)


def _missing(found: Found) -> tuple[str, ...]:
    optional = {
        "timeline.contradictions",
        "root_cause.suspects",
        "root_cause.ruled_out",
        "lessons.lucky",
        "lessons.questions",
    }
    return tuple(s.anchor for s in SECTIONS if s.anchor not in found.headings and s.anchor not in optional)
