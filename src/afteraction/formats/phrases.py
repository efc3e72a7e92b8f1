"""What people state in so many words, found by the forms of English and never by names.

In comes the text of one message or paragraph, with who said it and on which day; out go phrases: a field of the
post-mortem and the value that was stated for it. Precision goes before recall: a question, a supposition, a denial, a
quotation and a look back at another incident state nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from afteraction.formats.actions import actions_in
from afteraction.formats.clauses import Clause, clauses
from afteraction.formats.measures import names_gap, wishes_in
from afteraction.formats.roles import roles_in

EXECUTIVE = "executive_summary"
IMPACT = "executive_summary.impact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A stated value. `clock` is a time of day that the text itself gives for it (`14:02 UTC`), else empty."""

    field: str
    value: str
    clock: str = ""


def phrases_in(text: str, *, speaker: str = "", said_on: date | None = None) -> list[Phrase]:
    """Return what `text` states. `speaker` stands for `I`; `said_on` tells how far a due date is away."""
    found: list[Phrase] = []
    before = ""
    for clause in clauses(text):
        found += [Phrase(field=a.field, value=a.value) for a in actions_in(clause.raw, said_on=said_on)]
        if clause.asks:
            continue
        found += _labelled(clause, text)
        found += [Phrase(field=f"appendix.team.{role}", value=name) for role, name in roles_in(clause, speaker)]
        if names_gap(clause):
            found.append(Phrase(field="metrics.quality.documentation_gaps", value=clause.raw))
        if clause.looks_back:
            continue
        found += [Phrase(field=field, value=value) for field, value in wishes_in(clause)]
        found += _severity(clause)
        found += _stated(clause)
        found += _affected(clause)
        found += _ruled_out(clause, before)
        before = clause.raw
    return list(dict.fromkeys(phrase for phrase in found if phrase.value))


# --- labels: `Root cause: ...` ------------------------------------------------------------------------------------

_LABELS: tuple[tuple[str, str], ...] = (
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
    (r"(?:customer )?complaints", "metrics.quality.customer_complaints"),
    (r"(?:internal )?escalations", "metrics.quality.internal_escalations"),
    (r"process deviations", "metrics.quality.process_deviations"),
    (r"(?:documentation|runbook) gaps", "metrics.quality.documentation_gaps"),
    (r"external dependencies", "impact.team.external_dependencies"),
    (r"(?:where )?we (?:got|were) lucky|lucky", "lessons.lucky"),
)  # fmt: skip
_LABEL_FORMS = tuple((re.compile(rf"^(?:update[:,]? )?(?:{form})\s*(?::|=|[-–—]\s)\s*(?P<value>\S.*)$", re.IGNORECASE), field)
                     for form, field in _LABELS)  # fmt: skip
_LABEL_END = re.compile(r"[:=]|[-–—]\s")
_NO_VALUE = re.compile(
    r"^(?:\W*|(?:still )?(?:tbd|tba|tbc|n/?a|none yet|unknown|unclear|pending|not (?:yet )?(?:known|clear|identified|sure)|"
    r"under investigation|being investigated|investigating|ongoing|to be determined|in progress|see below|wip|"
    r"update(?:d)?|done|\?+|\[[^\]]*\]|<[^>]*>|_+)\W*)$",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"\b(?:still (?:unknown|unclear|investigating|looking)|unknown|unclear|not (?:yet )?(?:known|clear|identified|confirmed|found|sure)|"
    r"tbd|under investigation|being investigated|no idea|to be determined)\b",
    re.IGNORECASE,
)


_TOLD_AT_LENGTH = {"root_cause.primary", f"{EXECUTIVE}.status_page", f"{EXECUTIVE}.what_happened"}
"""Fields whose label speaks for the whole line and not for its first sentence only."""
_AT_LENGTH = 420


def _to_the_end(value: str, text: str, field: str) -> str:
    """Return the value with what follows it on its line; a quoted one up to the closing quote."""
    line = next((line for line in text.splitlines() if value in line), value)
    rest = line[line.index(value) :]
    opening = line[: line.index(value)][-1:] or rest[:1]
    if opening in {'"', "“"} and (end := re.search('["”]', rest.lstrip('"“'))):
        return rest.lstrip('"“')[: end.start()].strip()
    if field == f"{EXECUTIVE}.status_page" or "?" in rest or len(rest) > _AT_LENGTH:
        return value
    return rest.strip()


