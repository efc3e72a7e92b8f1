"""What a draft is made from: everything known about one incident, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.chronology import Timeline
from afteraction.model.finding import Investigation
from afteraction.model.kpi import Kpi, KpiName
from afteraction.model.reading import Material, Statement
from afteraction.model.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The material of an incident and what was computed from it."""

    material: Material
    timeline: Timeline
    investigation: Investigation
    kpis: tuple[Kpi, ...]
    settings: Settings = field(default_factory=Settings)

    def kpi(self, name: KpiName) -> Kpi:
        """Return the KPI called `name`; an unknown one when it was not computed."""
        return next((k for k in self.kpis if k.name is name), Kpi(name=name, reason="it was not computed"))

    def statements(self, field_name: str) -> tuple[Statement, ...]:
        """Return what the material states about a field, in order of time."""
        found = [s for s in self.material.statements if s.field == field_name]
        return tuple(sorted(found, key=lambda s: (s.at is None, s.at.timestamp() if s.at else 0.0)))
