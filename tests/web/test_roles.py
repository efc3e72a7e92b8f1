"""Every route times every role: who may is written in `rights.txt`, and is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from afteraction.model.account import Right, Role

TABLE = Path(__file__).with_name("rights.txt")


def written() -> dict[str, list[str]]:
    """Return the table: `METHOD PATH` with its right and marks."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {f"{method} {path}": rest for method, path, *rest in lines}


WRITTEN = written()
RIGHTS = {right.value for right in Right}


def routes(app: Any) -> dict[str, Any]:
    """Return what the application answers to, by `METHOD PATH`."""
    found = {}
    for one in iter_route_contexts(app.routes):
        assert getattr(one, "methods", None), f"{one} is mounted without methods; the table cannot speak of it"
        found |= {f"{method} {one.path}": one for method in one.methods}
    return found


def needed(dependant: Any) -> set[str]:
    """Return the rights that a route's dependencies ask for."""
    found: set[str] = set()
    for one in dependant.dependencies:
        if getattr(one.call, "__qualname__", "") == "may.<locals>.allowed":
            found.add(one.call.__closure__[0].cell_contents.value)
        found |= needed(one)
    return found


def ask(client: Any, route: str) -> Any:
    method, path = route.split()
    return client.request(method, re.sub(r"\{[^}]*\}", "1", path), follow_redirects=False)


def test_every_route_stands_in_the_table_and_every_line_of_the_table_is_a_route(office: Any) -> None:
    known = routes(office.anonymous.app)
    missing = [
        f"{name} {' '.join(needed(known[name].dependant)) or 'anybody?'}" for name in sorted(set(known) - set(WRITTEN))
    ]
    assert missing == [], f"is this what is meant? Then add to {TABLE.name}:\n" + "\n".join(missing)
    assert sorted(set(WRITTEN) - set(known)) == [], f"{TABLE.name} names routes that are not there"


def test_every_route_asks_for_the_right_that_is_written(office: Any) -> None:
    asked = {
        name: needed(one.dependant) if hasattr(one, "dependant") else set()
        for name, one in routes(office.anonymous.app).items()
    }
    assert asked == {name: {right[0]} & RIGHTS for name, right in WRITTEN.items()}


@pytest.mark.parametrize("role", [None, *Role])
def test_who_lacks_the_right_is_refused_and_who_has_it_is_not(office: Any, role: Role | None) -> None:
    client = office.anonymous if role is None else office.clients[role]
    rights = {right.value for right in role.rights} if role else set()
    wrong = {}
    for route, (right, *marks) in WRITTEN.items():
        if right not in RIGHTS:
            continue
        if right in rights and "stream" in marks:
            continue
        status = ask(client, route).status_code
        allowed = status not in {401, 403}
        if allowed != (right in rights) or (role is None and status != 401):
            wrong[route] = (right, status)
    assert wrong == {}


def test_every_change_by_api_needs_more_than_reading_unless_it_is_about_oneself() -> None:
    own = re.compile(r"/api/v1/(me|sessions|tokens)\b")
    changes = {
        name: right[0] for name, right in WRITTEN.items() if name.split()[0] in {"POST", "PUT", "PATCH", "DELETE"}
    }
    api = {name: right for name, right in changes.items() if "/api/v1/" in name and not own.search(name)}
    assert {name for name, right in api.items() if right in {"read", "anybody"}} == set()


def test_a_route_that_needs_no_signing_in_tells_a_stranger_nothing_of_the_record(office: Any) -> None:
    with office.desk.store.begin() as record:
        handles = [account.name for account in record.accounts()]
    for route, (right, *_) in WRITTEN.items():
        if right == "anybody" and route.startswith("GET"):
            answer = ask(office.anonymous, route)
            assert answer.status_code < 500, route
            if not route.endswith("openapi.json"):
                assert not any(name in answer.text for name in handles), route
