"""Plain text from the material made safe to stand in Markdown, and small matters of grammar."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

_MARKUP = re.compile(r"([\\`*\[\]<])|^([#>])|(~(?=~)|(?<=~)~)|(?<![^\W_])(_)|(_)(?![^\W_])")
_SENTENCE_END = re.compile(r"[.!?…:]$")


def plain(text: str, limit: int = 400) -> str:
    """Return `text` on one line with Markdown's characters escaped, cut at `limit` characters at a word's end."""
    flat = " ".join(text.split())
    if len(flat) > limit:
        flat = flat[:limit].rsplit(" ", 1)[0].rstrip(",;:") + " …"
    return _MARKUP.sub(lambda found: "\\" + found.group(0), flat)


def prose(text: str, limit: int = 600) -> str:
    """Return `text` as `plain` does, but cut where a sentence ends, so that no reader meets half a thought."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return plain(flat, limit)
    ends = [found.end() for found in re.finditer(r"[.!?](?=\s)", flat[:limit])]
    return plain(flat[: ends[-1]] if ends else flat, limit)


def code(text: str, limit: int = 200) -> str:
    """Return `text` on one line as an inline code span that its own backticks cannot end."""
    flat = " ".join(text.split())
    if len(flat) > limit:
        flat = flat[:limit] + " …"
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def listed(words: Iterable[str]) -> str:
    """Join words as English does: `a`, `a and b`, `a, b and c`."""
    items = list(words)
    if len(items) <= 1:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def counted(number: int, noun: str, plural: str = "") -> str:
    """Word a count: `1 step`, `3 steps`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def capital(text: str) -> str:
    """Return `text` with a capital first letter, unless its first word is a name such as `pool_size` or `iOS`."""
    first = text.split(" ", 1)[0].strip(",:;")
    return text[0].upper() + text[1:] if first.isalpha() and first[1:].islower() else text


def sentence(text: str) -> str:
    """Return `text` with a capital first letter and a full stop; a name such as `pool_size` keeps its letters."""
    text = text.strip()
    if not text:
        return text
    if text.split(" ", 1)[0].strip(",:;").isalpha():
        text = text[0].upper() + text[1:]
    return text if _SENTENCE_END.search(text) else text + "."


def wrapped(text: str, width: int = 100) -> str:
    """Break each line of `text` at a word before `width` characters; for fences, where nothing else breaks it."""
    lines = (textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.splitlines())
    return "\n".join(lines)
