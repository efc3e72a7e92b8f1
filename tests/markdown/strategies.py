"""Post-mortems with hostile text in every field, for the laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from afteraction.model.origin import Basis
from afteraction.model.postmortem.actions import ActionItem
from afteraction.model.postmortem.appendix import Attendee, LedgerEntry
from afteraction.model.postmortem.document import Extra, PostMortem
from afteraction.model.postmortem.followup import Criterion, ReviewSlot
from afteraction.model.postmortem.resolution import CommandBlock
from afteraction.model.postmortem.value import Value, normal_block, normal_line, specs

HOSTILE = (
    "|", "\\|", "`", "```", "````\nx\n````", "~~~", "<b>", "<!--", "-->", "<script>", "[x](y)", "[^e1]", " *(observed)*", "*()*",
    "**Title**: x", "- **Result**: x", "- [ ] x", "- - -", "---", "===", "# H", "## Executive Summary", "1. x", "    code",
    "\t", "\n", "\n\n", "\r\n", "\u202eabc", "·", " · ", "\\", "\\\\", "`[Duration]`", "[Duration]", "[Name]", "&amp;", "*", "_",
    " - Owner: x", ", Due: y", "Owner:", "Owner\\:", "[Name 1] - [Role]", "**Detected**: x", "[a]: b", "\0", "\u2028", "é", "🚨",
    "{", "}", "<tool-name>", "$x$", "~", "`[Action 1 - Owner: Name, Due: Date]`", "*Last Updated: 1*", "[^e1]: a · b · c · d · observed",
)  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)), min_size=1, max_size=6).map("".join)
blocks = texts.map(normal_block).filter(bool)
lines = texts.map(normal_line).filter(bool)
ids = st.builds(lambda kind, number: f"{kind}{number}", st.sampled_from("efs"), st.integers(1, 99))
citations = st.lists(ids, max_size=3).map(tuple)
bases = st.none() | st.sampled_from(Basis)


def values(placeholder: str = "") -> st.SearchStrategy[Value]:
    """Values, now and then with a text that looks like the field's own placeholder."""
    lookalikes = st.sampled_from([f"`{placeholder}`", placeholder, f"\\`{placeholder}`"]) if placeholder else blocks
    return st.builds(Value, text=blocks | lookalikes, basis=bases, citations=citations)


extra_texts = st.sampled_from(
    (
        "A paragraph that a person added.",
        "Two lines\nof it.",
        "#### A deeper heading",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "> quoted\n> text",
        "```python\n## not a heading\n```",
        "![graph](graph.png)",
        "<!-- a comment -->",
    )
)

OVERRIDES: dict[type, Callable[[], st.SearchStrategy[Any]]] = {
    CommandBlock: lambda: st.builds(CommandBlock, language=st.sampled_from(["json", "bash", ""]), text=blocks),
    LedgerEntry: lambda: st.builds(
        LedgerEntry, id=ids, time=lines, source=lines, text=lines, where=lines, basis=st.sampled_from(Basis)
    ),
    ActionItem: lambda: (
        st.just(ActionItem())
        | st.builds(
            ActionItem,
            text=lines,
            owner=st.just("") | lines,
            due=st.just("") | lines,
            done=st.booleans(),
            done_when=st.just("") | lines,
            ticket=st.just("") | lines,
            citations=citations,
        )
    ),
    Attendee: lambda: (
        st.just(Attendee()) | st.builds(Attendee, name=lines, role=st.just("") | lines, citations=citations)
    ),
    Criterion: lambda: st.builds(Criterion, text=lines, done=st.booleans(), confirmed=st.booleans()),
    ReviewSlot: lambda: st.builds(ReviewSlot, name=lines, purpose=lines, date=st.just("") | lines),
}


def part(cls: type) -> st.SearchStrategy[Any]:
    """Return a strategy for a part of the post-mortem, made from its declaration."""
    if cls in OVERRIDES:
        return OVERRIDES[cls]()
    hints = get_type_hints(cls)
    placeholders = {name: spec.placeholder for name, spec in specs(cls)}
    given = {f.name: of_type(hints[f.name], placeholders.get(f.name, "")) for f in fields(cls)}
    return st.builds(cls, **given)


def of_type(hint: Any, placeholder: str) -> st.SearchStrategy[Any]:
    """Return a strategy for a field's type."""
    if get_origin(hint) is UnionType or (get_args(hint) and type(None) in get_args(hint)):
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return st.none() | of_type(inner, placeholder)
    if get_origin(hint) is tuple:
        return st.lists(of_type(get_args(hint)[0], ""), max_size=3).map(tuple)
    if hint is Value:
        return values(placeholder)
    if hint is str:
        return lines
    if is_dataclass(hint) and isinstance(hint, type):
        return part(hint)
    return st.from_type(hint)


def _post_mortems() -> st.SearchStrategy[PostMortem]:
    hints = get_type_hints(PostMortem)
    own = {
        f.name: of_type(hints[f.name], "") for f in fields(PostMortem) if f.name not in {"heading", "extras", "ledger"}
    }
    return st.builds(
        PostMortem,
        heading=st.sampled_from(["Post-Mortem Template", "Post-Mortem: checkout failed", "Postmortem [x] *y*"]),
        extras=st.lists(
            st.builds(Extra, after=st.sampled_from(ANCHORS), text=extra_texts), max_size=3, unique_by=lambda e: e.after
        ).map(lambda found: tuple(sorted(found, key=lambda e: ANCHORS.index(e.after)))),
        ledger=st.lists(OVERRIDES[LedgerEntry](), max_size=3, unique_by=lambda e: e.id).map(tuple),
        **own,
    )


ANCHORS = (
    "summary.status",
    "executive_summary.what_happened.fence",
    "timeline.discovery.table",
    "root_cause.primary.fence",
    "root_cause.whys.system_reason",
    "impact.business.revenue_loss",
    "lessons.learned.team_insights",
    "followup.communication",
)
post_mortems = _post_mortems()
