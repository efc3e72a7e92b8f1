"""Passwords are hashed at a cost that is kept with them, and compared in the same time whether they exist or not."""

from __future__ import annotations

import statistics
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.errors import UsageError
from afteraction.usecases import passwords
from afteraction.usecases.passwords import COST, DUMMY, Cost, checked, fits, hashed, outdated

CHEAP = Cost(ln=4, r=8, p=1)
GOOD = "four quiet otters sing"


def test_the_cost_is_one_that_owasp_names() -> None:
    """Password storage cheat sheet, scrypt: N=2^17 p=1, 2^16 p=2, 2^15 p=3, 2^14 p=5, 2^13 p=10, with r=8."""
    assert (COST.ln, COST.r, COST.p) in {(17, 8, 1), (16, 8, 2), (15, 8, 3), (14, 8, 5), (13, 8, 10)}


def test_a_hash_tells_its_cost_and_never_the_password() -> None:
    kept = hashed(GOOD)
    assert kept.startswith("$scrypt$ln=15,r=8,p=3$")
    assert GOOD not in kept
    assert fits(GOOD, kept)
    assert not fits(GOOD + "s", kept)
    assert hashed(GOOD, cost=CHEAP) != hashed(GOOD, cost=CHEAP)


def test_a_hash_of_another_cost_still_fits_and_is_outdated() -> None:
    kept = hashed(GOOD, cost=CHEAP)
    assert fits(GOOD, kept)
    assert outdated(kept)
    assert not outdated(hashed(GOOD))


@settings(max_examples=60)
@given(st.text(max_size=300), st.text(max_size=300))
def test_a_password_fits_its_own_hash_and_no_other(one: str, other: str) -> None:
    kept = hashed(one, cost=CHEAP)
    assert fits(one, kept)
    if passwords.unicodedata.normalize("NFKC", one) != passwords.unicodedata.normalize("NFKC", other):
        assert not fits(other, kept)


def test_a_password_typed_with_composed_or_decomposed_letters_is_the_same() -> None:
    assert fits("ﬁfteen cafe\u0301 owls", hashed("fifteen caf\u00e9 owls", cost=CHEAP))


@pytest.mark.parametrize("kept", ["", "x", DUMMY, "$scrypt$ln=4,r=8,p=1$A$A", "$scrypt$ln=4,r=8,p=1$$", "$2b$12$abc"])
def test_what_is_no_hash_lets_nobody_in(kept: str) -> None:
    assert not fits(GOOD, kept)
    assert not fits("", kept)


def test_an_account_that_is_not_there_takes_as_long_as_one_that_is() -> None:
    """Medians of interleaved runs; what would betray an account is a factor of hundreds, not a quarter."""
    kept = hashed(GOOD)
    there, absent = [], []
    for _ in range(4):
        for times, against in ((there, kept), (absent, DUMMY)):
            began = time.process_time()
            assert not fits("a wrong password!", against)
            times.append(time.process_time() - began)
    assert 0.5 < statistics.median(there) / statistics.median(absent) < 2


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 15"), ("fourteen chars", "at least 15"), ("x" * 257, "at most 256"),
        ("aaaaaaaaaaaaaaaa", "guessed"), ("abababababababab", "guessed"), ("annaannaannaanna1", "guessed"),
    ],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        checked(password, handle="anna")


def test_a_password_of_128_characters_is_taken_and_all_of_it_counts() -> None:
    long = checked("correct horse battery staple " * 4 + "and twelve.", handle="anna")
    assert len(long) == 127
    kept = hashed(long, cost=CHEAP)
    assert fits(long, kept)
    assert not fits(f"{long[:-1]}!", kept)
