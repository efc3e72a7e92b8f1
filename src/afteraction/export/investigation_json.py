"""The JSON of an investigation, as `evidence --json` prints it and the record keeps it: verdict, suspects, findings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from afteraction.model.finding import Finding, Investigation, Suspect
from afteraction.model.origin import Origin

Json = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """Return a time in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _citation(origin: Origin) -> Json:
    if origin.line is None:
        return {"file": origin.file, "record": origin.record}
    return {"file": origin.file, "line_start": origin.line, "line_end": origin.line_end or origin.line}


def finding(found: Finding) -> Json:
    """Return the JSON of a finding."""
    return {
        "id": found.id,
        "kind": str(found.kind),
        "rule": found.rule,
        "summary": found.summary,
        "service": found.service,
        "at": moment(found.at),
        "weight": round(found.weight, 4),
        "count": found.count,
        "excerpt": list(found.excerpt),
        "citations": [_citation(origin) for origin in found.citations],
    }


def suspect(found: Suspect) -> Json:
    """Return the JSON of a suspect."""
    return {
        "rank": found.rank,
        "kind": str(found.kind),
        "ref": found.ref,
        "service": found.service,
        "score": round(found.score, 4),
        "why": found.why,
        "cause_class": found.cause_class,
        "at": moment(found.at),
        "evidence": list(found.evidence),
        "against": list(found.against),
        "ruled_out": list(found.ruled_out),
        "look_next": found.look_next,
    }


def investigation(found: Investigation) -> Json:
    """Return the verdict, suspects and findings; the shape of `evidence --json` without its sources."""
    return {
        "verdict": str(found.verdict),
        "reason": found.reason,
        "onset": moment(found.onset),
        "recovered": moment(found.recovered),
        "blast_radius": list(found.blast_radius),
        "suspects": [suspect(s) for s in found.suspects],
        "findings": [finding(f) for f in found.findings],
    }
