"""The record in a database: SQLite for one machine, PostgreSQL for a team; one code path for both.

A transaction on SQLite takes the one writer's place at once, so that it cannot fail half-way for another's sake; on
PostgreSQL a change locks the row of its incident. Refused with `Conflict`: a change of something that was changed
meanwhile. Refused with `StoreUnavailable`: a database that cannot be reached or written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql import ColumnElement, Select

from afteraction.errors import Conflict, StoreUnavailable, UsageError
from afteraction.model.event import Event
from afteraction.model.record import (
    AuditEntry,
    Hit,
    Incident,
    Indexed,
    KnownEvent,
    RawMaterial,
    Revision,
    TrackedAction,
    TrackedReview,
    Wanted,
)
from afteraction.store import rows
from afteraction.store import tables as t
from afteraction.store.database_accounts import AccountRows
from afteraction.store.database_deliveries import DeliveryRows
from afteraction.store.database_followed import FollowedRows
from afteraction.store.database_jobs import JobRows
from afteraction.store.database_replies import ReplyRows
from afteraction.store.identity import event_identity, known_after, search_words, stale
from afteraction.store.migrate import migrate

BUSY_SECONDS = 30
"""How long a transaction on SQLite waits for the writer before it."""
_BATCH = 500


def engine_for(url: str) -> Engine:
    """Return an engine whose transactions behave alike on both databases."""
    if url.startswith(("postgres://", "postgresql://")):
        url = f"postgresql+psycopg://{url.partition('://')[2]}"
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.isolation_level = None  # SQLAlchemy begins and ends transactions, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def reached(engine: Engine) -> Iterator[None]:
    """Turn the faults of a database into `Conflict` and `StoreUnavailable`, which say what to do."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(f"two changes met, so that this one was not made: {error.orig}") from error
    except DataError as error:
        raise UsageError(f"the record cannot hold this: {error.orig}") from error
    except DBAPIError as error:
        name = engine.url.render_as_string(hide_password=True)
        raise StoreUnavailable(
            f"the record at {name} cannot be used: {error.orig}; is the database running, and is there room on its disk?"
        ) from error


