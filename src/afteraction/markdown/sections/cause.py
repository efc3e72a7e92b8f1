"""The root cause analysis."""

from __future__ import annotations

from afteraction.markdown.encoding import LABELLED, label, read, unlabel, words, written
from afteraction.markdown.fields import fence, fence_value, item, items, labels, shown, values
from afteraction.markdown.sheet import NUMBERED, Found, Piece, Section, slot
from afteraction.model.postmortem.cause import Factor, RootCause, Whys
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import Shape, Value, specs

_PARENT = "root cause analysis"
_SPECS = dict(specs(RootCause))
_FACTOR = dict(specs(Factor))["description"]
_JUDGE = "Ranked by the evidence. Which of them caused it is for people to judge."

SECTIONS = (
    Section(anchor="root_cause", heading=_PARENT),
    Section(anchor="root_cause.primary", heading="primary cause", parent=_PARENT, fence=True, lines=("trigger",)),
    Section(
        anchor="root_cause.suspects",
        heading="suspects",
        parent=_PARENT,
        open=NUMBERED,
        optional=True,
        sentences=(words(_JUDGE),),
    ),
    Section(anchor="root_cause.factors", heading="contributing factors", parent=_PARENT, open=NUMBERED),
    Section(anchor="root_cause.evidence", heading="evidence", parent=_PARENT, fence=True),
    Section(anchor="root_cause.ruled_out", heading="what was ruled out", parent=_PARENT, open=NUMBERED, optional=True),
    Section(anchor="root_cause.whys", heading="why it happened", parent=_PARENT, items=labels(Whys, Shape.ITEM)),
)


def render(pm: PostMortem) -> list[Piece]:
    """Render the section."""
    part = pm.root_cause
    primary, evidence = "root_cause.primary", "root_cause.evidence"
    pieces = [
        Piece("root_cause", "## 🔍 Root Cause Analysis"),
        Piece(primary, "### Primary Cause"),
        *fence(primary, part.primary, _SPECS["primary"]),
    ]
    if part.trigger:
        pieces.append(Piece(slot(primary, "trigger"), f"**Trigger**: {written(part.trigger)}"))
    if part.suspects:
        pieces += [
            Piece("root_cause.suspects", f"### Suspects\n{_JUDGE}"),
            *_listed("root_cause.suspects", part.suspects),
        ]
    pieces += [Piece("root_cause.factors", "### Contributing Factors"), *_factors(part.factors)]
    pieces += [Piece(evidence, "### Evidence"), *fence(evidence, part.evidence, _SPECS["evidence"])]
    if part.ruled_out:
        pieces.append(Piece("root_cause.ruled_out", "### What Was Ruled Out"))
        pieces += _listed("root_cause.ruled_out", part.ruled_out, tight=True)
    return [*pieces, Piece("root_cause.whys", "### Why It Happened"), *items("root_cause.whys", part.whys)]


def _listed(anchor: str, said: tuple[Value, ...], *, tight: bool = False) -> list[Piece]:
    return [Piece(f"{anchor}.open.{n}", item(written(value), n + 1), tight or n > 0) for n, value in enumerate(said)]


def _factors(factors: tuple[Factor, ...]) -> list[Piece]:
    return [
        Piece(
            f"root_cause.factors.open.{n}",
            item(f"**{label(factor.name)}**: {shown(factor.description, _FACTOR)}", n + 1),
            True,
        )
        for n, factor in enumerate(factors)
    ]


def parse(found: Found) -> RootCause:
    """Parse the section."""
    trigger = found.texts.get(slot("root_cause.primary", "trigger"))
    return RootCause(
        primary=fence_value("root_cause.primary", _SPECS["primary"], found),
        trigger=read(trigger) if trigger else None,
        suspects=_said("root_cause.suspects", found),
        factors=_parse_factors(found),
        evidence=fence_value("root_cause.evidence", _SPECS["evidence"], found),
        ruled_out=_said("root_cause.ruled_out", found),
        whys=Whys(**values("root_cause.whys", Whys, found)),
    )


def _said(anchor: str, found: Found) -> tuple[Value, ...]:
    parsed = (read(text) for text in found.opened.get(anchor, []))
    return tuple(value for value in parsed if value)


def _parse_factors(found: Found) -> tuple[Factor, ...]:
    if "root_cause.factors" not in found.headings:
        return RootCause().factors
    factors: list[Factor] = []
    for text in found.opened.get("root_cause.factors", []):
        labelled = LABELLED.fullmatch(text)
        name = unlabel(labelled["label"]) if labelled else f"Factor {len(factors) + 1}"
        rest = labelled["rest"] if labelled else text
        factors.append(Factor(name=name, description=read(rest, _FACTOR.placeholder)))
    return tuple(factors)
