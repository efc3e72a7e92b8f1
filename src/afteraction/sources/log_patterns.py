"""Log patterns that another tool counted, as JSON records of a signature, a service and counts: statements.

The patterns carry no time, so they are no events; each becomes a statement `evidence.pattern` that holds the record as
JSON, for the evidence engine to weigh.
"""

from __future__ import annotations

import json
from dataclasses import replace

from afteraction.formats.json_shapes import JsonShape, json_records, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.model.origin import Basis
from afteraction.model.reading import Context, RawInput, Reading, Statement

FIELD = "evidence.pattern"


class LogPatterns:
    """The source."""

    name = "log-patterns"
    summary = "Log patterns with counts, as another tool exported them: evidence."

    def claims(self, raw: RawInput) -> bool:
        """Claim records of a signature and a count."""
        return json_shape(raw) is JsonShape.PATTERNS

    def read(self, raw: RawInput, context: Context) -> Reading:  # noqa: ARG002  # patterns have no times
        """Read all patterns."""
        problems = ProblemList(raw.name)
        items = [
            (origin if origin.record else replace(origin, record=f"[{index}]"), record)
            for index, (origin, record) in enumerate(json_records(raw, problems))
        ]
        statements = tuple(
            Statement(
                field=FIELD,
                value=json.dumps(item, ensure_ascii=False, sort_keys=True, default=str),
                origin=origin,
                source=self.name,
                basis=Basis.OBSERVED,
            )
            for origin, item in items
        )
        return Reading(statements=statements, problems=problems.close(), lines=len(items))