def _labelled(clause: Clause, text: str) -> Iterator[Phrase]:
    """Find `Label: value`; a label is as explicit as it gets, only a value that is a guess is refused."""
    if not _LABEL_END.search(clause.raw):
        return
    for form, field in _LABEL_FORMS:
        if not (found := form.match(clause.raw)):
            continue
        value = found["value"].strip().strip('"“”').strip()
        guessed = clause.supposes and field.startswith(("root_cause", f"{EXECUTIVE}.resolution", "summary"))
        if guessed or _NO_VALUE.match(value) or (field.startswith("root_cause") and _UNKNOWN.search(value)):
            return
        if field == f"{EXECUTIVE}.status_page" and len(value.split()) < 3:
            return
        yield Phrase(field=field, value=_to_the_end(value, text, field) if field in _TOLD_AT_LENGTH else value)
        if field == "root_cause.primary":
            yield Phrase(field="milestone.cause_identified", value=clause.raw)
        return


def is_cause(value: str) -> bool:
    """Whether a text names a cause, rather than announcing a list of some or saying that none is known."""
    counted = re.fullmatch(
        r"(?:one|two|three|four|several|multiple|many|various|\d) (?:\w+ )?(?:factors?|causes?|reasons?|issues?|things?)",
        value,
        re.IGNORECASE,
    )
    return not (value.rstrip().endswith(":") or counted or _NO_VALUE.match(value) or _UNKNOWN.search(value))


# --- severity and identity ----------------------------------------------------------------------------------------

_LEVEL = r"(?:(?i:sev(?:erity)?)[\s_:=#-]{0,3}(?P<sev>[0-5])|(?P<prio>P[0-5]))(?![\w.%]|-\d)"
_WORD = r"(?P<word>critical|high|major|medium|moderate|minor|low)"
_DECLARES = (
    r"(?:declar\w+|rais\w+|upgrad\w+|downgrad\w+|bump\w*|lower\w*|promot\w+|demot\w+|reclassif\w+|classif\w+|escalat\w+|"
    r"set(?:ting)?|mark(?:ed|ing)?|open(?:ed|ing)|call(?:ed|ing)|treat(?:ed|ing)?|start(?:ed|ing)|rat(?:ed|ing)|"
    r"mov(?:ed|ing)|kick(?:ed|ing) off|creat(?:ed|ing)|tagg(?:ed|ing))"
)
_SEVERITY_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?i:\b{_DECLARES}\b)[^.;]{{0,50}}?\b(?i:to|as|at)\s(?:(?i:an?|the)\s)?{_LEVEL}",
        rf"(?i:\b{_DECLARES}\b)[^.;,]{{0,30}}?\b{_LEVEL}",
        rf"(?i:\b{_DECLARES}\s(?:an?\s|the\s)?(?:new\s)?(?:incident|outage)\b)[\s,:(–—-]{{1,4}}{_LEVEL}",
        rf"(?i:\b(?:this|it|we|incident|that|impact)(?:\s(?:is|are|was)|'s|'re)(?:\s(?:now|officially|still|at|in|on|definitely))*(?:\san?)?\s){_LEVEL}",
        rf"(?i:^(?:now|officially|confirmed)(?:\san?)?\s){_LEVEL}",
        rf"^\W{{0,3}}(?i:incident\W{{1,3}})?{_LEVEL}(?=\W*$|\s*[:|,–—\]()]|\s-\s|\s(?i:declared|confirmed|incident|it is|now|started|opened|for|on)\b)",
        rf"\b{_LEVEL}\s(?i:(?:incident\s)?(?:(?:is|was|has been)\s)?(?:now\s)?(?:declared|confirmed|opened|open))",
        rf"(?i:\bseverity(?:\slevel)?(?:\s(?:is|was)(?:\snow)?|\sset\sto|\sto|\s?[:=]|\s?->)\s?){_LEVEL}",
        rf"(?i:\bseverity(?:\slevel)?(?:\s(?:is|was)(?:\snow)?|\sset\sto|\sto|\s?[:=]|\s?->)\s?{_WORD})\b",
        rf"(?i:\b(?:declar\w+|open\w+|call\w+|treat\w+)[^.;,]{{0,24}}?\b{_WORD}(?:[\s-]severity)?\s(?:incident|outage)\b)",
        rf"(?i:\b{_WORD}(?:[\s-]severity)?\s(?:incident|outage)\s(?:is\s|was\s|has been\s)?declared\b)",
    )
)
_RATED = re.compile(rf"{_LEVEL}|(?i:{_WORD})")
"""What every form of a severity holds; most sentences hold none."""
_TITLED = re.compile(
    rf"^\W{{0,3}}{_LEVEL}\W{{0,2}}(?:(?i:incident|declared)\s*)?\s*(?::|[-–—|]\s)\s*(?P<title>[^|]{{6,140}})"
)
_ID = re.compile(
    r"(?<![\w/.-])(?P<id>(?:INC|INCIDENT|Incident|Inc|PIR|IR)[-_#]?\d[\w-]{1,30}|(?i:incident\s)#?\d{2,10})(?!\w)"
)
_ID_CUE = re.compile(
    r"(?i:\b(?:declar\w+|open\w*|creat\w+|start\w+|track\w+|filed|logged|raised|this is|incident (?:id|is)|assigned|known as|under|channel for)\b)"
)


