"""Log patterns that another tool counted, as JSON records of a signature, a service and counts: statements.

The patterns carry no time, so they are no events; each becomes a statement `evidence.pattern` that holds the record as
JSON, for the evidence engine to weigh.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from afteraction.formats.json_items import read_items
from afteraction.formats.json_shapes import JsonShape, inner_key, inner_list, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.model.origin import Basis, Origin
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
        records, faults = read_items(raw)
        problems.extend(faults)
        items: list[tuple[Origin, Mapping[str, object]]] = []
        for index, found in enumerate(records):
            if not isinstance(found.value, Mapping):
                problems.add("the record is no JSON object", line=found.line)
            elif len(records) == 1 and inner_list(found.value):
                key = inner_key(found.value)
                items += [
                    (Origin(file=raw.name, record=f"{key}[{at}]"), item)
                    for at, item in enumerate(inner_list(found.value))
                    if isinstance(item, Mapping)
                ]
            else:
                origin = Origin(file=raw.name, line=found.line, line_end=found.line_end, record=f"[{index}]")
                items.append((origin, found.value))
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
        return Reading(statements=statements, problems=problems.close(), lines=len(records))
