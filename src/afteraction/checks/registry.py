"""All rules, and the check that applies them."""

from __future__ import annotations

from collections.abc import Iterable

from afteraction.checks.page import Page
from afteraction.checks.remark import Remark, Rule, Subject
from afteraction.checks.rules import actions, language, ledger, safety, structure, times
from afteraction.checks.rules.structure import in_form
from afteraction.formats.timelines import Timeline, read_timeline
from afteraction.model.chronology import Contradiction
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.settings import Settings

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*structure.RULES, *times.RULES, *ledger.RULES, *actions.RULES, *safety.RULES, *language.RULES),
        key=lambda rule: rule.id,
    )
)
"""Every rule, by id."""


def follows_template(source: str) -> bool:
    """Say whether a page (Markdown) follows the template, or another outline."""
    return in_form(Page(source))


def check(
    post_mortem: PostMortem,
    source: str,
    file: str,
    *,
    settings: Settings | None = None,
    contradictions: Iterable[Contradiction] = (),
) -> tuple[Remark, ...]:
    """Return the remarks on a post-mortem, by line and rule.

    `source` is the Markdown that `post_mortem` was parsed from (or, when it follows another outline, mapped from);
    `file` stands in the remarks. `contradictions` are what such a page says against its own timeline. Rules that the
    settings or a comment on the page (`<!-- afteraction: off AR101 -->`) switch off say nothing.
    """
    used = settings or Settings()
    page = Page(source)
    own_form = in_form(page)
    subject = Subject(
        post_mortem=post_mortem,
        page=page,
        settings=used,
        in_form=own_form,
        written=Timeline() if own_form else read_timeline(page.text, file, zone=used.timezone),
        contradictions=tuple(contradictions),
    )
    off = subject.page.off | set(used.checks_off)
    found = [
        Remark(rule=rule.id, severity=rule.severity, message=message, suggestion=rule.suggestion, file=file, line=line)
        for rule in RULES
        if rule.id not in off
        for line, message in rule.find(subject)
    ]
    return tuple(sorted(found, key=lambda remark: (remark.line, remark.rule, remark.message)))