def _severity(clause: Clause) -> Iterator[Phrase]:
    """Find a declared severity, the title and the id that stand beside it."""
    told = _RATED.search(clause.text)
    label = next((label for form in _SEVERITY_FORMS if (label := _last_level(form, clause))), "") if told else ""
    if label and not clause.supposes:
        yield Phrase(field="summary.severity", value=label)
        if re.search(r"\b(?:declar\w+|open(?:ed|ing)|start(?:ed|ing) an? incident)", clause.text, re.IGNORECASE):
            yield Phrase(field="milestone.responding", value=clause.raw)
        if titled := _TITLED.match(clause.raw):
            yield Phrase(field="summary.title", value=titled["title"].strip().rstrip(".,;"))
    if not clause.supposes and (found := _ID.search(clause.text)) and not clause.denied(found.start()):
        alone = found.start() == 0 or clause.text[: found.start()].strip(" [(#:").lower() in {"", "incident"}
        if (
            alone
            or _ID_CUE.search(clause.text[: found.start()])
            or clause.text[found.end() :].strip().startswith(("declared", "opened", "created"))
        ):
            yield Phrase(field="summary.incident_id", value=found["id"])


def _last_level(form: re.Pattern[str], clause: Clause) -> str:
    """Return the label of the match that counts: in `from SEV1 to SEV2` the later one."""
    if not (found := form.search(clause.text)) or clause.denied(found.start()) or _denied_inside(found):
        return ""
    groups = found.groupdict()
    if groups.get("word"):
        return groups["word"].lower()
    label = f"SEV{groups['sev']}" if groups.get("sev") else groups["prio"]
    after = re.match(rf"\s*(?:->|→|to|=>)\s*{_LEVEL}", clause.text[found.end() :])
    if after:
        label = f"SEV{after['sev']}" if after["sev"] else after["prio"]
    return label


def _denied_inside(found: re.Match[str]) -> bool:
    return re.search(r"\b(?:not|n't|no longer|never)\b|n't\b", found[0]) is not None


# --- what happened, and when --------------------------------------------------------------------------------------

_DONE = r"(?:is |are |has been |have been |was |were |now |all )*"
_THING = r"(?:it|we|this|that|they|everything|things|all|(?:the |our |all )?[\w/.-]+(?: [\w/.-]+){0,3})"
_FAULT = r"(?:outage|incident|issue|problem|failures?|errors?|spike|latency|crash(?:es)?|degradation|alerts?|impact|slowdown|5xx|500s|timeouts?)"
_PLAIN = "plain"
_LOOSE = "loose"
"""`plain` rules need a sentence that supposes nothing; `loose` ones hold inside a wish or condition too."""

