"""A diff in which a path leaves between taking and giving back is a release that was removed."""

from __future__ import annotations

import pytest

from afteraction.evidence.diffs import delta_of
from afteraction.evidence.mechanisms import Mechanism

LEAKS = {
    "go": """conn, err := pool.Acquire(ctx)
if err != nil {
    return err
}
if order.Total > limit {
    return ErrLimit
}
conn.Release()""",
    "java": """Connection one = pool.borrow();
if (refused) {
    throw new Refused();
}
one.close();""",
    "python": """session = self.sessions.checkout()
for row in rows:
    if not row:
        continue
    session.add(row)
session.close()""",
}
SOUND = {
    "go, deferred": """conn, err := pool.Acquire(ctx)
if err != nil {
    return err
}
defer conn.Release()
if order.Total > limit {
    return ErrLimit
}""",
    "go, straight": """conn, err := pool.Acquire(ctx)
if err != nil {
    return err
}
use(conn)
conn.Release()
return nil""",
    "java, finally": """Connection one = pool.borrow();
try {
    if (refused) {
        throw new Refused();
    }
} finally {
    one.close();
}""",
    "python, with": """with self.sessions.checkout() as session:
    if not rows:
        return None
    session.add(rows)""",
}


def mechanisms(code: str) -> frozenset[Mechanism]:
    diff = "@@ -1 +1 @@\n-old()\n" + "".join(f"+{line}\n" for line in code.splitlines())
    return delta_of(("a/store.x",), diff).mechanisms


@pytest.mark.parametrize("code", LEAKS.values(), ids=LEAKS)
def test_a_path_that_leaves_before_giving_back_is_told(code: str) -> None:
    assert Mechanism.RELEASE_REMOVED in mechanisms(code)


@pytest.mark.parametrize("code", SOUND.values(), ids=SOUND)
def test_code_that_gives_back_on_every_path_is_not(code: str) -> None:
    assert Mechanism.RELEASE_REMOVED not in mechanisms(code)
