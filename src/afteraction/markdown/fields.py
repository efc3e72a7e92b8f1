"""Fields that the model declares with their label and placeholder, rendered and parsed by that declaration.

Most of the template is labelled lines, labelled list items and labelled fences; what each of them says stands beside its
field in the model, so one pair of functions serves them all.
"""

from __future__ import annotations

from typing import Any

from afteraction.markdown.encoding import fenced, indented, label, mark, read, unmark, words, written
from afteraction.markdown.sheet import Found, Piece, slot
from afteraction.model.postmortem.value import Shape, Spec, Value, specs


def labels(part: Any, shape: Shape) -> tuple[str, ...]:  # a part's class
    """Return the words of all labels of this shape, for a Section."""
    return tuple(words(spec.label) for _, spec in specs(part) if spec.shape is shape)


def shown(value: Value | None, spec: Spec) -> str:
    """Return a value, or its placeholder in backticks."""
    return written(value, spec.placeholder) if value else f"`{spec.placeholder}`"


def line(anchor: str, value: Value | None, spec: Spec, *, tight: bool = True) -> Piece:
    """Render `**Label**: value`."""
    return Piece(slot(anchor, spec.label), f"**{spec.label}**: {shown(value, spec)}", tight)


def lines(anchor: str, part: Any) -> list[Piece]:  # any part
    """Render all fields of shape LINE."""
    found = [(spec, getattr(part, name)) for name, spec in specs(part) if spec.shape is Shape.LINE]
    return [line(anchor, value, spec) for spec, value in found if value or not spec.optional]


def items(anchor: str, part: Any, *, numbered: bool = False) -> list[Piece]:  # any part
    """Render all fields of shape ITEM as a list; optional ones only when they are filled."""
    found = [(spec, getattr(part, name)) for name, spec in specs(part) if spec.shape is Shape.ITEM]
    filled = [(spec, value) for spec, value in found if value or not spec.optional]
    return [
        Piece(
            slot(anchor, spec.label),
            item(f"**{label(spec.label)}**: {shown(value, spec)}", number if numbered else 0),
            True,
        )
        for number, (spec, value) in enumerate(filled, 1)
    ]


def item(text: str, number: int = 0) -> str:
    """Return a list item, numbered when `number` is not 0, further lines indented below its text."""
    marker = f"{number}. " if number else "- "
    return marker + indented(text, len(marker))


def values(anchor: str, part: Any, found: Found) -> dict[str, Value | None]:  # a part's class
    """Parse all fields of shape LINE and ITEM that were found below `anchor`."""
    parsed: dict[str, Value | None] = {}
    for name, spec in specs(part):
        text = found.texts.get(slot(anchor, spec.label))
        if text is not None and spec.shape in {Shape.LINE, Shape.ITEM}:
            parsed[name] = read(text, spec.placeholder)
    return parsed


def fence(anchor: str, value: Value | None, spec: Spec) -> list[Piece]:
    """Render a fenced field: the fence, and its mark and footnotes on a line of their own below."""
    if value is None:
        return [Piece(f"{anchor}.fence", f"```{spec.language}\n{spec.placeholder}\n```", True)]
    if value.prose:
        return [Piece(f"{anchor}.fence", written(value, spec.placeholder))]
    language = spec.language if value.language is None else value.language
    block = Piece(f"{anchor}.fence", fenced(value.text, language, spec.placeholder), True)
    signs = mark(value)
    return [block, Piece(f"{anchor}.fence", signs, True)] if signs else [block]


def fence_value(anchor: str, spec: Spec, found: Found) -> Value | None:
    """Parse a fenced field; None for the template's placeholder and for an empty fence."""
    block = found.fences.get(anchor)
    if block is None:
        return _prose(found.texts.get(anchor, ""), spec)
    basis, citations = unmark(found.marks.get(anchor, ""))
    if block.kind != "fence":
        return _prose(block.text, spec)
    text = block.content()
    if not text.strip() or (text == spec.placeholder and block.fence == "```"):
        return None
    return Value(text=text, basis=basis, citations=citations, language=block.info)


def _prose(text: str, spec: Spec) -> Value | None:
    value = read(text, spec.placeholder)
    return Value(text=value.text, basis=value.basis, citations=value.citations, prose=True) if value else None
