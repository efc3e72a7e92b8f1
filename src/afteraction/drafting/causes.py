"""Drafts the root cause analysis: what people stated, the ranked suspects with their evidence, and the excerpts."""

from __future__ import annotations

import re

from afteraction.drafting.case import Case
from afteraction.drafting.clock import Clock
from afteraction.drafting.head import fenced, stated, stated_cause
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.wording import code, plain, sentence
from afteraction.model.finding import Finding, Suspect, SuspectKind, Verdict
from afteraction.model.origin import Basis
from afteraction.model.postmortem.cause import Factor, RootCause, Whys
from afteraction.model.postmortem.value import Value

SUSPECTS_SHOWN = 5
FINDINGS_SHOWN = 8
LINES_PER_FINDING = 6
LINE_LIMIT = 240
CITED_FOR, CITED_AGAINST = 5, 3
_SHA = re.compile(r"[0-9a-f]{7,64}")


def root_cause(case: Case, ledger: Ledger, clock: Clock) -> RootCause:
    """Draft the section "Root Cause Analysis". Causes are people's: without their word there are only suspects."""
    return RootCause(
        primary=fenced(stated_cause(case, ledger)),
        trigger=stated(case, ledger, "root_cause.trigger"),
        suspects=_suspects(case, ledger),
        factors=_factors(case, ledger),
        evidence=_evidence(case, ledger, clock),
        ruled_out=_ruled_out(case, ledger),
        # A stated cause is the mechanism that people named; the other three whys are theirs to answer.
        whys=Whys(technical=stated(case, ledger, "root_cause.whys.technical") or stated_cause(case, ledger)),
    )


def _factors(case: Case, ledger: Ledger) -> tuple[Factor, ...]:
    """Take over the factors that people wrote down; where there are none the template's blank ones remain."""
    said = case.statements("root_cause.factors")
    found = tuple(
        Factor(name=f"Factor {number}", description=ledger.value(plain(s.value), s.basis, [ledger.cite(s)]))
        for number, s in enumerate(said, 1)
    )
    return found or RootCause().factors


def _suspects(case: Case, ledger: Ledger) -> tuple[Value, ...]:
    investigation = case.investigation
    if investigation.verdict is Verdict.INCONCLUSIVE and not investigation.suspects:
        return ()
    return tuple(_suspect(suspect, ledger) for suspect in investigation.suspects[:SUSPECTS_SHOWN])


def _suspect(suspect: Suspect, ledger: Ledger) -> Value:
    what = _named(suspect)
    where = f" in {plain(suspect.service)}" if suspect.service and suspect.service not in suspect.ref else ""
    said = [f"**{what}**{where} (score {suspect.score:.2f}): {sentence(plain(suspect.why))}"]
    against = [found.summary for name in suspect.against if (found := ledger.finding(name))]
    if against:
        said.append(f"Against it: {sentence(plain('; '.join(against)))}")
    said += [sentence(plain(text)) for text in suspect.ruled_out]
    if suspect.look_next:
        said.append(f"Look next: {plain(suspect.look_next)}.")
    cited = [*suspect.evidence[:CITED_FOR], *suspect.against[:CITED_AGAINST]]
    return ledger.value(" ".join(said), Basis.INFERRED, cited)


def _named(suspect: Suspect) -> str:
    """Name a suspect: a commit by its short sha, everything else as it is called."""
    if suspect.kind is not SuspectKind.CHANGE:
        return plain(suspect.ref)
    return f"commit `{suspect.ref[:12]}`" if _SHA.fullmatch(suspect.ref) else f"change {code(suspect.ref)}"


def _evidence(case: Case, ledger: Ledger, clock: Clock) -> Value | None:
    """Show the findings of most weight, each with its lines as they stand in the file."""
    found = [f for f in case.investigation.findings if f.citations][:FINDINGS_SHOWN]
    if not found:
        return None
    blocks = ["# Logs, metrics, and diagnostic information"]
    blocks += [_excerpt(finding, clock) for finding in found]
    return ledger.value("\n".join(blocks), Basis.OBSERVED, [finding.id for finding in found])


def _excerpt(finding: Finding, clock: Clock) -> str:
    at = f" at {clock.time(finding.at)}" if finding.at else ""
    lines = [f"# {finding.id} {finding.kind}{at}: {' '.join(finding.summary.split())} ({finding.citations[0]})"]
    shown = finding.excerpt[:LINES_PER_FINDING]
    lines += [line if len(line) <= LINE_LIMIT else line[:LINE_LIMIT] + " …" for line in shown]
    if len(finding.excerpt) > len(shown):
        lines.append(f"# … {len(finding.excerpt) - len(shown)} more lines")
    return "\n".join(lines)


def _ruled_out(case: Case, ledger: Ledger) -> tuple[Value, ...]:
    said = case.statements("root_cause.ruled_out")
    return tuple(ledger.value(plain(s.value), s.basis, [ledger.cite(s)]) for s in said)