class DatabaseStore:
    """Keeps the record in the database that `url` names; brings its tables up to date first."""

    def __init__(self, url: str) -> None:
        self._engine = engine_for(url)
        self._writer = Lock()
        try:
            with reached(self._engine):
                migrate(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def begin(self) -> Iterator[DatabaseTransaction]:
        """Begin a transaction."""
        with reached(self._engine), self._turn(), self._engine.begin() as connection:
            yield DatabaseTransaction(connection)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """On SQLite, wait for the threads that came before: the database itself lets those who wait look again and again."""
        if self._engine.dialect.name != "sqlite":
            yield
            return
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise StoreUnavailable(f"other work held the record for {BUSY_SECONDS} s; try again")
        try:
            yield
        finally:
            self._writer.release()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


class DatabaseTransaction(AccountRows, DeliveryRows, FollowedRows, JobRows, ReplyRows):
    """A transaction of the database."""

    def incidents(self, wanted: Wanted) -> tuple[Incident, ...]:
        """Return incidents, the newest first."""
        query = select(t.INCIDENT).order_by(t.INCIDENT.c.opened_at.desc(), t.INCIDENT.c.id.desc()).limit(wanted.limit)
        if wanted.status:
            query = query.where(t.INCIDENT.c.status.in_([status.value for status in wanted.status]))
        if wanted.service:
            served = select(t.SERVICE.c.incident).where(t.SERVICE.c.service == wanted.service)
            query = query.where(t.INCIDENT.c.id.in_(served))
        if wanted.severity:
            query = query.where(t.INCIDENT.c.severity == wanted.severity)
        if wanted.since is not None:
            query = query.where(t.INCIDENT.c.opened_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(t.INCIDENT.c.opened_at < wanted.until)
        if wanted.after and (last := self.incident(wanted.after)):
            query = query.where(tuple_(t.INCIDENT.c.opened_at, t.INCIDENT.c.id) < tuple_(last.opened_at, last.id))
        if wanted.without:
            query = query.where(t.INCIDENT.c.id.not_in(wanted.without))
        return self._with_members(self._all(query))

    def _with_members(self, found: list[dict[str, Any]]) -> tuple[Incident, ...]:
        members: dict[str, tuple[str, ...]] = {}
        if private := [row["id"] for row in found if row["private"]]:
            query = select(t.MEMBER).where(t.MEMBER.c.incident.in_(private)).order_by(t.MEMBER.c.account)
            for one in self._all(query):
                members[one["incident"]] = (*members.get(one["incident"], ()), one["account"])
        return tuple(rows.incident_of(row, members.get(row["id"], ())) for row in found)

    def hidden_from(self, account: str) -> frozenset[str]:
        """Return the private incidents that an account may not see."""
        seen = select(t.MEMBER.c.incident).where(t.MEMBER.c.account == account)
        query = select(t.INCIDENT.c.id).where(t.INCIDENT.c.private, t.INCIDENT.c.id.not_in(seen))
        return frozenset(self._connection.scalars(query))

    def incident(self, incident: str) -> Incident | None:
        """Return an incident, or None."""
        found = self._with_members(self._all(select(t.INCIDENT).where(t.INCIDENT.c.id == incident)))
        return found[0] if found else None

    def put_incident(self, incident: Incident) -> Incident:
        """Keep an incident, if nobody changed it meanwhile."""
        row = rows.incident_row(incident) | {"version": incident.version + 1}
        if incident.version:
            same = (t.INCIDENT.c.id == incident.id) & (t.INCIDENT.c.version == incident.version)
            if self._connection.execute(update(t.INCIDENT).where(same).values(row)).rowcount != 1:
                raise Conflict(stale(incident.id))
        elif self.incident(incident.id) is not None:
            raise Conflict(stale(incident.id))
        else:
            self._connection.execute(insert(t.INCIDENT).values(row))
        self._replace(
            t.SERVICE, incident.id, [{"incident": incident.id, "service": s} for s in dict.fromkeys(incident.services)]
        )
        members = tuple(sorted(set(incident.members))) if incident.private else ()
        self._replace(t.MEMBER, incident.id, [{"incident": incident.id, "account": one} for one in members])
        return rows.incident_of(row, members)

    def _replace(self, table: Any, incident: str, values: list[dict[str, Any]]) -> None:
        self._connection.execute(delete(table).where(table.c.incident == incident))
        if values:
            self._connection.execute(insert(table), values)

    def add_events(self, incident: str, events: Sequence[Event], *, known_at: datetime) -> tuple[KnownEvent, ...]:
        """Add the events that are not known yet."""
        self._lock(incident)
        identities = [event_identity(event) for event in events]
        new = dict(reversed(list(zip(identities, events, strict=True))))
        wanted = list(new)
        for start in range(0, len(wanted), _BATCH):
            some = wanted[start : start + _BATCH]
            query = select(t.EVENT.c.identity).where(t.EVENT.c.incident == incident, t.EVENT.c.identity.in_(some))
            for row in self._all(query):
                del new[row["identity"]]
        last = self._first(_LAST_EVENT, {"incident": incident}) or {"number": 0, "known_at": None}
        known_at = known_after(known_at, last["known_at"])
        kept = [event for identity, event in zip(identities, events, strict=True) if new.get(identity) is event]
        added = tuple(
            KnownEvent(number=n, known_at=known_at, event=event) for n, event in enumerate(kept, last["number"] + 1)
        )
        if added:
            self._connection.execute(insert(t.EVENT), [rows.event_row(incident, one) for one in added])
        return added

    def events(
        self,
        incident: str,
        *,
        known_at: datetime | None = None,
        after: int = 0,
        behind: tuple[datetime, int] | None = None,
        limit: int | None = None,
    ) -> tuple[KnownEvent, ...]:
        """Return the events in order of time, or those known at a moment."""
        columns = t.EVENT.c
        query = select(columns.number, columns.known_at, columns.detail, columns.body).where(
            columns.incident == incident
        )
        if known_at is not None:
            query = query.where(columns.known_at <= known_at)
        if behind is not None:
            query = query.where(tuple_(columns.at, columns.number) > tuple_(*behind))
        query = query.order_by(columns.at, columns.number)
        if limit is not None or after:
            query = query.offset(after).limit(limit)
        return tuple(map(rows.event_of, self._all(query)))

    def count_events(self, incident: str, *, known_at: datetime | None = None) -> int:
        """Return how many events there are."""
        query = select(func.count()).select_from(t.EVENT).where(t.EVENT.c.incident == incident)
        if known_at is not None:
            query = query.where(t.EVENT.c.known_at <= known_at)
        return self._connection.scalar(query) or 0

    def put_findings(self, incident: str, findings: str, *, at: datetime) -> None:
        """Keep the last investigation."""
        self._replace(t.FINDINGS, incident, [{"incident": incident, "at": at, "body": findings}])

    def findings(self, incident: str) -> str:
        """Return the last investigation."""
        return self._connection.scalar(select(t.FINDINGS.c.body).where(t.FINDINGS.c.incident == incident)) or ""

    def add_revision(self, revision: Revision) -> None:
        """Add the next revision."""
        self._lock(revision.incident)
        if self.revision(revision.incident, revision.number) is not None:
            raise Conflict(stale(revision.incident))
        self._connection.execute(insert(t.REVISION).values(rows.revision_row(revision)))

    def revisions(self, incident: str) -> tuple[Revision, ...]:
        """Return all revisions."""
        query = select(t.REVISION).where(t.REVISION.c.incident == incident).order_by(t.REVISION.c.number)
        return tuple(map(rows.revision_of, self._all(query)))

    def revision(self, incident: str, number: int | None = None) -> Revision | None:
        """Return a revision, or the last."""
        query = select(t.REVISION).where(t.REVISION.c.incident == incident)
        if number is not None:
            query = query.where(t.REVISION.c.number == number)
        found = self._all(query.order_by(t.REVISION.c.number.desc()).limit(1))
        return rows.revision_of(found[0]) if found else None

    def put_actions(self, incident: str, actions: Sequence[TrackedAction]) -> None:
        """Replace the actions of an incident."""
        self._replace(t.ACTION, incident, [rows.action_row(action) for action in actions])

    def actions(self, incident: str = "") -> tuple[TrackedAction, ...]:
        """Return the actions of an incident, or of all."""
        query = _of(select(t.ACTION), t.ACTION.c.incident, incident).order_by(t.ACTION.c.incident, t.ACTION.c.number)
        return tuple(map(rows.action_of, self._all(query)))

    def put_reviews(self, incident: str, reviews: Sequence[TrackedReview]) -> None:
        """Replace the reviews of an incident."""
        self._replace(t.REVIEW, incident, [rows.review_row(review) for review in reviews])

    def reviews(self, incident: str = "") -> tuple[TrackedReview, ...]:
        """Return the reviews of an incident, or of all."""
        query = _of(select(t.REVIEW), t.REVIEW.c.incident, incident)
        return tuple(
            map(rows.review_of, self._all(query.order_by(t.REVIEW.c.due, t.REVIEW.c.incident, t.REVIEW.c.name)))
        )

    def add_material(self, incident: str, material: RawMaterial) -> None:
        """Note raw material; once more is nothing new."""
        columns = t.MATERIAL.c
        same = (columns.incident == incident) & (columns.sha256 == material.sha256) & (columns.name == material.name)
        if not self._all(select(columns.name).where(same)):
            self._connection.execute(insert(t.MATERIAL).values(rows.material_row(incident, material)))

    def material(self, incident: str) -> tuple[RawMaterial, ...]:
        """Return the raw material in order of name."""
        query = select(t.MATERIAL).where(t.MATERIAL.c.incident == incident)
        return tuple(map(rows.material_of, self._all(query.order_by(t.MATERIAL.c.name, t.MATERIAL.c.sha256))))

    def add_audit(self, entry: AuditEntry) -> None:
        """Add to the audit trail."""
        self._connection.execute(insert(t.AUDIT).values(rows.audit_row(entry)))

    def audit(
        self,
        incident: str = "",
        *,
        after: int = 0,
        limit: int | None = None,
        without: frozenset[str] = frozenset(),
    ) -> tuple[AuditEntry, ...]:
        """Return the audit trail, or a page of it."""
        query = _of(select(t.AUDIT), t.AUDIT.c.incident, incident).where(t.AUDIT.c.number > after)
        if without:
            query = query.where(t.AUDIT.c.incident.not_in(without))
        return tuple(map(rows.audit_of, self._all(query.order_by(t.AUDIT.c.number).limit(limit))))

    def last_audit(self) -> int:
        """Return the number of the last entry of the audit trail."""
        return self._connection.scalar(select(func.max(t.AUDIT.c.number))) or 0

    def changes_running(self) -> tuple[int, int]:
        """Return the oldest change that runs, and the next; on SQLite one ends before another begins."""
        if self._connection.dialect.name == "sqlite":
            return 0, 0
        oldest, following = self._connection.execute(text(_RUNNING)).one()
        return int(oldest), int(following)

    def index(self, incident: str, kind: Indexed, ref: str, text: str) -> None:
        """Let a text be found."""
        self.index_all(incident, kind, {ref: text})

    def index_all(self, incident: str, kind: Indexed, texts: Mapping[str, str], *, new: bool = False) -> None:
        """Let many texts be found."""
        columns, refs = t.SEARCH.c, list(texts)
        for start in range(0, len(refs), _BATCH):
            some = refs[start : start + _BATCH]
            if not new:
                same = (columns.incident == incident) & (columns.kind == kind.value) & columns.ref.in_(some)
                self._connection.execute(delete(t.SEARCH).where(same))
            said = [(ref, texts[ref], " ".join(search_words(texts[ref]))) for ref in some]
            given = [{"incident": incident, "kind": kind.value, "ref": r, "text": x, "words": w} for r, x, w in said]
            self._connection.execute(insert(t.SEARCH), given)

    def search(
        self,
        words: str,
        *,
        limit: int = 20,
        without: frozenset[str] = frozenset(),
        kinds: tuple[Indexed, ...] = tuple(Indexed),
    ) -> tuple[Hit, ...]:
        """Return what holds all the words, the best first."""
        wanted = search_words(words)
        if not wanted:
            return ()
        database, lists = self._connection.dialect.name, {"without": sorted(without) or [""], "kinds": sorted(kinds)}
        given = {
            "wanted": " ".join(wanted if database != "sqlite" else (f'"{word}"' for word in wanted)),
            "most": limit,
        }
        some = _SOME_KINDS[database] if set(kinds) != set(Indexed) else ""
        query = text(_SEARCH[database].format(some=some))
        query = query.bindparams(
            *(bindparam(name, value, expanding=True) for name, value in lists.items() if f":{name}" in query.text)
        )
        found = self._connection.execute(query, given).mappings()
        return tuple(Hit(incident=r["incident"], kind=Indexed(r["kind"]), ref=r["ref"], text=r["text"]) for r in found)


_RUNNING = "SELECT pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text FROM pg_current_snapshot() s"
_SOME_KINDS = {
    "sqlite": "AND rowid IN (SELECT id FROM search WHERE kind IN :kinds) ",
    "postgresql": "AND kind IN :kinds ",
}
_INCIDENT = select(t.INCIDENT).where(t.INCIDENT.c.id == bindparam("incident"))
_LAST_EVENT = (
    select(t.EVENT.c.number, t.EVENT.c.known_at)
    .where(t.EVENT.c.incident == bindparam("incident"))
    .order_by(t.EVENT.c.number.desc())
    .limit(1)
)
_SEARCH = {
    "sqlite": (
        # Ranked before it is joined: a common word has 100,000 hits, of which twenty are shown.
        "WITH best AS (SELECT rowid AS id, rank FROM search_index WHERE search_index MATCH :wanted "
        "AND rowid NOT IN (SELECT id FROM search WHERE incident IN :without) {some}ORDER BY rank LIMIT :most) "
        "SELECT s.incident, s.kind, s.ref, s.text FROM best JOIN search s ON s.id = best.id "
        "ORDER BY best.rank, s.incident, s.kind, s.ref"
    ),
    "postgresql": (
        "SELECT incident, kind, ref, text FROM search, plainto_tsquery('simple', :wanted) q "
        "WHERE vector @@ q AND incident NOT IN :without {some}ORDER BY ts_rank(vector, q, 1) DESC, incident, kind, ref LIMIT :most"
    ),
}


def _of(query: Select[Any], column: ColumnElement[str], incident: str) -> Select[Any]:
    return query.where(column == incident) if incident else query
