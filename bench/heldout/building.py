"""Build incidents of the frozen kind: a folder with alert, logs, metrics, traces, patterns, commits, deploys, flags.

In: what an incident is made of, said in a few lines each, with its true cause. Out: the folder as a tool would have
saved it, and the truth beside it. Everything random is drawn from the incident's name, so that two runs are the same.
"""

from __future__ import annotations

import csv
import json
import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

from background import COMMITS

START = datetime(2026, 4, 14, 8, 0, tzinfo=UTC)
NONE = "none"


def sha(title: str) -> str:
    """Return the id of the commit with this title."""
    return sha1(title.encode()).hexdigest()


@dataclass(kw_only=True)
class Build:
    """One incident, minute by minute; `onset` and `minutes` count from its start, and so does every time given."""

    name: str
    cause: str
    """The title of the guilty commit, or `NONE`."""
    services: tuple[str, ...]
    quiet: tuple[str, ...]
    """What services say while nothing is wrong."""
    minutes: int = 90
    onset: float = 60
    lines: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    rows: list[tuple[float, str, str, float]] = field(default_factory=list)
    patterns: list[dict[str, Any]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    commits: list[dict[str, Any]] = field(default_factory=list)
    deploys: list[dict[str, Any]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    status: list[dict[str, Any]] = field(default_factory=list)
    alarm: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.name)
        for minute in range(self.minutes):
            for service in self.services:
                text = self.draw.choice(self.quiet)
                self.say(minute + self.draw.random(), service, "INFO", text)

    def at(self, minute: float) -> str:
        """Return the moment `minute` minutes after the start as a time stamp."""
        return (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def say(self, minute: float, service: str, level: str, text: str, **fields: Any) -> None:
        """One line; `#` in a text becomes a number that differs from line to line."""
        while "#" in text:
            text = text.replace("#", str(self.draw.randint(11, 4900)), 1)
        record = {"timestamp": self.at(minute), "service": service, "severity_text": level, "msg": text, **fields}
        self.lines.append((minute, record | {"trace_id": f"{self.draw.getrandbits(128):032x}"}))

    def complain(  # noqa: PLR0917  # one line of a table
        self, service: str, level: str, text: str, each: float = 0.5, start: float | None = None, end: float | None = None,
        **fields: Any,
    ) -> None:  # fmt: skip
        """Say `text` every `each` minutes from `start` (the onset) to `end`; a tool counts it as a pattern too."""
        minute, until = self.onset if start is None else start, self.minutes if end is None else end
        said = 0
        while minute < until:
            self.say(minute, service, level, text, **fields)
            minute += each * self.draw.uniform(0.6, 1.4)
            said += 1
        signature = re.sub(r"\d+", "<N>", text.replace("#", "<N>"))
        mood = "negative" if level in {"ERROR", "FATAL", "CRITICAL"} else "neutral"
        self.patterns.append({"signature": signature, "service": service, "count": said * 6, "delta_vs_baseline": f"+{said * 6}", "sentiment": mood})  # fmt: skip

    def measure(  # one line of a table
        self, service: str, metric: str, quiet: float, loud: float | None = None, start: float | None = None, *,
        climb: bool = False, noise: float = 0.04, whole: bool = False,
    ) -> None:  # fmt: skip
        """A value per minute: `quiet`, then `loud` from `start` (the onset) on, or climbing there until the onset."""
        begin = self.onset if start is None else start
        for minute in range(self.minutes):
            level = quiet
            if loud is not None and climb and minute >= begin:
                level = quiet + (loud - quiet) * min(1.0, (minute - begin) / max(1.0, self.onset - begin))
            elif loud is not None and minute >= begin:
                level = loud
            value = level * (1 + noise * self.draw.gauss(0, 1))
            self.rows.append((minute, service, metric, round(value) if whole else round(max(0.0, value), 4)))

    def trace(self, minute: float, *spans: tuple[str, str, float, str]) -> None:
        """One request: spans of service, name, milliseconds and error (empty when fine), each the next one's parent."""
        trace, parent = f"{self.draw.getrandbits(128):032x}", None
        for i, (service, name, took, error) in enumerate(spans):
            span: dict[str, Any] = {
                "trace_id": trace, "span_id": f"s{len(self.spans)}", "parent_id": parent, "service": service, "name": name,
                "start": self.at(minute + i / 6000), "duration_ms": took, "status": "ERROR" if error else "OK",
            }  # fmt: skip
            self.spans.append(span | ({"error": error} if error and error != "-" else {}))
            parent = span["span_id"]

    def commit(self, minute: float, title: str, files: str, diff: str | None) -> str:
        """Add a commit and return its id."""
        made = {
            "sha": sha(title),
            "author": self.draw.choice(("ada", "bo", "cem", "dia")),
            "timestamp": self.at(minute),
        }
        self.commits.append(made | {"message": title, "files_changed": files.split(), "diff": diff})
        return sha(title)

    def ship(
        self, minute: float, service: str, title: str, files: str, diff: str | None
    ) -> None:  # one line of a table
        """A commit, and its deploy to `service` at `minute`."""
        ref = self.commit(minute - self.draw.uniform(2, 6), title, files, diff)
        self.deploys.append({"timestamp": self.at(minute), "service": service, "commit_sha": ref,
                             "version": f"v2026.04.14-{int(minute):04d}"})  # fmt: skip

    def flag(self, minute: float, service: str, name: str) -> None:
        """Switch a flag on."""
        self.flags.append({"timestamp": self.at(minute), "flag": name, "service": service, "change": "off->on", "actor": "bo"})  # fmt: skip

    def event(self, minute: float, service: str, state: str, title: str, detail: str) -> None:
        """An entry of a provider's status feed."""
        self.status.append({
            "id": f"{service}-{int(minute)}", "service": service, "region": "global", "status": state, "title": title,
            "started_at": self.at(minute), "updated_at": self.at(self.minutes - 1), "resolved_at": None, "detail": detail,
        })  # fmt: skip

    def alert(self, minute: float, service: str, metric: str, summary: str, observed: float) -> None:
        """Say what woke somebody."""
        self.alarm = {
            "service": service, "metric": metric, "threshold": round(observed / 10, 3), "observed": observed,
            "fired_at": self.at(minute), "severity": "critical", "monitor": f"{service}-{metric}", "summary": summary,
        }  # fmt: skip

    def write(self, folder: Path) -> Path:
        """Write the incident into a folder of its own below `folder`, with commits that have nothing to do with it."""
        for title, files, diff in self.draw.sample(COMMITS, 18):
            self.commit(self.draw.uniform(0, self.minutes), title, files, diff)
        here = folder / self.name
        (here / "context").mkdir(parents=True)
        self.lines.sort(key=lambda pair: pair[0])
        (here / "logs.ndjson").write_text("".join(json.dumps(record) + "\n" for _, record in self.lines))
        with (here / "metrics.csv").open("w", newline="") as out:
            rows = sorted(self.rows, key=lambda row: row[0])
            csv.writer(out).writerows(
                [("timestamp", "service", "metric", "value"), *((self.at(m), *rest) for m, *rest in rows)]
            )
        said = [{"signature": text, "service": self.services[0], "count": 900, "delta_vs_baseline": "-60", "sentiment": "neutral"}
                for text in self.quiet]  # fmt: skip
        named: dict[str, Any] = {
            "alert.json": self.alarm, "patterns.json": [*self.patterns, *said], "traces.json": self.spans,
            "context/commits.json": sorted(self.commits, key=lambda c: str(c["timestamp"])),
            "context/deploys.json": self.deploys, "context/flags.json": self.flags,
        }  # fmt: skip
        if self.status:
            named["status_feed.json"] = {
                "source": "status page",
                "fetched_at": self.at(self.minutes),
                "events": self.status,
            }
        for name, value in named.items():
            (here / name).write_text(json.dumps(value, indent=1))
        return here

    @property
    def truth(self) -> str:
        """The id of the guilty commit, or `NONE`."""
        return NONE if self.cause == NONE else sha(self.cause)
