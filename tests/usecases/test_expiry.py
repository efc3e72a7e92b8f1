from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from afteraction.errors import NotInRecord
from afteraction.model.collecting import CollectorSettings
from afteraction.model.record import Incident, RawMaterial
from afteraction.store.memory import MemoryStore
from afteraction.usecases.expiry import Expiry, ExpiryState, expiries

OPENED = datetime(2026, 3, 4, 10, 40, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
PROMETHEUS = CollectorSettings(name="prometheus", url="http://x")


def clocks(
    at: datetime,
    *,
    closed: datetime | None = None,
    kept: tuple[tuple[str, datetime], ...] = (),
    collectors: tuple[CollectorSettings, ...] = (),
) -> dict[str, Expiry]:
    store = MemoryStore()
    with store.begin() as record:
        record.put_incident(Incident(id="INC-7", title="x", opened_at=OPENED, closed_at=closed))
        for number, (name, captured) in enumerate(kept):
            record.add_material("INC-7", RawMaterial(sha256=f"{number:064}", name=name, size=1, captured_at=captured))
        return {one.what: one for one in expiries(record, "INC-7", at=at, collectors=collectors)}


@pytest.mark.parametrize(
    ("minutes", "closed", "state"),
    [
        (30, None, ExpiryState.NOT_KEPT), (61, None, ExpiryState.VANISHING), (70, 20, ExpiryState.VANISHING),
        (81, 20, ExpiryState.GONE), (10_000, None, ExpiryState.VANISHING),
    ],
)  # fmt: skip
def test_events_of_a_cluster_live_an_hour(minutes: int, closed: int | None, state: ExpiryState) -> None:
    ended = OPENED + closed * MINUTES if closed is not None else None
    found = clocks(OPENED + minutes * MINUTES, closed=ended)["events of the cluster"]
    assert (found.state, found.vanishes_from) == (state, OPENED + 60 * MINUTES)
    assert found.gone_at == (ended + 60 * MINUTES if ended else None)
    assert found.lives == "1 hour after they were seen"


def test_what_was_captured_is_kept_up_to_then() -> None:
    names = ("events-shop-2026-03-04T10-55-00Z.yaml", "collected/kubernetes/events-shop-2026-03-04T11-30-00Z.json")
    early, late = ((name, OPENED + minutes * MINUTES) for name, minutes in zip(names, (15, 50), strict=True))
    during = clocks(OPENED + 55 * MINUTES, kept=(early, late))["events of the cluster"]
    assert (during.state, during.kept_at) == (ExpiryState.PARTLY_KEPT, late[1])
    over = clocks(OPENED + 500 * MINUTES, closed=OPENED + 45 * MINUTES, kept=(early, late))["events of the cluster"]
    assert over.state is ExpiryState.KEPT


def test_a_product_shows_when_it_is_set_up_and_its_own_retention_counts() -> None:
    assert "metrics" not in clocks(OPENED)
    usual = clocks(OPENED, collectors=(PROMETHEUS,))["metrics"]
    assert (usual.vanishes_from, usual.lives) == (OPENED + timedelta(days=15), "15 days")
    assert usual.save == "afteraction collect --incident INC-7 --only prometheus"
    short = CollectorSettings(name="prometheus", url="http://x", keeps=timedelta(days=2))
    loki = CollectorSettings(name="loki", url="http://x", keeps=timedelta(hours=36))
    found = clocks(OPENED, collectors=(short, loki))
    assert found["metrics"].vanishes_from == OPENED + timedelta(days=2)
    assert (found["logs in Loki"].vanishes_from, found["logs in Loki"].lives) == (
        OPENED + timedelta(hours=36),
        "36 hours",
    )


def test_what_vanishes_first_comes_first_and_what_no_clock_decides_last() -> None:
    found = list(clocks(OPENED, collectors=(PROMETHEUS,)).values())
    assert [one.what for one in found][:2] == ["events of the cluster", "metrics"]
    assert all(one.vanishes_from is None for one in found[2:])


def test_an_incident_that_is_not_there_is_told() -> None:
    with MemoryStore().begin() as record, pytest.raises(NotInRecord):
        expiries(record, "INC-9", at=OPENED)
