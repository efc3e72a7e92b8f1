"""Which lines of a page a document does not hold: written without the product's own way of cutting a page into blocks."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_TIME = re.compile(
    r"\d+(?:[ap]m)?|[ap]m|utc|gmt|z|[pmce][sd]?t|ce?st|st|nd|rd|th|\d+(?:st|nd|rd|th)|x+|ca|approx|at|on|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
)
_PLACEHOLDER = re.compile(r"^\W*(?:\[[^\]]*\]|<[^>]*>|\{\{.*\}\}|todo|tbd|n/?a|\.{3}|…)?\W*$", re.IGNORECASE)


def words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.lower()))} "


def lost_lines(page: str, document: str) -> list[tuple[int, str]]:
    """Return the lines with words that stand nowhere in the document, one after the other.

    A heading may be gone (it became a field), as may a time before a row's words (it is shown in UTC), a label that
    became a field, a list's marker, and the header of a table of which the rows are there.
    """
    held = words(document)
    lost: list[tuple[int, str]] = []
    lines = page.splitlines()
    for number, line in enumerate(lines, 1):
        heading = re.match(r"\s{0,3}#{1,6}\s", line) or re.match(
            r"\s*(?:=+|-{3,})\s*$", "".join(lines[number : number + 1])
        )
        if heading or _PLACEHOLDER.match(line):
            continue
        header = number < len(lines) and re.match(r"\s*\|?\s*:?-{2,}", lines[number]) is not None
        cells = re.split(r"(?<!\\)\|", line) if line.lstrip().startswith("|") else [line]
        if not header and not all(_held(cell, held) for cell in cells):
            lost.append((number, line))
    return lost


def _held(text: str, held: str) -> bool:
    text = re.sub(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?", "", text)
    for candidate in (text, text.partition(":")[2]):
        found = _WORD.findall(candidate.lower())
        if found and f" {' '.join(found)} " in held:
            return True
        while found and _TIME.fullmatch(found[0]):
            found = found[1:]
        if f" {' '.join(found)} " in held and (found or candidate is text):
            return True
    found = [word for word in _WORD.findall(text.lower()) if not _TIME.fullmatch(word)]
    return not found or f" {' '.join(found)} " in f" {' '.join(w for w in held.split() if not _TIME.fullmatch(w))} "
