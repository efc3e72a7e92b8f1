"""Workers that get the same at once, and a service that is killed: nothing that was acknowledged is lost or there twice."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from hook_senders import Sender, alert, bearer, group

from afteraction.usecases.deliver import Reader, arrived, deliver

BENCH = Path(__file__).resolve().parents[3] / "bench"


def at_once(hooked: Any, senders: list[Sender]) -> list[dict[str, Any]]:
    """Send all at the same moment, each from a thread of its own."""
    gate, told = Barrier(len(senders)), []

    def run(sender: Sender) -> None:
        gate.wait()
        told.append(hooked.send(sender))

    threads = [Thread(target=run, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == len(senders)
    return told


def test_one_delivery_that_many_get_at_once_has_one_effect(hooked_on: Any) -> None:
    told = at_once(hooked_on, [Sender("alertmanager", group(alert()), bearer)] * 8)
    assert sum(one["new"] for one in told) == 1
    assert len({(one["delivery"], one["incident"]) for one in told}) == 1
    [incident] = hooked_on.incidents()
    assert len(hooked_on.events(incident.id)) == 1


def test_many_alerts_of_a_service_that_come_at_once_open_one_incident(hooked_on: Any) -> None:
    senders = [Sender("alertmanager", group(alert(f"A{n}"), key=f"g{n}"), bearer) for n in range(10)]
    told = at_once(hooked_on, senders)
    assert len({one["incident"] for one in told}) == 1
    [incident] = hooked_on.incidents()
    events = hooked_on.events(incident.id)
    assert sorted(known.number for known in events) == list(range(1, 11))
    with hooked_on.desk.store.begin() as record:
        assert sorted(one.line for one in record.deliveries()) == list(range(1, 11))


def test_one_alert_that_two_alertmanagers_deliver_at_once_is_one_event(hooked_on: Any) -> None:
    bodies = [group(alert(), externalURL=f"http://am-{n}:9093") for n in range(6)]
    at_once(hooked_on, [Sender("alertmanager", body, bearer) for body in bodies])
    [incident] = hooked_on.incidents()
    assert len(hooked_on.events(incident.id)) == 1


def test_incidents_of_different_services_that_begin_in_one_minute_get_ids_of_their_own(hooked_on: Any) -> None:
    bodies = [group(alert("Down", f"service-{n}"), key=f"g{n}") for n in range(6)]
    told = at_once(hooked_on, [Sender("alertmanager", body, bearer) for body in bodies])
    assert Counter(one["incident"] for one in told).most_common(1)[0][1] == 1
    assert {one.id for one in hooked_on.incidents()} == {
        "INCIDENT-2026-03-04-0912", *(f"INCIDENT-2026-03-04-0912-{n}" for n in range(2, 7))
    }  # fmt: skip


def test_what_tells_of_an_incident_that_is_gone_is_kept_without_it(hooked_on: Any) -> None:
    desk = hooked_on.desk
    hook = next(hook for hook in desk.settings.hooks if hook.vendor == "alertmanager")
    came = arrived(hook, Sender("alertmanager", group(alert()), bearer).body, at=hooked_on.clock.time)
    reader = Reader(settings=desk.settings, sources=desk.sources, masker=desk.masker)
    done = deliver(desk.store, came, reader, into="INC-9")
    with desk.store.begin() as record:
        assert record.delivery(done.delivery.id) == done.delivery
    assert (done.delivery.incident, done.delivery.events) == ("", 0)
    assert "the record holds no incident INC-9" in done.delivery.problems[0]
    assert deliver(desk.store, came, reader, into="INC-9").new is False


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_service_that_is_killed_under_load_loses_nothing_that_it_acknowledged(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "postgresql" and not list(Path("/usr/lib/postgresql").glob("*/bin")):
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    monkeypatch.syspath_prepend(str(BENCH))
    spec = importlib.util.spec_from_file_location("service_kill", BENCH / "service_kill.py")
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    sys.modules["service_kill"] = bench
    spec.loader.exec_module(bench)
    found = bench.killed(kind, 3)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["numbers_without_gap"]
    assert (
        found["events"] == found["deliveries"] == found["in_search"] == found["in_audit_trail"] == found["acknowledged"]
    )
    assert found["acknowledged"] > 0
