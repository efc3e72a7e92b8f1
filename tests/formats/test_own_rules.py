"""A team's own rules mask what they say, are tried when they are read, and are refused with the reason."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from afteraction.formats.secret_rules import rule_set, rules
from afteraction.formats.secrets import Masker
from afteraction.model.settings import SecretRule

OWN = SecretRule(
    id="shop-session",
    keywords=("shopsess_",),
    pattern=r"shopsess_(?P<secret>[a-z0-9]{12,64})",
    masks=(("got shopsess_9af3klm20xqz1", "9af3klm20xqz1"),),
    spares=("shopsess_short",),
)


def test_an_own_rule_masks_beside_the_built_in_ones() -> None:
    masker = Masker((OWN,))
    assert masker.mask("SHOPSESS_9af3klm20xqz1 password=hunter2") == (
        "SHOPSESS_[masked:shop-session:0001] password=[masked:password:0002]"
    )
    assert Masker().mask("shopsess_9af3klm20xqz1") == "shopsess_9af3klm20xqz1"


def test_any_number_of_own_rules_can_be_added() -> None:
    many = tuple(
        replace(
            OWN,
            id=f"own-{n}",
            keywords=(f"mark{n:03}_",),
            pattern=rf"mark{n:03}_(?P<secret>\w{{8}})",
            masks=(),
            spares=(),
        )
        for n in range(70)
    )
    masker = Masker(many)
    assert all("abcdefgh" not in masker.mask(f"x mark{n:03}_abcdefgh y") for n in range(70))
    long = "ordinary words of a line\n" * 400
    assert "abcdefgh" not in Masker(many).mask(f"{long}mark069_abcdefgh\n{long}")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "Shop Session"}, "lower-case letters"),
        ({"keywords": ()}, "keywords"),
        ({"keywords": ("ab",)}, "three or more"),
        ({"keywords": ("ABC",)}, "lower case"),
        ({"pattern": "shopsess_([a-z"}, "no regular expression"),
        ({"pattern": "shopsess_[a-z0-9]+"}, "(?P<secret>...)"),
        ({"pattern": r"shopsess_(?P<secret>(?:[a-z0-9]+-?)+)"}, "may never end"),
        ({"pattern": r"shopsess_(?P<secret>(?:x|(?:[a-z0-9]*){30}))"}, "may never end"),
        ({"masks": (("got shopsess_none", "none"),)}, "not masked in its own example"),
        ({"spares": ("shopsess_9af3klm20xqz1",)}, "is to be spared"),
        ({"entropy": 5.0}, "not masked in its own example"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_the_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        rule_set((replace(OWN, **change),))


def test_the_built_in_rules_keep_their_own_promise() -> None:
    own = [SecretRule(id=rule.id, keywords=rule.keywords, pattern=rule.pattern.pattern, exact=True) for rule in rules()]
    assert all("(?P<secret" in rule.pattern for rule in own)