_RULES: tuple[tuple[str, str, str, str], ...] = (
    ("milestone.confirmed", _PLAIN, r"^(?:confirmed|verified)\b[^.]{0,12}\b(?:everything|all|it)\b[^.]{0,30}\b(?:works?|working|(?:back to )?normal|healthy|good|fine)\b", "confirmed|verified"),
    # the cause
    ("root_cause.primary", _PLAIN, r"\broot[- ]cause(?: of (?:the|this) \w+)? (?:is|was|has been|turned out to be|turns out to be)(?: now)?(?: (?:identified|found|confirmed))?(?: (?:as|to be))?:? (?P<value>.+)", "cause"),
    ("root_cause.primary", _PLAIN, r"\broot[- ]cause (?:identified|found|confirmed)(?: as| to be)? (?P<value>.+)", "cause "),
    ("root_cause.primary", _PLAIN, rf"\b(?:this|it|(?:the|this|these|our) (?:\w+ )?{_FAULT}) (?:was|is|were|are|got) (?:all )?caused by (?P<value>.+)", "caused by "),
    ("root_cause.primary", _PLAIN, r"\b(?:the|confirmed) (?:cause|culprit) (?:is|was|turned out to be) (?P<value>.+)", "ause|ulprit"),
    ("root_cause.trigger", _PLAIN, rf"\b(?:this|it|(?:the|this) (?:\w+ )?{_FAULT}) (?:was|is|were|got) triggered by (?P<value>.+)", " triggered by "),
    ("milestone.cause_identified", _PLAIN, r"\broot[- ]cause (?:is|was|has been|identified|found|confirmed)\b|\b(?:found|identified|know|got|have|pinpointed|nailed) (?:the |our )?(?:root[- ]?cause|cause|culprit|bug|smoking gun|offending \w+|problem)\b|\bfound it\b|\bcaused by\b|\b(?:the|confirmed) (?:cause|culprit) (?:is|was)\b", "ause|bug|found it|offending |problem|smoking gun|ulprit"),
    # accepting and looking
    ("milestone.acknowledged", _LOOSE, r"^(?:@\S+ )?(?:ack(?:ed|ing|nowledged)?|i(?:'ve| have)? ack(?:ed|nowledged)\b.*|on it|i'm on it|i am on it|i(?:'ve| have)? got (?:it|this)|looking(?: now| at it| at this)?|taking a look|i'll (?:take (?:it|this|a look)|have a look|look)|having a look|picking (?:this|it) up|i'm (?:looking|online|here|around)|i'm taking (?:it|this)|acknowledg\w+ the (?:page|alert).*|got (?:the )?page(?:d)?)\b(?: now| too)?(?:$|[,.;!–—-])", "ack|got |having a look|i'll |i'm |looking|on it|picking |taking a look"),
    ("milestone.investigating", _LOOSE, r"^(?:(?:i'm|i am|we're|we are|am|now|ok,?|still|started?) )*(?:investigat\w+|looking (?:into|at|through)|checking|digging (?:into|through|in)|tailing|pulling (?:up )?(?:the )?(?:logs|metrics|traces|graphs|dashboards?)|going through|triaging|debugging)\b", "checking|debugging|digging |going through|investigat|looking |pulling |tailing|triaging"),
    # acting
    ("milestone.responding", _PLAIN, r"^(?:(?:i'm|i am|we're|we are|ok,?|okay,?|alright,?|now|agreed,?|let's|starting|start|started|going to|go ahead and|will) )*(?:the )?(?:rolling back|roll back|rollback of|a rollback|rollback|reverting|revert|failing over|fail over|scaling (?:up|out|down)|restarting|draining|disabling|turning off|switching off|mitigating)\b(?!.*\b(?:done|complete|completed|finished|plan|failed)\b)", "disabling|draining|fail over|failing over|mitigating|restarting|revert|roll back|rollback|rolling back|scaling |switching off|turning off"),
    ("milestone.responding", _PLAIN, r"\b(?:declar(?:ing|ed) (?:an? |the )?(?:\w+ )?(?:incident|outage)|incident (?:is |has been )?declared)\b", "declar|incident "),
    ("milestone.fix_implemented", _PLAIN, r"\b(?:roll ?back|revert|fix|hot-?fix|patch|workaround|mitigation|fail-?over|config change) (?:is |has been |was |now )*(?:complete(?:d)?|done|finished|deployed|live|out|applied|in place|rolled out|released|shipped|merged and deployed|in production|in prod)\b", "config change|fail|fix|hot|mitigation|patch|revert|roll|workaround"),
    ("milestone.fix_implemented", _PLAIN, r"\b(?:(?:i|we)(?:'ve| have)?(?: just| now)? |^|just |and |\d[\d:]* )(?:rolled back|reverted|deployed (?:the |a )?(?:fix|hot-?fix|patch|revert|rollback)|shipped (?:the |a )?(?:fix|hot-?fix)|applied (?:the |a )?(?:fix|patch|workaround|mitigation)|failed over|turned off|switched off|disabled|restarted|scaled (?:up|out|down|back)|raised the \w+ limit|increased the \w+)\b", "applied |deployed |disabled|failed over|increased the |raised the |restarted|reverted|rolled back|scaled |shipped |switched off|turned off"),
    (f"{EXECUTIVE}.resolution", _PLAIN, rf"\b(?:it|this|{_FAULT}|(?:the|this) {_FAULT}|incident|we)? ?(?:was |is |got |has been |were |have been )?(?:fixed|resolved|mitigated|solved|restored) (?:by|via|with|through) (?P<value>(?:an? |the |our )?\w+.+)", "fixed|mitigated|restored|solved"),
    (f"{EXECUTIVE}.resolution", _PLAIN, r"\bthe (?:fix|resolution|mitigation) (?:is|was) (?:to )?(?P<value>(?:(?<=to )\w+|an? |the |\w+ing\b).+)", "the "),
    # recovering
    ("milestone.restored", _PLAIN, rf"^(?:(?:ok,?|and|confirmed,?|good news,?) )*{_THING}(?:'s|'re)? (?:(?:is|are|has|have|seems?|went|came|looks?) )?(?:fully |now |all |been |just )*(?:back (?:up|online|to normal|to baseline|in business|to green|down to)|recovered|restored|healthy again|working again|available again|operational again|green again|back (?:down )?(?:to|at) (?:0 ?%|zero))\b", "available again|back |green again|healthy again|operational again|recovered|restored|working again"),
    ("milestone.restored", _PLAIN, r"^(?:(?:ok,?|and|now|all) )*(?:back (?:to normal|online|up(?!stream))|recovered|mitigated|impact (?:is )?(?:over|mitigated|ended)|(?:the )?(?:errors?|error rates?|5xx|timeouts|alerts?) (?:(?:have|has|are|is) )?(?:all )?(?:stopped|gone|cleared|dropped (?:back )?to (?:zero|0|normal|baseline)))\b", "back |cleared|dropped |gone|impact |mitigated|recovered|stopped"),
    ("milestone.restored", _PLAIN, r"^(?:(?:ok,?|and|now|all|it's|it is|that's|this is) )*fixed(?: now| again)?(?:$|[,;:–—-])", "fixed"),
    ("milestone.stabilised", _PLAIN, r"\b(?:stable|quiet|steady|clean|green|flat|holding|no (?:new )?(?:errors|alerts)) (?:since|for (?:the )?(?:last |past )?(?:\d+|ten|fifteen|twenty|thirty|an?|half an))\b", "for |since"),
    ("milestone.stabilised", _PLAIN, r"^(?:(?:ok,?|okay,?|and|now) )*(?:all |the |our )*(?:alerts|alarms|monitors|dashboards|graphs) (?:(?:is|are|have|has|now|all|been) )+(?:resolved|cleared|closed|quiet|silent|green|stable|stabili[sz]ed|flat)\b", "alarms|alerts|dashboards|graphs|monitors"),
    ("milestone.confirmed", _PLAIN, r"\b(?:customers?|users?|clients?|merchants?|support|everyone|they) (?:(?:all|now|also|have|has) )*(?:confirm(?:s|ed)?|report(?:s|ed)?|sa(?:y|ys|id)|tells?|told)(?: us| me)?(?: that)?\b.{0,40}?\b(?:can|could|are able to|is able to|works?|working|worked)\b.{0,30}?\bagain\b", "again"),
    ("milestone.confirmed", _PLAIN, r"^(?:(?:ok,?|okay,?|and|we are|we're|calling it|calling the|giving the) )*all[- ]clear\b", "clear"),
    ("milestone.confirmed", _PLAIN, r"\b(?:confirm(?:ed|ing)?(?: that| this| it)?(?: is| as|:)? (?:fully )?(?:resolved|fixed|healthy|recovered|working|normal)|(?:incident|issue|outage|this|it) (?:is |has been |was )(?:now |fully )*resolved|mark(?:ed|ing) (?:this |it |the incident |incident )?(?:as )?resolved|verified (?:that )?.{0,40}(?:working|works|healthy|normal|recovered|fixed)|(?:everything|all (?:systems|checks|services|dashboards)|all) (?:(?:is|are|looks?|looking|'s) )?(?:good|normal|healthy|green|operational|nominal|fine))\b|^(?:incident )?resolved\b(?! by)", "confirm|fine|good|green|healthy|nominal|normal|operational|resolved|verified "),
    ("milestone.closed", _PLAIN, r"\b(?:clos(?:ing|ed) (?:out )?(?:this |the |our )?(?:incident|ticket|inc\b)|(?:incident|inc-?\d+) (?:is |has been |was |now )*closed|closing this (?:out|one|down|channel)|incident is over|standing down|stand down)\b", "clos|incident is over|stand down|standing down"),
    ("summary.status", _PLAIN, r"^(?:status:? )?(?P<value>monitoring|resolved|mitigated|closed)(?: now| for now| the (?:fix|situation|recovery))?\s*(?:$|[,.;:–—])", "closed|mitigated|monitoring|resolved"),
    # customers, data, people
    ("metrics.quality.customer_complaints", _LOOSE, r"\b(?P<value>(?:about |around |roughly |over |~ ?|at least |more than )?(?:\d[\d,.]*|no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|dozens of) (?:more |new |open |inbound )?(?:(?:customer|support|user|client)s?(?:'s)? (?:complaints?|tickets?|reports?|calls|contacts|emails)|complaints?))\b", "calls|complaint|contacts|emails|report|ticket"),
    ("metrics.quality.customer_complaints", _LOOSE, r"\b(?:support|helpdesk|customer care|cs team|customer success) (?:has|have|had|is|got|received|reports?|sees|is seeing|says|counts?|is at)[\w' ]{0,16} (?P<value>(?:about |around |~ ?|over )?\d[\d,.]* (?:tickets?|calls|complaints?|reports?|chats|emails|contacts))\b", "cs team|customer care|customer success|helpdesk|support"),
    ("metrics.quality.customer_complaints", _LOOSE, r"\b(?P<value>\d[\d,.]* (?:customers|users|clients|merchants|tenants) (?:have )?(?:complained|wrote in|written in|contacted|called|reported|opened tickets))\b", "called|complained|contacted|opened tickets|reported|written in|wrote in"),
    ("metrics.quality.customer_complaints", _LOOSE, r"\b(?P<value>\d[\d,.]* (?:support |customer )?(?:tickets|complaints|calls|reports)) (?:in all|in total|total|overall|all told)\b", "calls|complaints|reports|tickets"),
    ("impact.technical.data_loss", _LOOSE, r"^(?!.*\b(?:whether|if|check(?:ing|s)?|verif\w*)\b)(?P<value>.*\b(?:no data (?:loss|was lost|were lost|lost|corruption)|no \w+ (?:was|were|has been|have been) (?:lost|corrupted)|(?:data|records|rows|orders|events|messages|writes) (?:was|were|are|has been|have been) (?:lost|corrupted|dropped)|lost (?:about |around |~ ?|roughly |some )?\d[\d,.]* (?:orders|records|rows|events|messages|writes|transactions|payments))\b.*)$", "corrupted|dropped|lost|no data "),
    ("impact.technical.security_impact", _LOOSE, r"^(?P<value>.*\bno (?:customer |user |personal )?data (?:was |were |has been )?(?:exposed|leaked|accessed|compromised)\b.*)$", "accessed|compromised|exposed|leaked"),
    ("impact.business.revenue_loss", _PLAIN, r"\b(?:cost(?:s)?(?: us)?|lost|losing|loss of) (?P<value>(?:about |around |roughly |approximately |~ ?|an estimated |at least |over )?(?:[$€£¥] ?\d[\d,.]*(?: ?(?:k|m|mn|bn|million|thousand)\b)?|\d[\d,.]* ?(?:k|m|mn)? ?(?:usd|eur|gbp|dollars|euros|pounds)\b)(?: (?:per|an|a|each|in|of) [\w ]{1,24})?)", "cost|losing|loss of|lost"),
    ("impact.business.revenue_loss", _PLAIN, r"(?P<value>(?:about |around |roughly |approximately |~ ?|an estimated |at least |over )?(?:[$€£¥] ?|(?:usd|eur|gbp|chf|jpy) ?)\d[\d,.]*(?: ?(?:k|m|mn|bn|million|thousand)\b)? (?:in|of|worth of) lost (?:orders|sales|revenue|bookings|business|transactions|payments))\b", " lost "),
    ("impact.team.escalation_required", _PLAIN, r"\b(?P<value>(?:(?:escalat(?:ed|ing) (?:this |it )?to|paged|paging) (?!sev|p\d)(?:the |our )?@?[\w.-]+|(?:called in|pulled in|looped in|loops in|woke(?: up)?|brought in) (?:@[\w.-]+|(?:(?:the|our|an?) )?(?:[\w-]+ ){0,2}(?:team|on-?call\w*|engineers?|lead|manager|support|vendor|dba)))(?: [\w.-]+){0,5})", "brought in|called in|escalat|looped in|loops in|paged|paging|pulled in|woke"),
    ("lessons.lucky", _LOOSE, r"^(?P<value>(?:(?:and|but|also|so),? )?(?:luckily|fortunately|thankfully|by luck|by chance|(?:we|i) (?:got|were|was|are) (?:really |very |pretty |just )?(?:lucky|fortunate)|(?:it was |it's )?(?:lucky|pure luck|sheer luck|a lucky|good luck)).+)$", "by chance|by luck|fortunate|good luck|luckily|lucky|pure luck|sheer luck|thankfully"),
)  # fmt: skip
"""Field, mood, form, and stems of which every match holds one: a sentence without them is not searched."""
_RULE_FORMS = tuple((field, mood, re.compile(form, re.IGNORECASE)) for field, mood, form, _ in _RULES)
_STEMS = {
    stem: tuple(number for number, rule in enumerate(_RULES) if stem in rule[3].split("|"))
    for stem in dict.fromkeys(stem for rule in _RULES for stem in rule[3].split("|"))
}
_BEGAN = re.compile(
    rf"\b(?:impact|{_FAULT}|it|this) (?:\w+ )?(?:started|began|starting|beginning|start|since|goes back)(?: (?:at|around|about|from|to))*:? "
    r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?(?: ?(?:UTC|GMT|Z|[A-Z]{2,4}T))?)(?!\w)",
    re.IGNORECASE,
)


