"""The part of the contract that is about deliveries: memory, SQLite, PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from afteraction.errors import Conflict, NotInRecord
from afteraction.model.delivery import Delivery, TrackedAlert
from afteraction.model.record import Incident, IncidentStatus
from afteraction.ports.store import Store
from afteraction.store.database import DatabaseStore

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def delivery(number: int = 1, **more: object) -> Delivery:
    told = {
        "id": f"d{number}", "vendor": "grafana", "hook": "grafana", "key": f"k{number}", "body": '{"a":"\N{PILE OF POO}"}',
        "at": NOW + timedelta(minutes=number), "problems": ("it is odd",), "marks": ("service:cart",), "events": 2,
    }  # fmt: skip
    return Delivery(**told | more)  # type: ignore[arg-type]


def opened(store: Store, *names: str) -> None:
    with store.begin() as record:
        for name in names:
            record.put_incident(Incident(id=name, title="t", opened_at=NOW))


def test_a_delivery_is_given_back_as_it_was_kept(store: Store) -> None:
    with store.begin() as record:
        record.add_delivery(delivery())
    with store.begin() as record:
        assert record.delivery("d1") == delivery() == record.delivered("grafana", "k1")
        assert record.delivery("d2") is None
        assert record.delivered("other", "k1") is None
        record.put_delivery(replace(delivery(), incident="INC-1", line=3))
        assert record.delivery("d1") == delivery(incident="INC-1", line=3)


def test_a_delivery_of_one_key_is_kept_once_for_each_hook(store: Store) -> None:
    with store.begin() as record:
        record.add_delivery(delivery())
        record.add_delivery(delivery(2, key="k1", hook="other"))
    with pytest.raises(Conflict), store.begin() as record:
        record.add_delivery(delivery(3, key="k1"))
    with store.begin() as record:
        assert [one.id for one in record.deliveries()] == ["d2", "d1"]


def test_deliveries_are_listed_newest_first_filtered_and_in_pages(store: Store) -> None:
    with store.begin() as record:
        for number in range(1, 6):
            record.add_delivery(delivery(number, incident="INC-1" if number in {2, 4} else ""))
    with store.begin() as record:
        assert [one.id for one in record.deliveries(limit=2)] == ["d5", "d4"]
        assert [one.id for one in record.deliveries(limit=2, after="d4")] == ["d3", "d2"]
        assert [one.id for one in record.deliveries(incident="")] == ["d5", "d3", "d1"]
        assert [one.id for one in record.deliveries(incident="INC-1")] == ["d4", "d2"]
        assert [one.id for one in record.deliveries(since=NOW + timedelta(minutes=4))] == ["d5", "d4"]
        assert [one.id for one in record.deliveries(without=frozenset({"INC-1"}))] == ["d5", "d3", "d1"]


def test_lines_are_counted_for_each_incident_hook_and_source(store: Store) -> None:
    opened(store, "INC-1", "INC-2")
    with store.begin() as record:
        assert record.next_line("INC-1", "grafana", "alertmanager") == 1
        record.add_delivery(delivery(1, incident="INC-1", source="alertmanager", line=7))
        assert record.next_line("INC-1", "grafana", "alertmanager") == 8
        assert record.next_line("INC-2", "grafana", "alertmanager") == 1
        assert record.next_line("INC-1", "other", "alertmanager") == 1
        assert record.next_line("INC-1", "grafana", "pagerduty") == 1


def test_a_database_gives_lines_of_known_incidents_only(url: str) -> None:
    store = DatabaseStore(url)
    with pytest.raises(NotInRecord), store.begin() as record:
        record.next_line("INC-9", "grafana", "alertmanager")
    store.close()


def test_the_newest_incident_that_runs_for_a_service_is_found(store: Store) -> None:
    with store.begin() as record:
        for number, status in enumerate(IncidentStatus):
            record.put_incident(
                Incident(id=f"INC-{number}", title="t", opened_at=NOW + timedelta(hours=number), services=("cart",), status=status)
            )  # fmt: skip
    with store.begin() as record:
        assert record.running_for("cart") == "INC-1"  # mitigated; those after it are over
        assert record.running_for("orders") == ""


def test_alerts_are_kept_by_key_and_replaced(store: Store) -> None:
    opened(store, "INC-1", "INC-2")
    first = TrackedAlert(key="a", incident="INC-1", at=NOW, began=NOW)
    other = TrackedAlert(key="b", incident="INC-1", at=NOW)
    with store.begin() as record:
        record.put_alerts([other, first])
        record.put_alerts([])
    with store.begin() as record:
        assert record.alerts(["b", "a", "c", "a"]) == (first, other)
        assert record.alerts([]) == ()
        moved = replace(first, incident="INC-2", ended=NOW)
        record.put_alerts([moved])
        assert record.alerts_of("INC-1") == (other,)
        assert record.alerts_of("INC-2") == (moved,)
    assert first.firing
    assert not moved.firing
    assert not other.firing


def test_only_one_of_those_who_open_incidents_goes_on(url: str) -> None:
    store, order = DatabaseStore(url), []
    held = Barrier(2)

    def first() -> None:
        with store.begin() as record:
            record.hold_openings()
            held.wait()
            order.append("first")

    def second() -> None:
        held.wait()
        with store.begin() as record:
            record.hold_openings()
            order.append("second")

    threads = [Thread(target=one) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert order == ["first", "second"]
