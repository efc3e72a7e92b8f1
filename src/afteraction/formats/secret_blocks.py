"""Secrets that only their surroundings betray: key material without its armour, and the data of Kubernetes Secrets.

In comes text, out come the places to mask. Both look at whole lines, since no keyword stands on the lines themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np


class Candidate(NamedTuple):
    """A place in a text that is to be masked as `kind`; `lines` when it may span several lines."""

    start: int
    end: int
    kind: str
    lines: bool = False


_BODY = re.compile(r"[ \t>|]{0,8}(?P<body>[A-Za-z0-9+/]{60,76})[ \t]*\r?(?=\n|\Z)")
"""A line of nothing but base64, in the widths that PEM, OpenSSH and MIME use."""
_LONGEST = 90
_WORDY = re.compile(r"[a-z]{12}|[A-Z]{12}|/.*/.*/.*/.*/")


def key_material(text: str, entropy_of: Callable[[str], float]) -> Iterator[Candidate]:
    """Yield lines of a private key whose header is not in the text. Certificates and public keys are left."""
    if len(text) < 60:
        return
    public = None
    for start in _fitting_lines(text):
        found = _BODY.match(text, start)
        if found is None:
            continue
        body = found["body"]
        if not (any(c.isdigit() for c in body) and any(c.isupper() for c in body) and any(c.islower() for c in body)):
            continue
        if _WORDY.search(body) or entropy_of(body) < 4.4:
            continue
        if public is None:
            public = _public_blocks(text)
        if not any(start <= found.start("body") < end for start, end in public):
            yield Candidate(found.start("body"), found.end("body"), "private-key")


def _fitting_lines(text: str) -> list[int]:
    """Return where the lines begin that have the length of a line of key material; most lines need no closer look."""
    if len(text) < 3000:
        starts = [0, *(found.end() for found in re.finditer("\n", text))]
        ends = [*(start - 1 for start in starts[1:]), len(text)]
        return [start for start, end in zip(starts, ends, strict=True) if 60 <= end - start <= _LONGEST]
    codes = np.frombuffer(text.encode("latin-1", "replace"), dtype=np.uint8)
    breaks = np.flatnonzero(codes == ord("\n"))
    begins = np.concatenate(([0], breaks + 1))
    lengths = np.concatenate((breaks, [len(text)])) - begins
    chosen = begins[(lengths >= 60) & (lengths <= _LONGEST)]
    # Prose has a blank soon; a look at each of its lines would cost more than everything before.
    return [int(at) for at in chosen if " " not in text[at + 8 : at + 60]]


def _public_blocks(text: str) -> list[tuple[int, int]]:
    """Return where certificates, public keys and the like stand; what has a header and is not private is public."""
    bounds = []
    for found in re.finditer(r"-----BEGIN (?![A-Z0-9 ]{0,40}PRIVATE)[A-Z0-9 ]{1,40}-----", text):
        end = text.find("-----END", found.end())
        bounds.append((found.start(), end if end >= 0 else len(text)))
    return bounds


_KIND = re.compile(r"""kind["']?:[ \t]*["']?Secret["']?,?[ \t]*\r?$""", re.MULTILINE)
_BEFORE_KIND = re.compile(r"""(?P<indent>[ \t]*)(?P<dash>- )?["']?""")
_DATA = re.compile(r"""^[ \t]*(?:- )?["']?(?:data|stringData)["']?:[ \t]*[{|>]?[ \t]*\r?$""")
_ENTRY = re.compile(r"""^[ \t]*["']?[\w.-]+["']?:[ \t]*(?P<value>[^\r\n]*[^\s,])[ \t]*,?[ \t]*\r?$""")
_ANY_KIND = re.compile(r'\\?"kind\\?"\s*:\s*\\?"(\w+)')
_INLINE = re.compile(r'\\?"(?:data|stringData)\\?"\s*:\s*\{(?P<body>[^{}\n]{1,200000})\}')
_INLINE_VALUE = re.compile(r':\s*\\?"(?P<value>[^"\\]+)\\?"')


def kubernetes_secrets(text: str) -> Iterator[Candidate]:
    """Yield the values under `data` and `stringData` of objects of kind Secret, in YAML and in JSON of either form."""
    seen: dict[int, int] = {}
    for found in _KIND.finditer(text):
        begin = text.rfind("\n", 0, found.start()) + 1
        before = _BEFORE_KIND.fullmatch(text, begin, found.start())
        if before is None:
            continue
        indent = len(before["indent"]) + (2 if before["dash"] else 0)
        if begin >= seen.get(indent, 0):
            start, seen[indent] = _object(text, begin, found.end(), indent)
            yield from _entries(text, start, seen[indent], indent)
    if '"Secret' in text:
        for block in _INLINE.finditer(text):
            if _kind_of_block(text, block.start(), block.end()) == "Secret":
                for value in _INLINE_VALUE.finditer(text, block.start("body"), block.end("body")):
                    yield Candidate(value.start("value"), value.end("value"), "kubernetes-secret")


def _kind_of_block(text: str, start: int, end: int) -> str:
    """Return the kind of the object that a `data` block stands in: named right after it, else the last one before."""
    after = _ANY_KIND.search(text, end, end + 40)
    before = None if after else next(iter(reversed(list(_ANY_KIND.finditer(text, max(0, start - 4000), start)))), None)
    chosen = after or before
    return chosen[1] if chosen else ""


def _entries(text: str, start: int, end: int, indent: int) -> Iterator[Candidate]:
    """Yield the values under `data` and `stringData` of the object that stands between two places."""
    inside, block = False, ""
    position = start
    for line in text[start:end].splitlines(keepends=True):
        depth = len(line) - len(line.lstrip(" \t-"))
        if _DATA.match(line) and depth == indent:
            inside = True
        elif inside and line.strip() and depth <= indent:
            inside, block = False, ""
        elif inside and line.strip() not in {"", "{", "}", "},"}:
            entry = _ENTRY.match(line)
            value = entry["value"].strip("\"'") if entry else ""
            if entry and value in {"|", ">", "|-", ">-", "|+"}:
                block = value
            elif entry and value:
                at = line.index(value, entry.start("value"))
                yield Candidate(position + at, position + at + len(value), "kubernetes-secret")
            elif block:
                bare = line.strip()
                at = line.index(bare)
                yield Candidate(position + at, position + at + len(bare), "kubernetes-secret")
        position += len(line)


def _object(text: str, start: int, end: int, indent: int) -> tuple[int, int]:
    """Return the stretch of lines around a place that are blank or indented at least as much as the object."""
    first = start
    while first > 0:
        begin = text.rfind("\n", 0, first - 1) + 1
        line = text[begin : first - 1]
        if line.startswith("---") or (line.strip() and len(line) - len(line.lstrip(" \t-")) < indent):
            break
        first = begin
        if line.lstrip(" \t").startswith("- ") and len(line) - len(line.lstrip(" \t-")) == indent:
            break
    last = end
    while last < len(text):
        stop = text.find("\n", last + 1)
        stop = len(text) if stop < 0 else stop
        line = text[last:stop].strip("\r\n")
        opens = line.lstrip(" \t").startswith("- ") and len(line) - len(line.lstrip(" \t-")) == indent
        if line.startswith("---") or opens or (line.strip() and len(line) - len(line.lstrip(" \t-")) < indent):
            break
        last = stop
    return first, last
