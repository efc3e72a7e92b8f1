"""The stems that spare most sentences a search are right: whatever a rule matches holds one of its stems."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afteraction.formats.phrase_rules import RULES
from afteraction.formats.phrases import _RULE_FORMS


@pytest.mark.parametrize("number", range(len(RULES)), ids=lambda number: f"{number}-{RULES[number][0]}")
def test_whatever_a_rule_matches_holds_one_of_its_stems(number: int) -> None:
    stems = RULES[number][3].split("|")

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(re.compile(_RULE_FORMS[number][2].pattern, re.IGNORECASE | re.ASCII)))
    def holds(text: str) -> None:
        assert any(stem in text.lower() for stem in stems)

    holds()
