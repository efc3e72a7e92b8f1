"""The forms in which remarks are printed: text for people, JSON, SARIF 2.1.0, and annotations of a GitHub job."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from afteraction import __version__
from afteraction.checks import RULES, Remark, Severity

Printer = Callable[[tuple[Remark, ...], int], str]

_SARIF_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GITHUB_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_text(remarks: tuple[Remark, ...], files: int) -> str:
    """Print a line per remark, a suggestion once per rule and file, and the sum."""
    lines: list[str] = []
    suggested: set[tuple[str, str]] = set()
    for remark in remarks:
        lines.append(f"{remark.file}:{remark.line}: {remark.rule} {remark.severity}: {remark.message}")
        if (remark.file, remark.rule) not in suggested:
            suggested.add((remark.file, remark.rule))
            lines.append(f"    {remark.suggestion}")
    counts = Counter(remark.severity for remark in remarks)
    told = ", ".join(f"{counts[s]} {s}{'s' if counts[s] != 1 else ''}" for s in Severity if counts[s])
    many = f"{files} files" if files != 1 else "1 file"
    lines.append(f"{many}: {told or 'nothing to remark'}")
    return "\n".join(lines) + "\n"


def as_json(remarks: tuple[Remark, ...], files: int) -> str:
    """Print `{files, remarks[{file, line, rule, severity, message, suggestion}]}`."""
    found = [
        {
            "file": r.file,
            "line": r.line,
            "rule": r.rule,
            "severity": str(r.severity),
            "message": r.message,
            "suggestion": r.suggestion,
        }
        for r in remarks
    ]
    return json.dumps({"files": files, "remarks": found}, indent=2, ensure_ascii=False) + "\n"


def as_sarif(remarks: tuple[Remark, ...], files: int) -> str:
    """Print a SARIF 2.1.0 log, as code scanning services read it."""
    del files
    rules: list[dict[str, Any]] = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.why},
            "help": {"text": rule.suggestion},
            "defaultConfiguration": {"level": _SARIF_LEVEL[rule.severity]},
        }
        for rule in RULES
    ]
    results = [
        {
            "ruleId": remark.rule,
            "level": _SARIF_LEVEL[remark.severity],
            "message": {"text": f"{remark.message} {remark.suggestion}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(remark.file)},
                        "region": {"startLine": remark.line},
                    }
                }
            ],
        }
        for remark in remarks
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": {"name": "afteraction", "version": __version__, "rules": rules}}, "results": results}
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def as_github(remarks: tuple[Remark, ...], files: int) -> str:
    """Print workflow commands, which a GitHub job shows beside the lines."""
    del files
    lines = [
        f"::{_GITHUB_LEVEL[r.severity]} file={_property(r.file)},line={r.line},title={_property(r.rule)}::"
        f"{_escaped(f'{r.message} {r.suggestion}')}"
        for r in remarks
    ]
    return "".join(line + "\n" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


SHAPES: dict[str, Printer] = {"text": as_text, "json": as_json, "sarif": as_sarif, "github": as_github}
"""The printers by the word of `--format`."""
