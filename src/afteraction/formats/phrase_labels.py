"""The labels that people put before a value (`Root cause: ...`) and the field that each means; a table and nothing else."""

from __future__ import annotations

from afteraction.formats.phrase_rules import EXECUTIVE

IMPACT = f"{EXECUTIVE}.impact"

LABELS: tuple[tuple[str, str], ...] = (
    (r"incident title|title|incident summary", "summary.title"),
    (r"incident (?:id|number|no\.?|ref(?:erence)?)", "summary.incident_id"),
    (r"(?:total |incident |outage )?duration", "summary.duration"),
    (r"summary|tl;?dr|what happened", f"{EXECUTIVE}.what_happened"),
    (r"(?:users?|customers?|accounts|tenants) (?:affected|impacted)|(?:affected|impacted) (?:users|customers|accounts|tenants)",
     f"{IMPACT}.users_affected"),
    (r"(?:total )?down ?time", f"{IMPACT}.downtime"),
    (r"business impact", f"{IMPACT}.business_impact"),
    (r"(?:services? |systems? |components? )(?:affected|impacted)|(?:affected|impacted) (?:services?|systems?|components?)",
     f"{IMPACT}.services_affected"),
    (r"(?:number of )?(?:[a-z]+ )?(?!hosts|nodes|pods|servers|regions|hours)[a-z]{3,}s (?:affected|impacted)", f"{IMPACT}.users_affected"),
    (r"(?:probable |primary |the |actual |confirmed )?root[- ]cause(?:\(s\)|s)?(?: (?:identified|found|confirmed))?", "root_cause.primary"),
    (r"(?:(?:i|we)(?:'ve| have)? )?(?:found|identified|pinpointed) the (?:root[- ]?)?cause", "root_cause.primary"),
    (r"trigger(?:ed by)?", "root_cause.trigger"),
    (r"ruled out", "root_cause.ruled_out"),
    (r"resolution|resolved by|the fix|fix", f"{EXECUTIVE}.resolution"),
    (r"(?:posted (?:on|to) )?(?:the |our )?(?:public )?status ?page(?: (?:text|updated?|post(?:ed)?|message|now says|says|reads))?",
     f"{EXECUTIVE}.status_page"),
    (r"data loss", "impact.technical.data_loss"),
    (r"security impact", "impact.technical.security_impact"),
    (r"(?:performance )?degradation", "impact.technical.performance_degradation"),
    (r"revenue (?:loss|impact|lost)|financial impact|lost revenue", "impact.business.revenue_loss"),
    (r"customer impact", "impact.business.customer_impact"),
    (r"reputation(?:al)? impact", "impact.business.reputation_impact"),
    (r"operational impact", "impact.business.operational_impact"),
    (r"(?:cause|culprit) (?:identified|found|confirmed)", "root_cause.primary"),
    (r"(?:(?:customer|support|client|user) )?(?:calls|tickets|complaints|contacts)(?: (?:to|from|at|by|received by) [\w ]{2,30})?", "metrics.quality.customer_complaints"),
    (r"(?:internal )?escalations", "metrics.quality.internal_escalations"),
    (r"process deviations", "metrics.quality.process_deviations"),
    (r"(?:documentation|runbook) gaps", "metrics.quality.documentation_gaps"),
    (r"external dependencies", "impact.team.external_dependencies"),
    (r"(?:where )?we (?:got|were) lucky|lucky", "lessons.lucky"),
    (r"(?:what |things that )?went well|the good", "lessons.went_well"),
    (r"(?:what |things that )?went (?:badly|wrong|poorly)|the bad", "lessons.went_wrong"),
    (r"what we learn(?:ed|t)|lessons?(?: learn(?:ed|t))?|learnings?", "lessons.learned"),
)  # fmt: skip
