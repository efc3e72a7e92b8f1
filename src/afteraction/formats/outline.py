"""What the headings, labels and keys of post-mortems mean, in one table: words come in, a field of ours goes out.

The words are those of the outlines that are public (Google's SRE book, PagerDuty, Atlassian, GitLab, Etsy's Morgue) and of
the export formats of incident management systems, and what people make of them. They are matched by meaning, never by
company or file. A heading that means none of our fields is refused: its text is kept as a person's.
"""

from __future__ import annotations

import re

TIMELINE = "timeline"
TITLE = "summary.title"
_WHO = r"(?:author|owner|writer|editor|facilitator)"

_FORMS: tuple[tuple[str, str], ...] = (
    # the head
    (TITLE, r"(?:incident |issue |event |page )?(?:title|name|headline)"),
    ("summary.incident_id", r"(?:incident|issue|event|post mortem|reference|ticket|tiny)? ?(?:id|number|key|reference|identifier)|reference|tiny id|incident ticket|ticket"),
    ("summary.date", r"(?:(?:incident|event|outage|impact|fault) )?(?:dates?|day)(?: of (?:incident|event|outage))?(?: time)?|when|start(?:ed)? (?:date|time)|incident date and time"),
    ("summary.duration", r"(?:(?:total|incident|outage|overall|impact|event) )*(?:duration|length|time to (?:resolve|resolution|recover(?:y)?|restore))(?: of (?:the )?(?:incident|outage|impact))?|total impact duration"),
    ("summary.severity", r"(?:incident |event )?(?:severity|sev|priority)(?: level| rating| name)?|incident (?:severity|priority)"),
    ("summary.status", r"(?:incident |current |event |post mortem |document )?(?:status|state)(?: name)?|current milestone"),
    # the executive summary
    ("executive_summary.what_happened", r"(?:executive |incident |issue |event |problem |quick |brief |short |postmortem |high level )*(?:summary|overview|synopsis|abstract|description|tldr|tl dr)(?: of (?:the )?(?:incident|issue|event))?|what happened|in short|background and summary|statement of (?:the )?problem|leadup|lead up|fault|what was the problem"),
    ("executive_summary.impact.users_affected", r"(?:number of )?(?:users?|customers?|people|teams?|accounts?)(?: (?:affected|impacted))|who was (?:affected|impacted)|affected (?:users|customers|teams)"),
    ("executive_summary.impact.downtime", r"(?:total |service )?down ?time"),
    ("executive_summary.impact.services_affected", r"(?:affected|impacted|involved)? ?(?:services?|systems?|components?|products?|functionalities|infrastructure|environments?)(?: (?:affected|impacted|involved))?|service s affected|scope|affected components"),
    ("executive_summary.impact.business_impact", r"business impact"),
    ("executive_summary.resolution", r"(?:resolutions?|recovery|mitigations?|remediation performed|fix(?:es)?|workaround|(?:incident )?resolution (?:message|summary)|mitigation message|resolution details)(?: (?:and|or) (?:recovery|mitigation|resolution))*|how (?:was it|we|did we) (?:fixed|fix(?:ed)? it|resolved?|mitigated?)(?: it)?|what was done|how was the incident resolved|recovery (?:actions|steps)|temporary (?:fix|solution)"),
    # the timeline
    (TIMELINE, r"(?:incident |full |detailed |event |events |high level )?(?:time ?line|chronology|history|key events|log of events|event log|incident log|sequence of events)(?: of (?:events|the incident))?(?: summary)?|what happened when|key timestamps|milestones"),
    # the cause
    ("root_cause.primary", r"(?:the |primary |likely |identified |suspected |proposed )*(?:root )?causes?(?: s)?(?: analysis| identification)?(?: \d+)?(?: and trigger)?|rca|why did (?:it|this) happen|why (?:it|this) happened|how did (?:it|this) happen|technical (?:details|analysis|explanation|background)|primary issue.*|secondary issue.*|analysis|explanation|why surprised|identified"),
    ("root_cause.trigger", r"(?:the )?triggers?(?:ing event)?|what triggered (?:it|this)"),
    ("root_cause.factors", r"contributing (?:factors?|causes?|conditions)|(?:other |possible )?factors|contributors|aggravating factors|mitigating factors and contributors"),
    ("root_cause.evidence", r"(?:supporting )?evidence|logs and (?:graphs|metrics)|graphs|screenshots"),
    ("root_cause.whys.technical", r"(?:(?:root cause|cause) (?:identification|analysis) )?(?:the )?(?:five|5) whys?(?: analysis)?|why chain"),
    ("root_cause.whys.process", r"why (?:it|this) (?:was n ?t|wasn t|was not) (?:caught|prevented|detected)"),
    # the impact
    ("impact.business.customer_impact", r"(?:incident |user |customer |client |external |end user |current )*(?:impacts?|effects?|consequences)(?: (?:summary|analysis|assessment|scope|on (?:users|customers)))?|(?:customer|user) experience|symptoms|who and what was affected|blast radius"),
    ("impact.technical.data_loss", r"data (?:loss|integrity)(?: impact)?|lost data"),
    ("impact.technical.security_impact", r"security (?:impact|implications)"),
    ("impact.technical.performance_degradation", r"performance (?:impact|degradation)"),
    ("impact.business.revenue_loss", r"(?:revenue|financial)(?: loss| impact)?|cost(?: of (?:the )?incident)?|total cost|sla(?: impact| credits)?"),
    ("impact.business.reputation_impact", r"reputation(?:al)? (?:impact|damage)|press"),
    ("impact.business.operational_impact", r"(?:operational|internal|team) impact"),
    ("impact.team.external_dependencies", r"external dependencies|third parties"),
    ("impact.team.escalation_required", r"escalations?"),
    # lessons
    ("lessons.went_well", r"(?:things |stuff |what )?(?:that )?(?:went|worked|did we do|we did|did go|gone) (?:well|right|good)|what worked|successes|positives|what went right|the good"),
    ("lessons.went_wrong", r"(?:things |stuff |what )?(?:that )?(?:went|did n ?t go|didn t go|did not go|did n ?t work|didn t work) (?:wrong|poorly|badly|bad|so well|well)|what (?:did n ?t|didn t|did not) (?:go|work)(?: so)?(?: well)?|what could(?: have)?(?: be| been| go| gone)? (?:improved?|better)|what can (?:be|we) improved?|improvements? needed|difficulties|challenges|what was difficult|the bad|areas? (?:for|of) improvement|where did we struggle|what didn t"),
    ("lessons.lucky", r"(?:where )?(?:we |did we )?(?:got|get|were) lucky|luck|where luck helped|near misses"),
    ("lessons.learned", r"(?:key )?(?:lessons?|learnings?|takeaways|insights|conclusions?)(?: (?:learned|learnt|learnings))?(?: and (?:future )?improvements)?|what (?:did )?we learn(?:ed|t)?|what have we learn(?:ed|t)|moving forward|discussion"),
    # actions and prevention
    ("actions.immediate", r"immediate (?:actions?|steps|improvements?|fixes)(?: taken| completed| \d+ ?h(?:ours)?)?|p0 actions?"),
    ("actions.short_term", r"(?:(?:corrective|remedial|recommended|proposed|next|open|agreed|preventative|preventive) )*(?:action (?:items?|points?|plan)|actions?|(?<=agreed )measures|(?<=open )measures|(?<=next )measures|measures(?: agreed)?|tasks?|todos?|to dos?|next steps|remediation items?|remediations?|jira|jiras|issues to file|tickets?(?: filed)?|related issues(?: and prs| prs)?)(?: (?:and|or) (?:follow ups?|next steps))?|follow ups?(?: (?:actions?|tasks|items|work))?|short term (?:actions?|improvements?|fixes|steps).*|what (?:will|do) we do next|planned actions.*"),
    ("actions.medium_term", r"medium term (?:actions?|improvements?|fixes|steps).*"),
    ("actions.long_term", r"long(?:er)? term (?:actions?|improvements?|fixes|steps).*"),
    ("prevention.technical", r"(?:corrective|preventative|preventive|prevention)(?: (?:and|or|actions?|measures?|corrective|preventative|preventive|steps))*|(?:corrective and )?(?:preventative|preventive) measures?|how (?:are|will|do|can) we (?:preventing|prevent) (?:it|this)(?: from happening again)?|technical improvements?|recurrence prevention|how do we prevent.*|code and configuration changes"),
    ("prevention.process", r"process improvements?(?: and changes)?|documentation improvements?"),
    ("prevention.tool", r"tool(?:ing)? improvements?"),
    # numbers
    ("metrics.response.time_to_detection", r"(?:mean )?time to detect(?:ion)?|detection (?:time|delay)|ttd|mttd"),
    ("metrics.response.time_to_investigation", r"time to (?:investigat(?:e|ion)|acknowledge(?:ment)?|respond|response)|tta|mtta"),
    ("metrics.response.time_to_resolution", r"time to (?:resolve|resolution|recover(?:y)?|repair|restore|mitigat(?:e|ion))|ttr|mttr"),
    ("metrics.quality.customer_complaints", r"(?:number of )?(?:customer |support )?(?:complaints|tickets|support tickets)(?: raised| received)?"),
    # people and the foot
    ("appendix.team.incident_commander", r"(?:incident|response) (?:commander|lead(?:er)?|manager|coordinator|owner)|commander|ic|lead|responsible engineer"),
    ("appendix.team.technical_lead", r"(?:tech(?:nical)?|operations?|ops|engineering) lead|subject matter expert|resolver"),
    ("appendix.team.communications_lead", r"(?:comm(?:s|unications?)? (?:lead|manager|liaison|officer)|customer liaison|liaison)"),
    ("appendix.team.scribe", r"scribe|note taker"),
    ("appendix.team.facilitator", r"(?:post ?mortem|post mortem|review|retro(?:spective)?)? ?facilitator|post ?mortem (?:owner|lead)|post mortem (?:owner|lead)"),
    ("appendix.attendees", r"(?:attendees?|participants?|responders?|involved parties|people involved|parties involved|team(?: members)?|responding (?:teams?|engineers?)|incident response team|incident team|who was involved)(?: names?)?"),
    ("appendix.links", r"(?:related|further|useful|external|supporting)? ?(?:links|references|documents|documentation|resources|reading)|see also|related (?:incidents|issues)"),
    ("appendix.commands", r"(?:commands|console (?:log|output))(?: (?:used|run))?|commands and logs"),
    ("footer.completed_by", rf"(?:post ?mortem |post mortem |document |report )?{_WHO}s?(?: s)?|(?:created|written|prepared|completed|drafted) by|author s"),
    ("footer.date", r"last (?:modified|updated|edited)|(?:post ?mortem |document |report |published )date|published(?: at| on)?|date (?:written|published|created)"),
)  # fmt: skip
_TABLE = tuple((field, re.compile(form)) for field, form in _FORMS)
_NOISE = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?\s+|[^\w]+)+|[^\w?]+$")
_ASIDE = re.compile(r"\s*[\(\[].*?[\)\]]\s*")

