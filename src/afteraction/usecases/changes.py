"""Changes in their order: entries of the audit trail come in as they can be seen, and go out by number, each once.

An entry has its number before it can be seen, and on PostgreSQL a later number may be seen earlier. What stands behind a missing
number waits until that one comes, or until every change has ended that was being made when it was first missed; then it was undone.
So a reader who names the last number that they got misses nothing and gets nothing twice, whichever worker they ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from afteraction.model.record import AuditEntry
from afteraction.ports.store import Transaction

LOOKED_BACK = 500
"""So many numbers before the last one that is seen may still be missing when one begins to follow."""
BATCH = 1000
_PATIENCE = 600
"""After so many looks a change that hangs is not waited for any more: everybody else waits behind it."""


@dataclass(slots=True)
class Settling:
    """Puts changes in order. All up to `settled` were given out or will never come."""

    settled: int
    _waiting: dict[int, AuditEntry] = field(default_factory=dict)
    _missed: dict[int, int | None] = field(default_factory=dict)
    """For each missing number the change that was to begin next when it was missed; None until the look after that."""
    _looks: dict[int, int] = field(default_factory=dict)

    @property
    def waiting(self) -> frozenset[int]:
        """The numbers that are there and wait for an earlier one."""
        return frozenset(self._waiting)

    def take(self, entries: Sequence[AuditEntry], running: tuple[int, int]) -> list[AuditEntry]:
        """Return what is settled by a look at the record; `running` was read before the entries were."""
        self._waiting.update({entry.number: entry for entry in entries if entry.number > self.settled})
        if not self._waiting:
            return []
        for number in range(self.settled + 1, max(self._waiting)):
            if number not in self._waiting:
                self._miss(number, running)
        told = []
        while self._waiting and (self.settled + 1 in self._waiting or self._gone(self.settled + 1, running)):
            self.settled += 1
            self._missed.pop(self.settled, None)
            self._looks.pop(self.settled, None)
            if found := self._waiting.pop(self.settled, None):
                told.append(found)
        return told

    def _miss(self, number: int, running: tuple[int, int]) -> None:
        if number not in self._missed:
            self._missed[number] = None  # whoever has it may have begun after `running` was read
        elif self._missed[number] is None:
            self._missed[number] = running[1]
            self._looks[number] = 0
        else:
            self._looks[number] += 1

    def _gone(self, number: int, running: tuple[int, int]) -> bool:
        """Say whether a missing number will not come any more: it was looked for once more after its change had ended."""
        noted = self._missed.get(number)
        looks = self._looks.get(number, 0)
        return noted is not None and looks > 0 and (running[0] >= noted or looks > _PATIENCE)


def begin_settling(record: Transaction) -> Settling:
    """Begin to follow now. What stands there already is settled, but for numbers that are still missing among the last."""
    settling = Settling(settled=max(0, record.last_audit() - LOOKED_BACK))
    look(record, settling)
    return settling


def look(record: Transaction, settling: Settling) -> list[AuditEntry]:
    """Look at the record once; return what is settled by it, in order."""
    running = record.changes_running()
    return settling.take(record.audit(after=settling.settled, limit=BATCH), running)
