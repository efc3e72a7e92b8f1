"""To which item of "Lessons Learned" what people wrote belongs: its words come in, the name of the item goes out.

The words are general English of the trade. A sentence that fits nowhere goes to `response` (or, of what was learned, to
`technical`), where a reader looks for it; nothing is dropped.
"""

from __future__ import annotations

import re

_WENT: tuple[tuple[str, str], ...] = (
    ("communication", r"communicat\w*|status ?page|announce\w*|informed|told (?:customers|users|support)|updates? (?:to|for|went|were|was|on)|stakeholders?|not shown in|in the dark|comms"),
    ("teamwork", r"team ?work|together|helped (?:out|each)|hand-?overs?|collaborat\w*|coordinat\w*|cooperat\w*|everyone|everybody|across teams|joined (?:quickly|fast|within)"),
    ("detection", r"detect\w*|alert\w*|alarms?|monitor\w*|notic\w+|pag(?:ed|ing|er)|probes?|checks? (?:found|fired|failed|caught)|synthetic|dashboards?|customers? (?:told|found|reported)|found it before|reported by|metrics?|logs? (?:showed|told)"),
    ("resolution", r"fix\w*|revert\w*|roll(?:ed|ing)?[ -]?backs?|restor\w+|recover\w*|mitigat\w*|purg\w+|restart\w*|work-?arounds?|kill ?switch|fail-?over|resol\w+|repair\w*|backups?"),
)  # fmt: skip
_PROCESS = r"process\w*|review\w*|approv\w*|polic\w+|run-?books?|procedures?|documentation|documented|checklists?|change management|test(?:s|ed|ing)?\b|staging|ownership|on-?call rota|training|untested|rota"
_LEARNED: tuple[tuple[str, str], ...] = (
    ("tool", r"tool\w*|dashboards?|alerts?|automat\w*|scripts?|pipelines?|linters?"),
    ("process", _PROCESS),
    ("team", r"teams?|colleagues|communicat\w*|hand-?overs?|on-?call|roles?"),
)
_WENT_FORMS = tuple((name, re.compile(rf"\b(?:{form})", re.IGNORECASE)) for name, form in _WENT)
_PROCESS_FORM = re.compile(rf"\b(?:{_PROCESS})", re.IGNORECASE)
_LEARNED_FORMS = tuple((name, re.compile(rf"\b(?:{form})", re.IGNORECASE)) for name, form in _LEARNED)


def lesson_field(group: str, text: str) -> str:
    """Return the field of a lesson: `group` is `lessons.went_well`, `lessons.went_wrong` or `lessons.learned`."""
    if group == "lessons.learned":
        return f"{group}.{next((name for name, form in _LEARNED_FORMS if form.search(text)), 'technical')}"
    if group == "lessons.went_wrong" and _PROCESS_FORM.search(text):
        return f"{group}.process"
    names = (name for name, form in _WENT_FORMS if form.search(text))
    name = next(names, "response")
    if name == "teamwork" and group == "lessons.went_wrong":
        name = "process"
    return f"{group}.{name}"
