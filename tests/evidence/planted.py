"""Planted incidents: material with a known cause, built from a few lines each, for tests that know the truth."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from afteraction.model.event import Alert, Change, ChangeKind, Event, EventKind, Warned
from afteraction.model.log import LogFile, LogShape
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Material
from afteraction.model.series import Edge, Series, SeriesKind

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""An hour and a half of material; the trouble begins at minute `ONSET`."""
MINUTES, ONSET = 90, 60


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def event(
    kind: EventKind, minute: float, text: str, service: str = "", detail: object = None, *, line: int = 1
) -> Event:  # fmt: skip
    return Event(
        at=at(minute), precision=Precision.SECOND, kind=kind, text=text, source="planted", service=service,
        origin=Origin(file=f"{kind}.json", line=line), detail=detail,  # type: ignore[arg-type]
    )  # fmt: skip


def metric(
    service: str, name: str, quiet: float, loud: float | None = None, *, start: float = ONSET, ramp: bool = False,
    seed: int = 0, kind: SeriesKind = SeriesKind.GAUGE, wobble: float = 0.03, instance: str = "",
) -> Series:  # fmt: skip
    rng = np.random.default_rng(seed or sum(map(ord, name + service)))
    values = np.full(MINUTES, float(quiet)) * (1 + wobble * rng.standard_normal(MINUTES))
    minutes = np.arange(MINUTES)
    if loud is not None and ramp:
        climb = (minutes >= start) & (minutes <= ONSET)
        values[climb] += (loud - quiet) * (minutes[climb] - start) / max(1, ONSET - start)
        values[minutes > ONSET] = quiet
    elif loud is not None:
        hit = minutes >= start
        values[hit] = loud * (1 + wobble * rng.standard_normal(hit.sum()))
    times = np.array([at(m).timestamp() for m in range(MINUTES)])
    return Series(
        metric=name, service=service, times=times, values=np.cumsum(values) if kind is SeriesKind.COUNTER else values,
        origin=Origin(file="metrics.csv", line=2), lines=np.arange(2, MINUTES + 2), kind=kind, instance=instance,
    )  # fmt: skip


@dataclass
class Incident:
    """Collects the parts of one planted incident."""

    services: tuple[str, ...]
    lines: list[tuple[float, dict[str, object]]] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def __post_init__(self) -> None:
        for minute in range(MINUTES):
            for i, service in enumerate(self.services):
                self.say(minute + i / 60, service, "INFO", "handled request")

    def say(self, minute: float, service: str, level: str, text: str, **fields: object) -> None:
        self.lines.append((minute, {"service": service, "level": level, "msg": text, **fields}))

    def complain(self, service: str, text: str, *, start: float = ONSET, each: float = 0.5, **fields: object) -> None:
        minute = start
        while minute < MINUTES:
            self.say(minute, service, "ERROR", text, **fields)
            minute += each

    def calls(self, caller: str, callee: str) -> None:
        self.edges.append(Edge(caller=caller, callee=callee, origin=Origin(file="graph.csv", line=len(self.edges) + 2)))

    def deploy(  # noqa: PLR0917  # one line of a table
        self, minute: float, service: str, sha: str, title: str, files: tuple[str, ...], diff: str
    ) -> None:  # fmt: skip
        commit = Change(kind=ChangeKind.COMMIT, ref=sha, title=title, files=files, diff=diff)
        self.events.append(event(EventKind.CHANGE, minute - 3, title, "", commit, line=len(self.events) + 1))
        deployed = Change(kind=ChangeKind.DEPLOY, ref=sha, version=f"v{minute}")
        self.events.append(
            event(EventKind.CHANGE, minute, f"deploy v{minute}", service, deployed, line=len(self.events) + 1)
        )

    def status(self, minute: float, service: str, state: str, text: str) -> None:
        detail = Warned(object_ref=service, reason=state)
        self.events.append(event(EventKind.STATUS, minute, text, service, detail))

    def alert(self, service: str, metric_name: str, text: str, minute: float = ONSET + 4) -> None:
        detail = Alert(key=metric_name, name=metric_name, labels=(("metric", metric_name),))
        self.events.append(event(EventKind.ALERT_FIRING, minute, text, service, detail))

    def material(self) -> Material:
        self.lines.sort(key=lambda pair: pair[0])
        text = "".join(
            json.dumps({"timestamp": at(minute).isoformat(), **record}) + "\n" for minute, record in self.lines
        ).encode()
        log = LogFile(name="app.ndjson", open=lambda: io.BytesIO(text), shape=LogShape.JSON_LINES, size=len(text))
        return Material(
            logs=(log,), series=tuple(self.series), events=tuple(self.events), edges=tuple(self.edges)
        )  # fmt: skip


REFACTOR = """@@ func (h *Handler) Serve(w http.ResponseWriter, r *http.Request) {
-	var req ServeRequest
-	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
-		http.Error(w, err.Error(), 400)
-		return
-	}
+	req, err := decodeRequest[ServeRequest](r)
+	if err != nil {
+		writeError(w, http.StatusBadRequest, err)
+		return
+	}
"""
STYLE = """@@ static/app.css
-.button { padding: 8px 12px; }
+.button { padding: 10px 16px; border-radius: 8px; }
"""
BUMP = """@@ go.mod
-	github.com/go-chi/chi/v5 v5.0.11
+	github.com/go-chi/chi/v5 v5.0.12
"""


def with_decoys(incident: Incident, service: str, front: str) -> None:
    """Three innocent deploys: a refactoring on the suffering service at onset, a restyling, and a version bump."""
    incident.deploy(
        ONSET - 1, service, "dec0" + "a" * 36, "refactor: tidy request handler", ("src/handler.go",), REFACTOR
    )
    incident.deploy(ONSET - 2, front, "dec1" + "b" * 36, "feat: restyle button", ("static/app.css",), STYLE)
    incident.deploy(ONSET - 9, service, "dec2" + "c" * 36, "chore: bump dependencies", ("go.mod", "go.sum"), BUMP)
