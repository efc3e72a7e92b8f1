"""Every byte that goes in comes out again, in order, and messages begin and end where HTTP says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.mcp.recorder.http_framing import LONGEST_HEAD, Framing, Part, read_head

HEADS = {
    "fixed": (b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", b"hello", b"hello"),
    "none": (b"GET /mcp HTTP/1.1\r\nHost: a\r\n\r\n", b"", b""),
    "chunked": (
        b"POST /mcp HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"3;x=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n",
        b"hello",
    ),
}


def parts(framing: Framing, data: bytes, sizes: list[int]) -> list[tuple[Part, bytes]]:
    found: list[tuple[Part, bytes]] = []
    while data:
        size = sizes.pop() if sizes else len(data)
        found += framing.feed(data[:size])
        data = data[size:]
    return [*found, *framing.close()]


@given(kinds=st.lists(st.sampled_from(sorted(HEADS)), max_size=5), sizes=st.lists(st.integers(1, 60), max_size=40))
def test_messages_are_found_however_the_bytes_arrive(kinds: list[str], sizes: list[int]) -> None:
    stream = b"".join(HEADS[kind][0] + HEADS[kind][1] for kind in kinds)
    found = parts(Framing(requests=True), stream, sizes)
    assert b"".join(data for _, data in found) == stream
    assert [data for part, data in found if part is Part.HEAD] == [HEADS[kind][0] for kind in kinds]
    assert sum(part is Part.END for part, _ in found) == len(kinds)
    bodies = b"".join(data for part, data in found if part is Part.BODY)
    assert bodies == b"".join(HEADS[kind][2] for kind in kinds)


@given(st.binary(max_size=300), st.lists(st.integers(1, 20), max_size=20), st.booleans())
def test_what_is_no_http_goes_through_untouched(data: bytes, sizes: list[int], requests: bool) -> None:
    assert b"".join(piece for _, piece in parts(Framing(requests=requests), data, sizes)) == data


def test_a_response_without_a_length_lasts_to_the_end_of_the_connection() -> None:
    framing = Framing(requests=False)
    found = [*framing.feed(b"HTTP/1.1 200 OK\r\n\r\nabc"), *framing.feed(b"def"), *framing.close()]
    assert [part for part, _ in found] == [Part.HEAD, Part.BODY, Part.BODY, Part.END]


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"100 Continue"])
def test_a_response_that_has_no_body_ends_with_its_head(status: bytes) -> None:
    found = list(
        Framing(requests=False).feed(b"HTTP/1.1 " + status + b"\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    )
    assert [part for part, _ in found] == [Part.HEAD, Part.END, Part.HEAD, Part.END]


def test_a_head_that_never_ends_is_not_kept_back_for_ever() -> None:
    framing = Framing(requests=True)
    found = list(framing.feed(b"x" * (LONGEST_HEAD + 1)))
    assert [(part, len(data)) for part, data in found] == [(Part.RAW, LONGEST_HEAD + 1)]


def test_a_head_is_read_with_its_names_in_lower_case() -> None:
    head = read_head(b"HTTP/1.1 200 OK\r\nContent-Type: a/b \r\nMCP-Session-Id:1\r\nbad line\r\n\r\n")
    assert (head.status, head.headers) == (200, {"content-type": "a/b", "mcp-session-id": "1"})
