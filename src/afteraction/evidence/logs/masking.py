"""What makes two log lines the same: the mask. Bytes of lines come in, their masked form goes out.

A token is a run of letters, digits, `_`, `-`, bytes from 128 up, and dots that stand alone; a token that holds a digit
becomes `#`. So uuids, addresses, versions and numbers vanish whole and the number of distinct masked lines stays
bounded, while words stay exact. A three-digit status is kept: its values are few, and which of them rises matters.
`kernel.c` defines the same mask; `mask_line` is the readable definition and `mask_lines` the fast one in numpy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HEAD = 4096
"""Bytes of a line that make its key."""
EXEMPLAR = 1024
"""Bytes of the first raw line that are kept for each key."""

_CLASS = rb"A-Za-z0-9_\-\x80-\xff"
_TOKEN = re.compile(rb"(?:[" + _CLASS + rb"]|(?<!\.)\.(?!\.))+")
_PLAIN = re.compile(rb"(?<![" + _CLASS + rb".])[A-Za-z_.\-\x80-\xff]*+[0-9][" + _CLASS + rb".]*+")
"""The same as `_TOKEN` with a digit, several times faster, for lines without two dots in a row and without status."""
_WORD = re.compile(rb"[" + _CLASS + rb".#]+")
_STATUS = re.compile(rb"(?:\" |(?i:status|code)[=:\"' ]{1,3})$")
_HEX = re.compile(rb"0x[0-9a-fA-F]++(?![" + _CLASS + rb".])")
_SAME_STATUS = re.compile(rb"(?:\" |(?i:status|code)[=:\"' ]{1,3})000")
_MAY_HOLD_STATUS = re.compile(rb"\" [1-5]|(?i:status|code)[=:\"' ]{1,3}[1-5]")

_TOKEN_BYTES = bytes(bool(re.match(rb"[" + _CLASS + rb".]", bytes([byte]))) for byte in range(256))


_SAME_DIGITS = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))
_BETWEEN = np.array([byte in b"=:\"' " for byte in range(256)])
_BATCH = 1500
"""Lines that are masked at once: so many that numpy's calls are cheap, so few that its arrays stay in the cache."""


def mask_line(line: bytes) -> bytes:
    """Return the masked form of one line without its end; only the first `HEAD` bytes count."""
    line = line[:HEAD]
    if b".." not in line and not _MAY_HOLD_STATUS.search(line):
        return _PLAIN.sub(b"#", line)

    def masked(token: re.Match[bytes]) -> bytes:
        text = token[0]
        if not any(48 <= byte < 58 for byte in text):
            return text
        status = len(text) == 3 and text.isdigit() and 49 <= text[0] <= 53
        return text if status and _STATUS.search(line, max(0, token.start() - 9), token.start()) else b"#"

    return _TOKEN.sub(masked, line)


def cut_words(masked: bytes, words: int | None) -> bytes:
    """Return what stands before the word number `words` (0 is the first) of a masked line; None cuts nothing."""
    if words is None:
        return masked
    for number, word in enumerate(_WORD.finditer(masked)):
        if number == words:
            return masked[: word.start()]
    return masked


def same_digits(joined: bytes) -> bytes:
    """Return the lines with all digits made equal and hexadecimal numbers made one digit; their masks stay the same."""
    return (_HEX.sub(b"0", joined) if b"0x" in joined else joined).translate(_SAME_DIGITS)


def holds_status(same: bytes) -> bool:
    """Say whether lines that `same_digits` made equal may hold a status; such lines are equal too early."""
    return bool(_SAME_STATUS.search(same))


def mask_lines(lines: Sequence[bytes]) -> list[bytes]:
    """Return the masked form of lines, none longer than `HEAD` nor with an LF inside; as `mask_line` on each."""
    out: list[bytes] = []
    for start in range(0, len(lines), _BATCH):
        out += _mask_batch(b"\n".join(lines[start : start + _BATCH]) + b"\n")
    return out


def _mask_batch(text: bytes) -> list[bytes]:
    data = np.frombuffer(text, np.uint8)
    token = np.frombuffer(text.translate(_TOKEN_BYTES), np.uint8)
    dots = data == 46
    pairs = dots[1:] & dots[:-1]
    if pairs.any():  # a search for two dots would cost as much as all the rest where dots are frequent
        token = token.copy()
        token[1:][pairs] = 0
        token[:-1][pairs] = 0
    edges = np.flatnonzero(token[1:] != token[:-1])
    edges += 1
    if token[0]:
        edges = np.concatenate(([0], edges))
    starts, ends = edges[0::2], edges[1::2]
    if not len(starts):
        return text.split(b"\n")[:-1]
    digit = ((data - np.uint8(48)) < 10).view(np.uint8)
    hit = np.bitwise_or.reduceat(digit, starts).astype(bool)
    three = hit & (ends - starts == 3)
    at = starts[three]
    three[three] = (digit[at] & digit[at + 1] & digit[at + 2]).astype(bool)
    hit &= ~_statuses(text, data, starts, three)
    first, last = starts[hit], ends[hit]
    if not len(first):
        return text.split(b"\n")[:-1]
    pieces = np.empty(2 * len(first) + 1, np.int64)  # kept, dropped, kept, ..., kept
    pieces[0], pieces[-1] = first[0] + 1, len(data) - last[-1]
    pieces[1::2] = last - first - 1
    pieces[2:-1:2] = first[1:] + 1 - last[:-1]
    kept = np.ones(len(pieces), bool)
    kept[1::2] = False
    out = data.copy()
    out[first] = 35
    masked: bytes = out[np.repeat(kept, pieces)].tobytes()
    return masked.split(b"\n")[:-1]


def _statuses(
    text: bytes, data: NDArray[np.uint8], starts: NDArray[np.int64], three: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say which of the tokens that are three digits (`three`) are a status."""
    found = three & (starts > 1)
    found[found] = (data[starts[found]] - np.uint8(49)) < 5
    where = np.flatnonzero(found)
    at = starts[where]
    early = at < 9  # too near the beginning of the data to look back blindly
    found[where[early]] = [bool(_STATUS.search(text, 0, int(end))) for end in at[early]]
    where, at = where[~early], at[~early]
    access = (data[at - 1] == 32) & (data[at - 2] == 34)
    between = _BETWEEN[data[at - 1]]
    at, rest = at[between], where[between]
    for _ in range(2):
        at = at - _BETWEEN[data[at - 2]]
    found[where] = access
    found[rest] |= _ends_with(data, at - 1, b"status") | _ends_with(data, at - 1, b"code")
    return found


def _ends_with(data: NDArray[np.uint8], ends: NDArray[np.int64], word: bytes) -> NDArray[np.bool_]:
    """Say before which of the offsets the word stands, in large or small letters."""
    same = np.ones(len(ends), bool)
    for back, letter in enumerate(reversed(word), 1):
        same &= (data[ends - back] | 32) == letter
    return same
