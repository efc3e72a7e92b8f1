"""Safety: nothing secret is published with the post-mortem."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.checks.remark import Rule, Said, Severity, Subject
from afteraction.formats.secrets import Masker

_KIND = re.compile(r"\[masked:([a-z0-9-]+):")


def _secrets(subject: Subject) -> Iterator[Said]:
    masker = Masker(subject.settings.secret_rules)
    masked = masker.mask(subject.page.text).split("\n")
    kinds = ", ".join(kind for kind, _ in masker.counts())
    if not kinds:
        return
    lines = subject.page.lines
    if len(masked) != len(lines):
        first = next((n for n, (a, b) in enumerate(zip(lines, masked, strict=False), 1) if a != b), 1)
        yield first, f"Something secret begins here ({kinds})."
        return
    for number, (line, hidden) in enumerate(zip(lines, masked, strict=True), 1):
        if line != hidden:
            own = dict.fromkeys(
                kind
                for kind in _KIND.findall(hidden)
                if hidden.count(f"[masked:{kind}:") > line.count(f"[masked:{kind}:")
            )
            yield number, f"This line holds something secret ({', '.join(own) or kinds})."


RULES = (
    Rule(
        id="AR601",
        title="A secret was left in",
        severity=Severity.ERROR,
        why="Post-mortems are widely read and kept for years. A token, password or key in one must be taken for known.",
        suggestion="Replace the secret now (it stays in the history of the file), then take it out.",
        find=_secrets,
    ),
)
