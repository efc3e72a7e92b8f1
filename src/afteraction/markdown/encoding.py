"""How values stand in Markdown: the one place where anything is escaped, marked or cited.

Each function has its inverse beside it; the laws in the tests bind them. What a person wrote is kept as it is, and only
what would be read as something else gets a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from afteraction.model.origin import Basis
from afteraction.model.postmortem.value import Value

_REFS = re.compile(r"\[\^([efs]\d{1,18})\]")
_REF_AT_END = re.compile(r"\[\^[efs]\d{1,18}\]\Z")
_LONGEST_REF = 24
"""How far back the beginning of a reference is looked for; the longest has 23 characters."""
_MARKS = {f"*({basis})*": basis for basis in (*map(str, Basis), "")}
MARK_LINE = re.compile(r"(?:\*\((?:observed|reported|inferred|unknown|)\)\*)?(?:\[\^[efs]\d{1,18}\])*")
_PLAIN = re.compile(
    r"(?<=[^\W_])_(?=[^\W_])|(?<=\w)#(?=[\w$])|(?<=\w)#?\[\d{1,6}\](?![(\[:])|([\\`*_\[\]<>~·#|]|&(?=[#\w]))"
)
"""What has to be escaped, behind what need not be: `snake_case`, `file.json#record` and `result[0]` read better bare."""
_UNPLAIN = re.compile(r"\\([\\`*_\[\]<>~·#|!&])")


def mark(value: Value, *, forced: bool = False) -> str:
    """Return a value's basis mark and footnote references; an empty mark when it is `forced` and there is no basis."""
    basis = str(value.basis) if value.basis else ""
    shown = f"*({basis})*" if basis or forced else ""
    return shown + "".join(f"[^{cited}]" for cited in value.citations)


@dataclass(frozen=True, slots=True)
class _Tail:
    """A text cut before its marks: where the cut is, whether a mark or a reference stands behind it, and which."""

    cut: int
    marked: bool
    basis: str
    refs: tuple[str, ...]


def _tail(text: str) -> _Tail:
    """Find the marks at the end of a text, from the end, so that a text of nothing but marks takes no longer."""
    end = len(text)
    while (at := text.rfind("[^", max(0, end - _LONGEST_REF), end)) >= 0 and _REF_AT_END.match(text[at:end]):
        end = at
    refs = tuple(_REFS.findall(text[end:]))
    for sign, basis in _MARKS.items():
        if text.endswith(sign, 0, end):
            cut = end - len(sign)
            return _Tail(cut - 1 if text[cut - 1 : cut] in {" ", "\n"} else cut, True, basis, refs)
    return _Tail(end, bool(refs), "", refs)


def unmark(text: str) -> tuple[Basis | None, tuple[str, ...]]:
    """Read what `mark` wrote."""
    tail = _tail(text)
    return Basis(tail.basis) if tail.basis else None, tail.refs


def written(value: Value, placeholder: str = "") -> str:
    """Return a value as it stands in a line, an item or a cell: text, basis mark, footnotes."""
    text = _shielded(value.text, placeholder)
    signs = mark(value, forced=_tail(text).marked)
    return f"{text} {signs}" if signs.startswith("*") else text + signs


def read(text: str, placeholder: str = "") -> Value | None:
    """Read what `written` wrote; None for a blank or for the placeholder."""
    text = text.strip()
    if not text or is_placeholder(text, placeholder):
        return None
    own = text[: _tail(text).cut].strip()
    if not own:
        return Value(text=text)
    basis, citations = unmark(text)
    return Value(text=_unshielded(own, placeholder), basis=basis, citations=citations)


def is_placeholder(text: str, placeholder: str) -> bool:
    """Say whether `text` is the template's placeholder, in backticks or without."""
    return bool(placeholder) and text.strip("`") == placeholder


def _shielded(text: str, placeholder: str) -> str:
    """Put a backslash before a text that would be taken for the placeholder."""
    return "\\" + text if placeholder and text.lstrip("\\").strip("`") == placeholder else text


def _unshielded(text: str, placeholder: str) -> str:
    shielded = placeholder and text.startswith("\\") and text.lstrip("\\").strip("`") == placeholder
    return text[1:] if shielded else text


def label(text: str) -> str:
    """Return the text of a bold label with what would end it escaped."""
    escaped = re.sub(r"([\\*])", r"\\\1", text)
    return escaped[:-1] + "\\:" if escaped.endswith(":") else escaped


def unlabel(text: str) -> str:
    """Read what `label` wrote."""
    return re.sub(r"\\([\\*:])", r"\1", text)


LABELLED = re.compile(r"\*\*(?P<label>(?:\\.|[^*\\])+?)(?::\*\*|\*\*[ \t]*:)[ \t]*(?P<rest>.*)", re.DOTALL)
"""A bold label with its colon inside or behind, and what follows it."""


def words(text: str) -> str:
    """Return the ASCII words of a heading or label, lower case: what is compared, whatever became of an emoji."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def cell(text: str) -> str:
    """Return a table cell with its pipes escaped."""
    return text.replace("|", "\\|")


def cells(row: str) -> list[str]:
    """Split a table row at its unescaped pipes and unescape the rest, as markdown-it does."""
    body = row.strip()
    body = body.removeprefix("|")
    if body.endswith("|") and not body.endswith("\\|"):
        body = body[:-1]
    return [part.replace("\\|", "|").strip() for part in re.split(r"(?<!\\)\|", body)]


def fenced(text: str, info: str, placeholder: str | None) -> str:
    """Return a fence that `text` cannot end; a text equal to the placeholder gets a longer one, which tells them apart."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    ticks = "`" * max(3, longest + 1)
    if placeholder is not None and text == placeholder:
        ticks += "`"
    return f"{ticks}{info}\n{text}\n{ticks}" if text else f"{ticks}{info}\n{ticks}"


def plain(text: str) -> str:
    """Return plain text on one line, escaped so that it renders as it is."""
    return _PLAIN.sub(lambda found: "\\" + found[1] if found[1] else found[0], text)


def unplain(text: str) -> str:
    """Read what `plain` wrote."""
    return _UNPLAIN.sub(r"\1", text)


def indented(text: str, width: int) -> str:
    """Indent all lines but the first by `width`, so that they belong to a list item."""
    pad = " " * width
    first, *rest = text.split("\n")
    return "\n".join([first, *(pad + line if line else "" for line in rest)])
