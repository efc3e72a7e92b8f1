"""Problems are collected here while a file is read; the same complaint a thousand times is said a few times and counted."""

from __future__ import annotations

from collections import Counter

from afteraction.model.origin import Origin
from afteraction.model.reading import Problem

_SAID = 5
"""How often one complaint about one file is spelled out."""


class ProblemList:
    """Collects the problems of one file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []
        self._counts: Counter[str] = Counter()

    def add(self, reason: str, *, line: int | None = None, record: str | None = None, remedy: str = "") -> None:
        """Note a problem; equal reasons are counted after the first few."""
        self._counts[reason] += 1
        if self._counts[reason] <= _SAID:
            origin = Origin(file=self._file, line=line, record=record)
            self._problems.append(Problem(origin=origin, reason=reason, remedy=remedy))

    def extend(self, problems: list[Problem]) -> None:
        """Take over problems that a reader found."""
        for problem in problems:
            self.add(problem.reason, line=problem.origin.line, record=problem.origin.record, remedy=problem.remedy)

    def close(self) -> tuple[Problem, ...]:
        """Return all problems, with a line for each complaint that was cut short."""
        more = [
            Problem(origin=Origin(file=self._file), reason=f"{count - _SAID} more times: {reason}")
            for reason, count in self._counts.items()
            if count > _SAID
        ]
        return (*self._problems, *more)