_IN_VAIN = re.compile(
    r"\b(?:no (?:change|effect|difference|improvement|luck|help)|(?:did not|didn't|does not|doesn't) help|still (?:failing|broken|down|seeing|\d))",
    re.IGNORECASE,
)
"""What people say of an attempt that did not end it."""


def _stated(clause: Clause) -> Iterator[Phrase]:
    """Find what the table of rules describes; each rule speaks once a sentence."""
    lower = clause.text.lower()
    for number in sorted({number for stem, numbers in _STEMS.items() if stem in lower for number in numbers}):
        field, mood, form = _RULE_FORMS[number]
        if mood == _PLAIN and clause.supposes:
            continue
        found = form.search(clause.text)
        if found is None:
            continue
        if mood == _PLAIN and (clause.denied(found.start()) or _denied_inside_clause(clause, found, field)):
            continue
        if field == "milestone.fix_implemented" and _IN_VAIN.search(clause.text):
            continue
        value = (found.groupdict().get("value") or clause.raw).strip(" ,;:")
        if field.startswith("root_cause") and not is_cause(value):
            continue
        yield Phrase(field=field, value=value)
    if not clause.supposes and (found := _BEGAN.search(clause.text)) and not clause.denied(found.start()):
        yield Phrase(field="milestone.impact_started", value=clause.raw, clock=found["clock"])


