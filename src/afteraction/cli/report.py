"""What `draft` and `evidence` tell on stderr: what was read, what was not, what was masked, what is still open."""

from __future__ import annotations

from afteraction.model.reading import FileReport, Material
from afteraction.usecases.draft import Drafted

_SHOWN = 12


def draft_report(result: Drafted) -> list[str]:
    """Return the lines of the report on a draft."""
    case, gaps = result.case, result.draft.gaps
    lines = material_report(case.material)
    timeline = case.timeline
    lines.append(
        f"timeline: {len(timeline.events)} events, {sum(row.important for row in timeline.rows)} rows shown, "
        f"{len(timeline.milestones)} milestones, {len(timeline.contradictions)} contradictions"
    )
    lines.append(f"evidence: {case.investigation.verdict}, {len(case.investigation.suspects)} suspects")
    lines.append(f"open: {len(gaps)} fields are for people to fill" + (f"; first: {gaps[0].question}" if gaps else ""))
    return lines


def material_report(material: Material) -> list[str]:
    """Return the lines that say what became of every file, unread ones and problems by name."""
    read = [report for report in material.files if report.source]
    unread = [report for report in material.files if not report.source]
    lines = [f"read: {len(read)} of {len(material.files)} files"]
    lines += _named("kept but unread", unread)
    problems = [problem for report in material.files for problem in report.problems]
    lines += [f"problem: {problem}" for problem in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        lines.append(f"problem: … and {len(problems) - _SHOWN} more (--json lists all)")
    if material.masked:
        counts = ", ".join(f"{count} {kind}" for kind, count in material.masked)
        lines.append(f"masked secrets: {counts}")
    return lines


def _named(label: str, reports: list[FileReport]) -> list[str]:
    if not reports:
        return []
    names = ", ".join(report.file for report in reports[:_SHOWN])
    more = f" and {len(reports) - _SHOWN} more" if len(reports) > _SHOWN else ""
    return [f"{label}: {names}{more}"]
