"""What a check says: a remark at a line, made by a rule that explains itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from afteraction.checks.page import Page
from afteraction.formats.timelines import Timeline
from afteraction.model.chronology import Contradiction
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.settings import Settings


class Severity(StrEnum):
    """How much a remark matters: an error is wrong, a warning is missing or misleading, a note is advice."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One finding of a check. `line` is 1-based; 1 when the matter has no line of its own."""

    rule: str
    severity: Severity
    message: str
    suggestion: str
    file: str
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a rule looks at: the parsed post-mortem, the page that it was written on, and a team's settings.

    `in_form` says whether the page follows the template. Of a page in another outline `post_mortem` is what its headings
    and labels were mapped to, `written` the rows of its timeline as they stand, and `contradictions` what its own words
    say against these rows; all three are empty for a page in the template's form.
    """

    post_mortem: PostMortem
    page: Page
    settings: Settings = field(default_factory=Settings)
    in_form: bool = True
    written: Timeline = field(default_factory=Timeline)
    contradictions: tuple[Contradiction, ...] = ()


Said = tuple[int, str]
"""A line (1-based) and a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: its id never changes; `why` is the text of its page in the docs, `suggestion` what to do about it."""

    id: str
    title: str
    severity: Severity
    why: str
    suggestion: str
    find: Callable[[Subject], Iterator[Said]]
