"""Writes the reference page of the rules of `afteraction check` from the rules themselves.

Run it after a change of a rule; a test compares the page with what it would write.
"""

from __future__ import annotations

from pathlib import Path

from afteraction.checks import RULES

PAGE = Path(__file__).resolve().parent / "reference" / "checks.md"

GROUPS = {
    "1": "Structure",
    "2": "Gaps",
    "3": "Times and numbers",
    "4": "Evidence",
    "5": "Actions",
    "6": "Safety",
    "7": "Language",
}
"""The groups of rules by the first digit of their id."""


def checks_page() -> str:
    """Return the page of all rules."""
    lines = [
        "# Checks",
        "",
        "What `afteraction check` looks at. Errors and warnings make it exit with 1, notes only with `--strict`. A rule is switched",
        "off for a page by a comment anywhere on it, such as `<!-- afteraction: off AR703 -->`, and for a team by `checks_off` in",
        "`afteraction.toml`.",
        "",
        "A page is in the template's form when it has four of its sections. A page in another outline is mapped by its headings, as",
        "`afteraction import` would map it, and what it says is held against the rows of its own timeline. Rules on the template's",
        "own fields (AR101, AR304, AR505) say nothing there, and AR103 speaks only there.",
        "",
        "[Check post-mortems in CI](../how-to/check-in-ci.md) · [What the check says on real ones](../measurements/checks.md)",
        "",
        "| rule | what | severity |",
        "| --- | --- | --- |",
        *(f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} | {rule.severity} |" for rule in RULES),
        "",
    ]
    group = ""
    for rule in RULES:
        if rule.id[2] != group:
            group = rule.id[2]
            lines += [f"## {GROUPS[group]}", ""]
        lines += [
            f"### {rule.id}",
            "",
            f"**{rule.title}** ({rule.severity}). {rule.why}",
            "",
            f"*What to do*: {rule.suggestion}",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(checks_page(), encoding="utf-8")