def _denied_inside_clause(clause: Clause, found: re.Match[str], field: str) -> bool:
    """Refuse `is not resolved`, `not fully back to normal`, `rollback failed`: a denial inside or right behind."""
    if not field.startswith(("milestone.", "summary.status", f"{EXECUTIVE}.resolution")):
        return False
    inside = re.search(
        r"\b(?:not|never|no longer|isn't|aren't|hasn't|haven't|wasn't|didn't|doesn't|don't)\b", found[0], re.IGNORECASE
    )
    behind = re.match(
        r"\W*(?:didn't|did not|failed|has not|hasn't|yet to)\b", clause.text[found.end() :], re.IGNORECASE
    )
    return inside is not None or behind is not None


# --- how many -----------------------------------------------------------------------------------------------------

_ABOUT = r"(?:about|around|roughly|approximately|approx\.?|~|≈|circa|ca\.?|over|more than|up to|at least|nearly|almost|some|fewer than|less than|under)"
_NUMBER = r"\d[\d,.]*(?:\s?(?:k|m|thousand|million)\b)?"
_WHO = (
    r"(?:users?|customers?|accounts?|tenants?|merchants?|clients?|visitors?|subscribers?|members|people|shoppers?|buyers|sessions?|"
    r"check-?outs?|orders?|requests?|payments?|logins?|sign-?ins?|sign-?ups?|transactions?|purchases?|uploads?|searches|calls|"
    r"messages|jobs|builds|traffic|page ?views|api calls|bookings|deliveries|workspaces|organi[sz]ations|teams|devices)"
)
_COUNT = re.compile(
    rf"(?P<value>(?:{_ABOUT}\s?)?(?:{_NUMBER}\s?(?:%|percent|per cent)\s(?:of\s)?(?:\w+\s){{0,3}}?{_WHO}|(?<![\w.:-]){_NUMBER}\s(?:\w+\s){{0,2}}?{_WHO})\b)",
    re.IGNORECASE,
)
_HURT = re.compile(
    r"\b(?:affect\w*|impact\w*|fail\w*|error\w*|unable|can't|cannot|couldn't|hit|see(?:ing|s)?|saw|experienc\w*|down|broken|5xx|50\d|"
    r"timing out|timed out|blocked|degraded|slow|rejected|locked out|hurt|dropped|declined|unavailable)\b",
    re.IGNORECASE,
)
_HEALED = re.compile(
    r"\b(?:recover\w*|restored|back (?:to|up|online)|rolled out|rollout|canary|enabled|shift\w*|succe\w+|healthy|fine|"
    r"working|ok|unaffected|not affected|not impacted|tickets?|complaints?|complained|reported|per second|/s|rps|qps|replicas|retries|threshold|alert(?:s|ing)? (?:at|when|if))\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    rf"\bno (?:\w+ )?(?P<who>{_WHO}) (?:(?:were|are|was|have been|has been|is) )?(?:affected|impacted)\b", re.IGNORECASE
)


