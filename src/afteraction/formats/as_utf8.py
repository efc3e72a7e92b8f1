"""Text in another encoding becomes UTF-8 before anybody looks at it, so that every source reads it alike.

In comes a raw input; out goes the same one, or, when it is UTF-16 (as PowerShell writes what is redirected) or begins with
a byte order mark, one whose bytes are plain UTF-8 with the same lines. It is decoded while it is streamed; what cannot be
decoded becomes U+FFFD. Binary files and everything else are left as they are.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from afteraction.model.reading import RawInput

_LOOK = 4096
_BLOCK = 1 << 16


def as_utf8(raw: RawInput) -> RawInput:
    """Return `raw` with its text as UTF-8 without a byte order mark."""
    encoding = _encoding(raw.head)
    if not encoding:
        return raw
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    whole = raw.size is not None and raw.size <= len(raw.head)
    head = decoder.decode(raw.head, final=whole).encode("utf-8", "replace")
    return replace(raw, head=head, open=_opener(raw.open, encoding), size=len(head) if whole else None)


def _encoding(head: bytes) -> str:
    """Return the encoding that the first bytes show, empty for plain UTF-8 and for what is no text."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    look = head[:_LOOK]
    if len(look) < 16 or b"\0" not in look:
        return ""
    even, odd = look[::2].count(0) / len(look[::2]), look[1::2].count(0) / len(look[1::2])
    # without a mark: Latin letters have a zero for every other byte, and no byte of a text is zero otherwise
    return "utf-16-le" if odd > 0.7 and even < 0.02 else "utf-16-be" if even > 0.7 and odd < 0.02 else ""


def _opener(opened: Callable[[], BinaryIO], encoding: str) -> Callable[[], BinaryIO]:
    def reopened() -> BinaryIO:
        return io.BufferedReader(_Decoded(opened(), encoding))

    return reopened


class _Decoded(io.RawIOBase):
    """A stream of UTF-8 made from one in another encoding, block by block."""

    def __init__(self, inner: BinaryIO, encoding: str) -> None:
        super().__init__()
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer, as RawIOBase hands it
        while not self._rest:
            data = self._inner.read(_BLOCK)
            self._rest = self._decoder.decode(data, final=not data).encode("utf-8", "replace")
            if not data:
                break
        given, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(given)] = given
        return len(given)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()
