"""What people want to be different next time, and what was missing from the documentation this time.

In comes the text of an action item or one sentence of a message; out goes the prevention field that it belongs to, by
the object that is to be made or mended. A sentence that only plans the next step of the response states no measure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.formats.clauses import Clause

_DOCUMENTS = r"(?:runbooks?|playbooks?|documentation|docs|wiki(?: pages?)?|readmes?|how-?tos?|checklists?)"

_MEASURES: tuple[tuple[str, str], ...] = (
    ("tool.mcp", r"\bmcp\b"),
    ("process.documentation", rf"\b{_DOCUMENTS}\b|\bdocument(?:s|ed|ing)?\b"),
    ("process.training", r"\b(?:training|workshops?|game ?days?|fire ?drills?|drills?|onboarding)\b"),
    ("technical.testing", (
     r"\b(?:(?:unit|integration|regression|load|smoke|chaos|stress|end-to-end|e2e|contract|migration) )?tests?\b(?! (?:account|user|data|env\w*|cluster))|"
     r"\b(?:test coverage|load[- ]testing|fuzz\w*)\b")),
    ("technical.alerting", r"\b(?:alerts?|alerting|alarms?|pages? (?:on|when|if)|burn[- ]rate)\b"),
    ("technical.monitoring",
     r"\b(?:monitor(?:s|ing)?|dashboards?|metrics?|graphs?|panels?|logging|tracing|observability|instrument\w*|synthetic (?:checks?|probes?))\b"),
    ("process.escalation", r"\b(?:escalation|on-?call (?:rota|rotation|schedule))\b"),
    ("process.communication", r"\b(?:status ?page|announc\w+|communications? (?:plan|template)s?|message templates?|stakeholder (?:updates?|list))\b"),
    ("process.incident_response",
     r"\b(?:incident (?:process|response|channel|template|roles?)|severity (?:definitions?|matrix|levels?)|response plan)\b"),
    ("technical.automation", r"\b(?:automat(?:e|es|ed|ic|ically|ion|ing)|auto-?(?:rollback|scal\w+|remediat\w+)|ci (?:check|job|gate|step)s?|linters?)\b"),
    ("technical.infrastructure", (
     r"\b(?:redundan\w+|fail-?over|capacity(?! (?:reviews?|planning|meetings?))|replicas?|multi-?(?:az|region)|rate[- ]?limit\w*|circuit[- ]breakers?|bulkheads?|quotas?|"
     r"backups?|connection pools?|isolat\w+|canary|canaries|staged rollouts?|(?:separate|dedicated|second|own|larger|bigger) (?:[\w-]+ )?(?:redis|database|db|cluster|queue|nodes?|pool|instance|servers?|network|link|disks?|volumes?))\b")),
)  # fmt: skip
"""The prevention fields by what is named first in this order: an alert's runbook is documentation, a test of a pool a test."""
_MEASURE_FORMS = tuple((f"prevention.{name}", re.compile(form, re.IGNORECASE)) for name, form in _MEASURES)

_WISH = re.compile(
    r"\b(?:somebody|someone|we|i|they|you|(?:the |our )?[\w-]+ team|@[\w.-]+)(?:'ll)? (?:really |also |all |still )*"
    r"(?:should|need(?:s)? to|must|have to|ought to|want to)(?: really| also| have)* "
    r"(?P<value>(?:write|update|add|create|document|automate|improve|build|extend|test|train|define|cover|link)\b.+)",
    re.IGNORECASE,
)
_MENDS_NOW = {"prevention.technical.infrastructure", "prevention.technical.automation"}
"""Kinds of measures of which a wish in the heat of the response means the next step, not the next time."""

_GAP = re.compile(
    rf"\b(?:runbook|{_DOCUMENTS})\b[^.;]{{0,60}}?\b(?:is|was|are|were) (?:still |completely |also |badly )?"
    r"(?:empty|missing|out-?dated|out of date|stale|wrong|gone|incomplete|a stub)\b|"
    rf"\b(?:runbook|{_DOCUMENTS})\b (?:does(?:n't| not)|did(?:n't| not)|do(?:n't| not)) (?:exist|cover|mention|say|tell|help)\b|"
    rf"\b(?:there (?:is|was) no|we (?:have|had) no|found no|missing|out-?dated|stale) (?:\w+ )?{_DOCUMENTS}\b(?! (?:change|update|needed))",
    re.IGNORECASE,
)


def measure_of(text: str) -> str:
    """Return the prevention field that an action belongs to (`prevention.technical.testing`), empty when none is clear."""
    return next((field for field, form in _MEASURE_FORMS if form.search(text)), "")


def wishes_in(clause: Clause) -> Iterator[tuple[str, str]]:
    """Yield the prevention field and the words of the measure that a sentence wishes for."""
    if (wish := _WISH.search(clause.text)) and not clause.denied(wish.start()):
        # The object of the wish stands in its first part; what follows the comma explains.
        field = measure_of(wish["value"].split(",")[0])
        if field and field not in _MENDS_NOW:
            yield field, clause.raw


def names_gap(clause: Clause) -> bool:
    """Whether a sentence says that a runbook or another document is missing, wrong or silent about what was needed."""
    return _GAP.search(clause.text) is not None