def _affected(clause: Clause) -> Iterator[Phrase]:
    """Find how many were hurt: a number of users or of what they do, in a sentence that tells of harm."""
    if found := _NOBODY.search(clause.text):
        yield Phrase(field=f"{IMPACT}.users_affected", value=f"no {found['who']}")
        return
    found = _COUNT.search(clause.text) if re.search(r"\d", clause.text) else None
    if found is None or _HEALED.search(clause.text) or clause.denied(found.start()):
        return
    beyond = clause.text[: found.start()] + " " + clause.text[found.end() :]
    if _HURT.search(beyond) and not re.search(r"\b(?:if|would|could|might|until|should)\b", clause.text, re.IGNORECASE):
        yield Phrase(field=f"{IMPACT}.users_affected", value=found["value"].strip())


# --- what it was not ----------------------------------------------------------------------------------------------

_NOT_RULED = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|haven't|hasn't|not|n't|never|to|should|try(?:ing)? to|before)\s(?:yet |be |been |fully )*(?:rul(?:e|ed|ing) out)\b",
    re.IGNORECASE,
)
_RULED = (
    re.compile(r"\b(?:rul(?:ed|ing) out|(?:can|we|i) (?:now )?rule out) (?P<value>[^,;.]{2,80})", re.IGNORECASE),
    re.compile(r"^(?P<value>[^,;:]{2,60}?) (?:(?:is|are|was|were|has been|have been|can be) )?(?:now )?ruled out\b", re.IGNORECASE),
    re.compile(r"^(?:(?:so|ok,?|and|also|confirmed,?|update:?) )*(?P<value>(?:the |our |this |that )?[\w/.' -]{2,50}?) (?:is|are|was|were|has|have|had)(?:n't| not| nothing| no)(?: (?:the|a|to do with|related to|involved in|cause of|relation to))*(?: (?:root )?(?:cause|culprit|problem|issue|this|it|reason))$", re.IGNORECASE),
    re.compile(r"^(?:(?:the |our |this )?(?P<value>[\w/. -]{2,50}?)) (?:is|are|was|were) (?:unrelated|a red herring|innocent|not (?:involved|related|to blame|at fault))\b", re.IGNORECASE),
    re.compile(r"^(?:(?:so|ok,?|and|confirmed,?|definitely|it's|its|it is|it was|this is|this was|that's|this isn't|it isn't|it wasn't|wasn't|isn't|clearly) )*(?:not (?:related to |caused by |due to )?|(?<=isn't )|(?<=wasn't ))(?P<value>(?:the|a|an|our) [\w/.-]+(?: [\w/.-]+){0,4})$", re.IGNORECASE),
)  # fmt: skip
_MAY_RULE = re.compile(r"rul|n't|\bnot?\b|nothing|unrelated|red herring|innocent", re.IGNORECASE)
_NO_SUSPECT = re.compile(
    r"^(?:(?:the|a|an|our) )?(?:first|last|only|best|same|case|end|time|point|whole|right|full|problem|issue|cause|root|sev|p\d|"
    r"incident|outage|surprise|big|blocker|fan|good|great|lot|few|priority|way|place|moment|drill|real|new|it|this|that|there|we|i|"
    r"page|one|ones|answer|solution|fix|plan|concern|expert|hard|easy|bad|done|over|which|what|who)\b",
    re.IGNORECASE,
)


def _ruled_out(clause: Clause, before: str) -> Iterator[Phrase]:
    """Find what people excluded as a cause; `Ruled out.` alone speaks of the sentence before it."""
    if before and re.fullmatch(r"(?:so |is |that is |now )*ruled out", clause.text.strip(), re.IGNORECASE):
        yield Phrase(field="root_cause.ruled_out", value=before)
        return
    if clause.supposes or _NOT_RULED.search(clause.text):
        return
    if not _MAY_RULE.search(clause.text):
        return
    for form in _RULED:
        found = form.search(clause.text)
        if found is None:
            continue
        value = found["value"].strip()
        value = re.sub(r"^(?:we|i)(?:'ve| have)?\s", "", value)
        if not _NO_SUSPECT.match(value) and len(value.split()) <= 10:
            yield Phrase(field="root_cause.ruled_out", value=value)
            return
