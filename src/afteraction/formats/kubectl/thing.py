"""What a reader of kubectl output found, before it is known which file it stood in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One object: `first` and `last` are 0-based lines of the output that it was read from, both inclusive."""

    kind: str
    name: str
    data: Mapping[str, Any]
    first: int
    last: int
    namespace: str = ""
    complete: bool = False


def set_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Put `value` at the dotted `path`; an empty text, list or mapping is what the text did not show and stays out."""
    if value is None or value in ("", [], {}):
        return
    *parents, last = path.split(".")
    place = data
    for key in parents:
        place = place.setdefault(key, {})
    place[last] = value


def number(text: str) -> int | None:
    """The integer at the start of `text`, or None."""
    digits = text.strip().split(" ")[0].rstrip("%")
    return int(digits) if digits.lstrip("-").isdigit() else None


def port(text: str) -> int | str:
    """A port as the API has it: a number where it is one, else its name."""
    return int(text) if text.isdigit() else text
