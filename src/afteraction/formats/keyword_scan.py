"""Keywords are found in text, many at once: groups of keywords go in, the places where each group's words stand come out.

Long texts are scanned with arrays: two tables of character pairs say for each place which groups a word of four
characters could belong to there, so that the cost hardly depends on the number of keywords. Short texts are searched
word by word, which is faster for them. Case is ignored for ASCII letters; places are those of the text as given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_SHORT = 3000
_RARE = "\n>\"'@+zqjx_kvywbfgpuhmcdl=/.-:"
"""Characters in the order in which they are looked for in a short text: what is seldom there rules out most."""
_BLOCK = 1 << 17
"""Small enough for the arrays of a block to stay in the processor's cache."""


class KeywordScan:
    """Finds the keywords of up to 32 groups; keywords have at least three characters, in lower case and ASCII."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._codes = [tuple(word.encode("ascii") for word in group) for group in groups]
        self._words = [(word, index) for index, group in enumerate(groups) for word in group]
        self._by_rarest: dict[str, list[tuple[str, int]]] = {}
        for word, index in self._words:
            rarest = next((char for char in _RARE if char in word), word[0])
            self._by_rarest.setdefault(rarest, []).append((word, index))
        self._first = np.zeros(65_536, dtype=np.uint32)
        self._second = np.zeros(65_536, dtype=np.uint32)
        heads: set[int] = set()
        for word, index in self._words:
            assert len(word) >= 3
            assert word == word.lower()
            codes = word.encode("ascii")
            bit = np.uint32(1 << index)
            self._first[codes[0] | codes[1] << 8] |= bit
            following = [codes[3]] if len(codes) > 3 else range(256)
            for code in following:
                self._second[codes[2] | code << 8] |= bit
                heads.add(codes[0] | codes[1] << 8 | codes[2] << 16 | code << 24)
        self._heads = np.array(sorted(heads), dtype=np.uint32)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the place and the group of each keyword, in order of the places for one group."""
        if len(text) <= _SHORT:
            yield from sorted(self._find_in_short(_lowered(text)))
            return
        lowered = text.encode("latin-1", "replace").lower()
        codes = np.frombuffer(lowered + b"\0\0\0\0", dtype=np.uint8)
        for start in range(0, len(lowered), _BLOCK):
            for at, bits in self._candidates(codes[start : start + _BLOCK + 4]):
                yield from self._confirm(lowered, start + at, bits)

    def _candidates(self, codes: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
        pairs = codes[:-1].astype(np.uint16)
        pairs |= codes[1:].astype(np.uint16) << 8
        hits = self._first[pairs[:-2]]
        hits &= self._second[pairs[2:]]
        places = np.flatnonzero(hits)
        places = places[places < _BLOCK]
        # Two words of a group may lend each other their halves; what begins like none of them goes here, not one by one.
        found = pairs[places].astype(np.uint32) | pairs[places + 2].astype(np.uint32) << 16
        near = np.minimum(np.searchsorted(self._heads, found), len(self._heads) - 1)
        places = places[self._heads[near] == found]
        yield from zip(places.tolist(), hits[places].tolist(), strict=True)

    def _confirm(self, lowered: bytes, at: int, bits: int) -> Iterator[tuple[int, int]]:
        for index in _bits(bits):
            if lowered.startswith(self._codes[index], at):
                yield at, index

    def _find_in_short(self, lowered: str) -> Iterator[tuple[int, int]]:
        for rarest, words in self._by_rarest.items():
            if rarest not in lowered:
                continue
            for word, index in words:
                at = lowered.find(word)
                while at >= 0:
                    yield at, index
                    at = lowered.find(word, at + 1)


def _bits(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _lowered(text: str) -> str:
    lowered = text.lower()
    if len(lowered) != len(text):  # Some letters grow in lower case; places must stay the same.
        lowered = "".join(char.lower() if char.isascii() else char for char in text)
    return lowered
