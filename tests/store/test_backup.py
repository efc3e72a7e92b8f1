"""The whole record in one file, and back, from each database into each."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from afteraction.errors import BadBackup, Conflict
from afteraction.model.delivery import Delivery, TrackedAlert
from afteraction.model.event import Actor, ActorKind, Alert, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.record import (
    COMPUTED,
    AuditEntry,
    Author,
    Incident,
    Indexed,
    RawMaterial,
    Revision,
    TrackedAction,
    TrackedReview,
    Wanted,
)
from afteraction.ports.store import Store
from afteraction.store.backup import check_backup, restore_backup, write_backup
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.database import DatabaseStore, engine_for

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ANNA = Author(name="anna")
RAW = bytes(range(256)) * 5000


def fill(store: Store, blobs: MemoryBlobs) -> None:
    sha256, size = blobs.put(io.BytesIO(RAW))
    event = Event(
        at=NOW, precision=Precision.SECOND, kind=EventKind.ALERT_FIRING, text="cart is down – „ganz“ 🔥", source="notes",
        origin=Origin(file="a.md", line=1), actor=Actor(name="Anna", kind=ActorKind.PERSON), detail=Alert(key="k", name="Down"),
    )  # fmt: skip
    with store.begin() as record:
        for number in range(1, 4):
            name = f"INC-{number}"
            record.put_incident(Incident(id=name, title="Checkout fails", opened_at=NOW, services=("cart", "web")))
            record.add_events(name, [event], known_at=NOW + timedelta(microseconds=number))
            record.add_revision(
                Revision(incident=name, number=1, author=COMPUTED, at=NOW, reason="r", markdown="# A\n", authors=(("a.b", ANNA),))
            )  # fmt: skip
            record.put_actions(name, [TrackedAction(incident=name, number=1, text="Add a limit", horizon="week")])
            record.put_reviews(name, [TrackedReview(incident=name, name="1 week", due=NOW)])
            record.put_findings(name, "{}", at=NOW)
            record.add_material(name, RawMaterial(sha256=sha256, name="kubectl.txt", size=size, captured_at=NOW))
            record.add_audit(AuditEntry(at=NOW, author=ANNA, what=f"opened {number}", incident=name))
            record.index(name, Indexed.EVENT, "1", "the pool is exhausted")
            record.add_delivery(
                Delivery(id=f"d{number}", vendor="grafana", hook="grafana", key=f"k{number}", at=NOW, incident=name, body='{"a": 1}',
                         source="alertmanager", line=1, events=1, problems=("odd",), marks=("service:cart",))
            )  # fmt: skip
            record.put_alerts([TrackedAlert(key=f"grafana:{number}", incident=name, at=NOW, began=NOW)])


def everything(url: str) -> object:
    store = DatabaseStore(url)
    with store.begin() as record:
        incidents = record.incidents(Wanted())
        told = [
            (one, record.events(one.id), record.revisions(one.id), record.material(one.id), record.findings(one.id))
            for one in incidents
        ]
        all_of = (record.actions(), record.reviews(), record.audit(), record.search("pool"), record.incidents(Wanted(service="web")))  # fmt: skip
        delivered = (record.deliveries(), [record.alerts_of(one.id) for one in incidents])
    store.close()
    return told, all_of, delivered


@pytest.fixture
def filled(url: str, tmp_path: Path) -> tuple[str, Path]:
    """Return the address of a filled record, and a backup of it."""
    blobs, store = MemoryBlobs(), DatabaseStore(url)
    fill(store, blobs)
    store.close()
    engine = engine_for(url)
    with (tmp_path / "backup.zip").open("wb") as file:
        done = write_backup(engine, blobs, file, at=NOW)
    engine.dispose()
    assert (done.incidents, done.material, done.missing) == (3, 1, ())
    return url, tmp_path / "backup.zip"


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/elsewhere.db"
    return str(request.getfixturevalue("postgres_url"))


def restored(backup: Path, url: str, blobs: MemoryBlobs) -> None:
    engine: Engine = engine_for(url)
    try:
        restore_backup(backup, engine, blobs)
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "elsewhere"), [("sqlite", "sqlite"), ("sqlite", "postgres"), ("postgres", "sqlite")], indirect=True
)
def test_a_record_is_the_same_after_backup_and_restore_into_either_database(
    filled: tuple[str, Path], elsewhere: str
) -> None:
    url, backup = filled
    blobs = MemoryBlobs()
    restored(backup, elsewhere, blobs)
    assert everything(elsewhere) == everything(url)
    store = DatabaseStore(elsewhere)
    with store.begin() as record:
        found = blobs.open(record.material("INC-1")[0].sha256)
        assert found is not None
        assert found.read() == RAW
        record.add_audit(AuditEntry(at=NOW, author=ANNA, what="after"))
        record.index("INC-1", Indexed.EVENT, "2", "another pool")
        assert record.audit()[-1].what == "after"
        assert len(record.search("pool")) == 4
    store.close()


def test_a_record_that_holds_incidents_is_not_restored_over(filled: tuple[str, Path]) -> None:
    url, backup = filled
    before = everything(url)
    with pytest.raises(Conflict, match="holds 3 incidents"):
        restored(backup, url, MemoryBlobs())
    assert everything(url) == before


def changed(backup: Path, name: str, content: bytes | None) -> Path:
    """Return a copy of a backup in which one member is another, or missing."""
    copy = backup.with_name("changed.zip")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(copy, "w") as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        if content is not None:
            new.writestr(name, content)
    return copy


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tables/incident.jsonl", b"{}\n", "was changed"),
        ("tables/incident.jsonl", None, "does not hold"),
        ("tables/more.jsonl", b"{}\n", "does not hold"),
        ("manifest.json", None, "is no backup"),
        ("manifest.json", b"[]", "is no backup"),
        ("manifest.json", b"{", "is no backup"),
        ("manifest.json", b'{"format": "other", "members": {}}', "this program reads"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_nothing_is_written(
    filled: tuple[str, Path], name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    copy = changed(filled[1], name, content)
    with pytest.raises(BadBackup, match=said):
        check_backup(copy)
    with pytest.raises(BadBackup, match=said):
        restored(copy, f"sqlite:///{tmp_path}/new.db", MemoryBlobs())
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_backup_of_a_later_version_or_one_that_breaks_off_is_refused(filled: tuple[str, Path]) -> None:
    with zipfile.ZipFile(filled[1]) as archive:
        manifest = json.loads(archive.read("manifest.json")) | {"revision": "9999"}
    with pytest.raises(BadBackup, match="later version"):
        check_backup(changed(filled[1], "manifest.json", json.dumps(manifest).encode()))
    whole = filled[1].read_bytes()
    for kept in range(0, len(whole), max(1, len(whole) // 40)):
        filled[1].write_bytes(whole[:kept])
        with pytest.raises(BadBackup):
            check_backup(filled[1])


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_flipped_byte_is_noticed_or_changes_nothing_that_is_held(filled: tuple[str, Path]) -> None:
    def held() -> dict[str, bytes]:
        with zipfile.ZipFile(filled[1]) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    whole, before = filled[1].read_bytes(), held()
    noticed = 0
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        filled[1].write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            check_backup(filled[1])
        except BadBackup:
            noticed += 1
        else:
            assert held() == before
    assert noticed > 100
