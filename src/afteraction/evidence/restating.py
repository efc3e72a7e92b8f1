"""Whether a diff says the same again: moved, taken out into a function, or with other names for the same things.

In: added and removed lines without comments. Out: yes or no. An edit in place is never the same: the one word that
differs may be all that matters. Refuses nothing.
"""

from __future__ import annotations

import re
from collections import Counter

from afteraction.evidence.diff_lines import ANY_NAME, IDENTIFIER, NUMBER, SETTINGS_PATH, found_in, half_shared
from afteraction.evidence.metrics.nature import words_of


def speaks_otherwise(added: list[str], removed: list[str], files: tuple[str, ...]) -> bool:
    """Whether what others read changed: numbers, anything in settings and schemas, quoted names of fields."""
    plus, minus = found_in(NUMBER.findall, added), found_in(NUMBER.findall, removed)
    if plus - minus and minus - plus:
        return True
    if any(SETTINGS_PATH.search(f) for f in files):
        return Counter(line.strip() for line in added) != Counter(line.strip() for line in removed)
    quoted = re.compile(r"[\"'`]([A-Za-z][\w.-]{2,})[\"'`]").findall
    plus, minus = found_in(quoted, added), found_in(quoted, removed)
    return bool(plus - minus and minus - plus)


def moved_or_taken_out(added: list[str], removed: list[str]) -> bool:
    """Whether both sides speak of the same things: code that moved, or was taken out into something that is called."""
    if Counter(line.strip() for line in added) == Counter(line.strip() for line in removed):
        return True
    if len(added) == len(removed) and all(map(half_shared, removed, added)):
        return False  # edited in place: the one word that differs may be all that matters
    plus = {w for line in added for name in IDENTIFIER.findall(line) for w in words_of(name)}
    minus = {w for line in removed for name in IDENTIFIER.findall(line) for w in words_of(name)}
    both, fewer = len(plus & minus), min(len(plus), len(minus))
    # What brings more new words than it carries over does something new beside it.
    return fewer >= 6 and both >= 0.6 * fewer and len(plus - minus) <= both


def renamed(added: list[str], removed: list[str]) -> bool:
    """Whether both sides are the same lines but for names, each of which became one other name wherever it stands."""
    if not added or len(added) != len(removed):
        return False
    became: dict[str, str] = {}
    touched = 0
    for new, old in zip(added, removed, strict=True):
        if ANY_NAME.sub("@", new.strip()) != ANY_NAME.sub("@", old.strip()):
            return False
        for before, after in zip(ANY_NAME.finditer(old), ANY_NAME.findall(new), strict=True):
            if became.setdefault(before[0], after) != after:
                return False
            if before[0] != after:
                touched += 1
                if old[: before.start()].endswith("."):
                    return False  # a member of something else, which has both
    return touched >= 2 and len(set(became.values())) == len(became)
