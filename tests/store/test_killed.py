"""A writer that is killed: what it said was kept is kept, once."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

from afteraction.model.record import Incident, Indexed
from afteraction.store.database import DatabaseStore

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
KILLS = 8
WRITER = """
import sys
from datetime import UTC, datetime
from afteraction.model.record import Author, Indexed
from afteraction.store.database import DatabaseStore
from afteraction.usecases.incident import tell

store, run, now = DatabaseStore(sys.argv[1]), sys.argv[2], datetime.now(UTC)
for number in range(10_000):
    with store.begin() as record:
        tell(record, "INC-1", f"run{run} event{number}", happened=now, author=Author(name=f"{run}-{number}"), at=now)
    print(number, flush=True)
"""


def test_what_a_killed_writer_acknowledged_is_kept_once_and_can_be_found(url: str) -> None:
    store = DatabaseStore(url)
    with store.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
    acknowledged = []
    for run in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(run)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            first = [writer.stdout.readline() for _ in range(run % 8 + 1)]  # each dies later, wherever it is by then
            writer.kill()
            told = [line for line in (*first, *writer.stdout) if line.endswith("\n")]
        acknowledged += [f"run{run} event{int(line)}" for line in told]
    with store.begin() as record:
        kept = [known.event.text for known in record.events("INC-1")]
        numbers = sorted(known.number for known in record.events("INC-1"))
        assert len(kept) == len(set(kept))
        assert set(acknowledged) <= set(kept)
        assert len(kept) <= len(acknowledged) + KILLS  # at most the one that each writer was about to acknowledge
        assert numbers == list(range(1, len(kept) + 1))
        assert len(record.audit("INC-1")) == len(kept)
        found = {hit.text for hit in record.search("event0", limit=100) if hit.kind is Indexed.EVENT}
        assert found == {f"run{run} event0" for run in range(KILLS)}
    store.close()
