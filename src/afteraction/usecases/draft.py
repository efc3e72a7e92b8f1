"""The main job: material becomes a timeline, KPIs, evidence, and from these a drafted post-mortem."""

from __future__ import annotations

from dataclasses import dataclass

from afteraction.drafting import Case, Draft, draft
from afteraction.evidence.investigate import investigate
from afteraction.formats.secrets import Masker, mask_value
from afteraction.kpis import compute
from afteraction.markdown import render
from afteraction.model.reading import Material
from afteraction.model.settings import Settings
from afteraction.ports import Progress
from afteraction.timeline import build
from afteraction.usecases.attach import attach


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft, the case that it was made from, and the document."""

    case: Case
    draft: Draft
    document: str


def draft_incident(
    material: Material, *, settings: Settings, masker: Masker, progress: Progress, incident: str = ""
) -> Drafted:
    """Draft the post-mortem of one incident from its material; `incident` is its id where the person named one."""
    material = attach(material, incident)
    progress("looking for evidence")
    investigation = mask_value(investigate(material), masker)
    progress("building the timeline")
    timeline = build(material, investigation, settings=settings)
    case = Case(
        material=material, timeline=timeline, investigation=investigation, kpis=compute(timeline), settings=settings
    )
    progress("drafting")
    drafted = draft(case)
    return Drafted(case=case, draft=drafted, document=render(drafted.post_mortem))
