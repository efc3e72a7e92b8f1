"""Puts the sections together into a post-mortem and asks, for every field that stayed empty, who may know."""

from __future__ import annotations

from dataclasses import dataclass, replace

from afteraction.drafting.afterwards import actions, appendix, follow_up, footer, lessons, prevention
from afteraction.drafting.case import Case
from afteraction.drafting.causes import root_cause
from afteraction.drafting.chronicle import chronicle
from afteraction.drafting.clock import Clock
from afteraction.drafting.consequences import impact, metrics, responders
from afteraction.drafting.head import executive, summary
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.steps import resolution
from afteraction.model.postmortem.document import Gap, PostMortem
from afteraction.model.postmortem.gaps import gaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A drafted post-mortem with its gaps, each with a question and, where known, whom to ask."""

    post_mortem: PostMortem
    gaps: tuple[Gap, ...]


def draft(case: Case) -> Draft:
    """Draft the post-mortem of `case`. Deterministic: the same case gives the same document."""
    ledger = Ledger(case)
    times = [m.at for m in case.timeline.milestones] + [row.event.at for row in case.timeline.rows if row.important]
    clock = Clock.spanning(times, case.settings.timezone)
    plan = follow_up(case, clock)
    head = summary(case, ledger, clock)
    post_mortem = PostMortem(
        heading=f"Post-Mortem: {head.title.text}" if head.title else PostMortem().heading,
        summary=head,
        executive_summary=executive(case, ledger, clock),
        timeline=chronicle(case, ledger, clock),
        root_cause=root_cause(case, ledger, clock),
        resolution=resolution(case, ledger, clock),
        impact=impact(case, ledger, clock),
        lessons=lessons(case, ledger),
        actions=actions(case, ledger),
        prevention=prevention(case, ledger),
        metrics=metrics(case, ledger),
        followup=plan,
        appendix=appendix(case, ledger, clock),
        footer=footer(case, ledger, plan),
    )
    post_mortem = replace(post_mortem, ledger=ledger.entries())
    return Draft(post_mortem=post_mortem, gaps=_asked(case, post_mortem))


def _asked(case: Case, post_mortem: PostMortem) -> tuple[Gap, ...]:
    """Add to each gap whom to ask: the commander where one is known, else those who took part."""
    commander = post_mortem.appendix.team.incident_commander
    known = commander.text if commander else ", ".join(sorted(responders(case)))
    return tuple(replace(gap, ask=gap.ask or known) for gap in gaps(post_mortem))
