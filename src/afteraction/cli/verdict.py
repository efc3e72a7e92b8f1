"""The verdict as text, for a terminal: suspects first, each with its evidence and the lines that say so."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from afteraction.model.finding import Finding, Investigation, Suspect, Verdict

_SUSPECTS = 5
_FINDINGS = 12
_EXCERPT = 4
_WORDS = {
    Verdict.SUSPECT: "There is a suspect",
    Verdict.NO_CODE_CAUSE: "Nothing that people changed explains it",
    Verdict.INCONCLUSIVE: "The material does not allow a conclusion",
}


def verdict_text(found: Investigation, zone: str) -> str:
    """Return the whole answer as text; times in `zone`."""
    where = ZoneInfo(zone)
    lines = [f"{_WORDS[found.verdict]}. {found.reason}".rstrip()]
    if found.onset:
        lines.append(f"Symptoms began at {found.onset.astimezone(where):%Y-%m-%d %H:%M:%S %Z}.")
    if found.blast_radius:
        lines.append(f"Hurt: {', '.join(found.blast_radius)}.")
    findings = {finding.id: finding for finding in found.findings}
    for suspect in found.suspects[:_SUSPECTS]:
        lines += ["", *_suspect(suspect, findings)]
    if found.findings:
        lines += ["", "Evidence"]
    for finding in found.findings[:_FINDINGS]:
        lines += _finding(finding, where)
    return "\n".join(lines) + "\n"


def _suspect(suspect: Suspect, findings: dict[str, Finding]) -> list[str]:
    where = f" in {suspect.service}" if suspect.service and suspect.service not in suspect.ref else ""
    lines = [f"{suspect.rank}. {suspect.kind} {suspect.ref}{where}  (score {suspect.score:.2f})", f"   {suspect.why}"]
    if suspect.evidence:
        lines.append(f"   for: {', '.join(suspect.evidence)}")
    lines += [f"   against: {findings[name].summary}" for name in suspect.against if name in findings]
    lines += [f"   ruled out: {text}" for text in suspect.ruled_out]
    if suspect.look_next:
        lines.append(f"   look next: {suspect.look_next}")
    return lines


def _finding(finding: Finding, where: ZoneInfo) -> list[str]:
    at = f" {finding.at.astimezone(where):%H:%M:%S}" if finding.at else ""
    cited = f"  [{finding.citations[0]}]" if finding.citations else ""
    lines = [f"{finding.id:>4} {finding.kind}{at}: {finding.summary}{cited}"]
    lines += [f"       | {line[:200]}" for line in finding.excerpt[:_EXCERPT]]
    return lines
