"""Personal data is masked by option only, by its form, and what merely looks like it stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.formats.personal import KINDS, luhn
from afteraction.formats.secrets import Masker


def masked(text: str, *kinds: str) -> str:
    return Masker(personal=kinds or KINDS).mask(text)


@pytest.mark.parametrize(
    ("kind", "text", "datum"),
    [
        ("email", "reported by anna.berg+ops@example.co.uk at noon", "anna.berg+ops@example.co.uk"),
        ("email", "<mailto:o_neil@sub.example.org>", "o_neil@sub.example.org"),
        ("email", "user=jane@example.com, 3 retries", "jane@example.com"),
        ("phone", "call +49 30 901820 now", "+49 30 901820"),
        ("phone", "call +1 (415) 555-2671.", "+1 (415) 555-2671"),
        ("phone", "on (415) 555-2671 since", "(415) 555-2671"),
        ("phone", "on 415-555-2671 since", "415-555-2671"),
        ("ip", "GET / from 203.0.114.9:51234", "203.0.114.9"),
        ("ip", 'client_ip="8.8.8.8"', "8.8.8.8"),
        ("ip", "from 2a00:1450:4001:81b::200e to", "2a00:1450:4001:81b::200e"),
        ("card", "paid with 4111 1111 1111 1111 today", "4111 1111 1111 1111"),
        ("card", "pan=5555555555554444", "5555555555554444"),
        ("card", "amex 3782-822463-10005", "3782-822463-10005"),
    ],
)
def test_personal_data_is_masked_and_nothing_beside_it(kind: str, text: str, datum: str) -> None:
    before, after = text.split(datum)
    result = masked(text, kind)
    assert result == f"{before}[masked:{kind}:0001]{after}"
    assert Masker().mask(text) == text, "only by option"


@pytest.mark.parametrize(
    "text",
    [
        "git clone git@github.com:org/repo.git",
        "mail from noreply@example.com",
        "npm install left-pad@1.3.0",
        "image@sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31",
        "@anna looked at it",
        "10.0.12.7 and 192.168.1.1 and 127.0.0.1 and 0.0.0.0 and fe80::1",
        "version 1.2.3.4 and v1.30.2.1",
        "2026-03-06 14:02:11.123 and 12:34:56",
        "offset +0200 and zone +01:00",
        "trace 1234567890123456 and order 4111111111111112",
        "epoch 1772806931000000000",
        "0000000000000000",
        "1.5.0-rc.1+build.5114f85",
        "took 415-555 ms",
        "00:1A:2B:3C:4D:5E",
        "std::vec::Vec and a::b",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert masked(text) == text


def test_one_person_stays_one_token() -> None:
    masker = Masker(personal=("email",))
    assert masker.mask("a@example.com, b@example.com") == "[masked:email:0001], [masked:email:0002]"
    assert masker.mask("a@example.com again") == "[masked:email:0001] again"
    assert dict(masker.counts()) == {"email": 3}


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert luhn("79927398713")
    assert not any(luhn(f"7992739871{digit}") for digit in range(10) if digit != 3)


PIECES = st.sampled_from(
    ["a@example.com", "+49 30 901820", "8.8.8.8", "4111111111111111", " ", "\n", ",", "x", "1", ".", "-", "@", "::"]
)


@settings(max_examples=200, deadline=None)
@given(text=st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=10).map("".join))
def test_masking_personal_data_twice_changes_nothing_and_lines_stay(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    assert len(once.splitlines()) == len(text.splitlines())


@pytest.mark.parametrize("unit", ["a@b.", "a.", "4111 ", "+1 2", "1.1.", "f:", "@", "(415) 5", "a" * 50 + "@"])
def test_hostile_text_is_searched_in_time(unit: str) -> None:
    assert isinstance(masked(unit * (300_000 // len(unit))), str)