PRODUCT_WORDS = re.compile(r"^(?:incident|postmortem|post mortem|event|case|issue|report|attributes|data)\s+(?=\w)")
"""What export formats put in front of a key; a key is looked up with it first, then without."""


_ASKED = re.compile(r"^(?:what|who|which) (?:was|were|is|are) (?:the |our )?|^how (?:long|severe) was (?:the )?")


def normal(words: str) -> str:
    """Return a heading, label or key as it is looked up: plain lower-case words without numbering and asides."""
    words = _ASIDE.sub(" ", _NOISE.sub("", words)) if not re.fullmatch(r"\W*[\(\[].*", words) else words
    words = re.sub(r"['’]", " ", words.replace("&", " and "))
    return re.sub(r"[\W_]+", " ", words).strip().lower()


def field_for(words: str) -> str:
    """Return the field that a heading, label or key means, empty for none."""
    looked_up = normal(words)
    if not looked_up or len(looked_up) > 90:
        return ""
    for candidate in dict.fromkeys((looked_up, PRODUCT_WORDS.sub("", looked_up), _ASKED.sub("", looked_up))):
        for field, form in _TABLE:
            if form.fullmatch(candidate):
                return field
    stem = re.split(r"\s(?:all times|times? in|utc|gmt|pst|pdt|pt|et|cet)\b", looked_up)[0]
    return TIMELINE if re.search(r"\btime ?line\b", stem) and len(stem) < 40 else ""
