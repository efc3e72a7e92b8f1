"""What a hand-written row or a report says about the course of an incident.

A text in English comes in, the milestones that a row of a written timeline states go out; of a message it is said
whether it reports a symptom, an alarm, a relapse. (What people state in chat is read by the sources, as statements.) A
text in another language states nothing here and is left to people. No name of a product or service is known.
"""

from __future__ import annotations

import re

from afteraction.model.chronology import MilestoneName

M = MilestoneName

READ_CHARACTERS = 600
"""How much of a text is read; what matters stands at the beginning, what follows is quoted output."""


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(alternatives) + r")", re.IGNORECASE)


_THING = r"(?:fix|hot-?fix|patch|mitigation|work-?around|revert|roll-?back|remediation)"
_BE = r"(?:\s+(?:is|are|was|were|has|have|been|be|now|all|fully|again|successfully))*"
_CAPACITY = r"(?:limits?|quotas?|capacity|replicas?|pools?|sizes?|timeouts?|memory|cpus?|nodes?|instances?|threads?|workers?|resources)"
_DONE = r"(?:deployed|applied|live|rolled out|shipped|implemented|in place|released|complete[d]?|done|finished|landed|out|in)\b"

_TOLD: dict[MilestoneName, re.Pattern[str]] = {
    M.IMPACT_STARTED: _words(
        r"(?:impact|outage|errors?|degradation|symptoms?|disruption|downtime)(?:\s+(?:first|has|have))?\s+(?:starts?|started|begins?|began|begun|beginning)\b",
        r"(?:start|beginning|onset) of (?:the )?(?:customer |user )?(?:impact|outage|incident|disruption|degradation)\b",
        r"(?:users?|customers?) (?:start(?:ed)?|beg[ai]n) (?:to )?(?:see|seeing|experienc\w+|getting|get|receiv\w+|hav\w+)\b",
    ),
    M.ACKNOWLEDGED: _words(
        r"ack(?:ed|s|nowledg(?:e[ds]?|ing))?\b",
        r"(?:is|am|are|'m|'re) on it\b",
        r"(?:takes?|took) over\b(?! (?:as|from|the|its|by))",
        r"(?:takes?|taking|took|picks?|picked|picking) (?:it|this|(?:up )?the (?:page|alert|incident|ticket))(?: on| up| over)?\b",
    ),
    M.INVESTIGATING: _words(
        r"(?:is |are |am |now |start(?:s|ed|ing) |begin\w* |began )*(?:to )?investigat(?:ing|e[sd]?|ion (?:start\w*|beg\w+|under ?way))\b",
        r"look(?:s|ed|ing) (?:into|at|in)\b",
        r"(?:begins?|began|start(?:s|ed)) (?:looking|to look|digging|debugging)\b",
        r"(?:tak(?:es?|ing)|took) a look\b",
        r"(?:digging|dug|digs) (?:in|into|through)\b",
        r"(?:debugging|debugged|troubleshooting|troubleshoots|triaging|triaged|triage)\b",
        r"(?:checking|checks|checked) (?:the |our |its? )?\w+",
    ),
    M.CAUSE_IDENTIFIED: _words(
        r"root[- ]?cause(?: of \w+(?: \w+){0,4})?(?:'s|\s+(?:is|was|has been|identified|found|confirmed|determined))\b",
        r"root[- ]?cause\s*[:=]",
        r"(?:identif(?:y|ied|ies)|found|finds?|pin-?pointed|tracked down|trac(?:ed|es) (?:it )?(?:down )?to|determin(?:ed|es)|isolated|discover(?:ed|s)|know(?:n)?) (?:out )?(?:that )?(?:the |a |our )?(?:likely |actual |real )?(?:root[- ]?)?(?:cause|culprit|source of)\b",
        r"(?:the |our )?(?:culprit|cause)(?: of \w+(?: \w+){0,4})?\s+(?:is|was|has been|turned out)\b",
        r"cause(?:\s+(?:is|was|has been))? (?:identified|found|confirmed|determined|known)\b",
        r"(?:this|that|it|which|issue|outage|problem|errors?|incident)(?:'s|\s+is|\s+was|\s+are|\s+were)? (?:being )?(?:caused|triggered) by\b",
        r"(?:that|this|it)(?:'s| is| was) (?:the |our )?(?:root[- ]?cause|culprit|cause)\b",
        r"(?:issue|problem) (?:is |was |has been )?(?:isolated|traced) to\b",
    ),
    M.RESPONDING: _words(
        r"declar(?:e|es|ed|ing) (?:this |it )?(?:an? |as )*(?:\w+ )?(?:incident|outage|sev\b|sev[- ]?\d|p[0-5]\b)",
        r"incident(?: \S+)?(?:\s+(?:is|was|has been|now))* (?:declared|opened|created|started|raised)\b",
        r"(?:open(?:ed|ing)?|creat(?:ed|ing)|start(?:ed|ing)?|rais(?:ed|ing)) (?:up )?(?:an? |the )?(?:new )?(?:\w+[- ])?(?:incident|war[- ]?room|bridge|incident call|incident channel)\b",
        r"(?:this is|call(?:ing)? (?:it|this)|treating (?:it|this) as|making (?:it|this)|setting (?:severity|it) to) (?:an? )?(?:sev|severity|p)[- ]?\d\b",
        r"(?:i'?m|i am|i'?ll be|taking|acting as|assign\w+|assum\w+) (?:the |as |over as )*(?:ic|incident commander|incident lead)\b",
        r"(?:leads|takes the lead (?:of|on|in)|coordinates) the (?:incident|response)\b",
        r"severity (?:is |was )?(?:set|raised) to\b",
        r"response (?:is |was )?(?:initiated|started|begun|began|team (?:assembled|formed))\b",
        r"war[- ]?room (?:is )?(?:open|opened|started)\b",
    ),
    M.FIX_IMPLEMENTED: _words(
        rf"{_THING}{_BE}\s+{_DONE}",
        rf"(?:deployed|applied|shipped|pushed|rolled out|implemented|released|landed) (?:the |a |our |an )?(?:\w+ ){{0,2}}{_THING}\b",
        r"(?:rolled|rolls) (?:\S+ ){0,4}?back\b(?! (?:now|soon|to normal))",
        rf"{_THING} (?:\w+ and )?{_DONE}",
        r"reverted\b",
        r"restored from (?:git|the |an? )?\w+",
        r"(?:disabled|turned off|switched off|toggled|flipped|enabled|turned on|re-enabled) (?:the |a )?(?:\S+ ){0,4}(?:flag|feature|toggle|switch)\b",
        r"(?:restarted|bounced|rebooted|scaled (?:up|out|down|in)|failed over|fail-?over (?:is )?(?:complete|completed|done)|drained|cordoned|renewed|rotated|purged|flushed|freed|extended)\b",
        rf"(?:increased|raised|bumped|doubled|lifted) (?:the |our )?(?:\S+ ){{0,3}}?{_CAPACITY}\b",
        rf"{_CAPACITY}{_BE} (?:increased|raised|bumped|doubled|lifted)\b",
        r"changes? (?:have been |has been |was |were |is |are )?(?:deployed|reverted|applied|rolled out|rolled back)\b",
    ),
    M.RESTORED: _words(
        rf"(?:\w+(?:\s+\w+){{0,3}}){_BE}\s+(?:restored(?! from)|recovered|operational|back (?:up|online|to normal|in service|to life)|working again|mitigated|healthy again|serving (?:traffic )?again|up again|up and running)\b",
        r"(?:impact|outage|disruption|downtime)(?:\s+(?:is|was|has|now))* (?:over|ended|ends|mitigated|resolved|gone)\b",
        r"(?:end of (?:the )?(?:customer |user )?(?:impact|outage|disruption))\b",
        r"(?:errors?|error rates?|latency|latencies|success rates?|traffic|5xx\w*|p9\d|metrics|rates?|queue\w*)(?:\s+\S+){0,4} (?:back to|returned to|return to|recovered|dropped (?:back )?to|down to|back at|back under|back below) ?(?:normal|baseline|zero|0|usual|pre-\w+)?",
        r"(?:customers?|users?|clients?|players?|patients?|guests?|everybody|everyone|people) (?:have|had|get|got|can|could) .{2,40}\bagain\b",
        r"(?:queues?|backlogs?)(?:\s+\w+){0,2} (?:empty|drained|gone|worked off)\b",
        r"(?:deliver\w+|traffic|service|errors?|operations?|everything|logins?|payments?|orders?)(?: (?:is|are|back to|looks?))* normal\b",
        r"(?:fully )?(?:restored(?! from)|recovered|mitigated|back to normal|back online|we'?re back|resolved|fixed)\b",
    ),
    M.STABILISED: _words(
        r"stabili[sz](?:ed|es)\b",
        r"(?:metrics?|monitoring|dashboards?|graphs?|error rates?|latency|system|service|everything|things|traffic|it)(?:\s+\S+){0,4} (?:stable|quiet|clean|steady|flat)\b",
        r"no (?:new|more|further) (?:errors?|alerts?|failures?|occurrences?|reports?)\b",
        r"(?:remains?|holding|staying|still|been) (?:\w+ )?(?:stable|steady|quiet|green)\b",
    ),
    M.CONFIRMED: _words(
        r"(?:confirm(?:ed|s|ing)?|verif(?:y|ied|ies|ying)|validated)\b(?:\s+\S+){0,8}?\s*(?:works|working|recover\w*|resol\w+|normal\w*|fixed|healthy|operational|functional|restor\w+|stable|back (?:up|to|online))\b",
        r"confirm(?:s|ed)?\b.{0,60}\b(?:arrives?|works?|can|goes|go|succeeds?)\b",
        r"(?:service|recovery|fix|resolution|restoration|normal\w*)(?:\s+\w+){0,3}\s+(?:confirmed|verified|validated)\b",
        r"all[- ]clear\b",
        r"all (?:is )?good\b",
        r"(?:everything|all \w+)(?:\s+(?:is|are|looks?|seems?|now|back))+ (?:good|normal|healthy|fine|green|working|ok|okay|to normal)\b",
        r"incident(?: \S+)?(?:\s+(?:is|has been|was|now))* resolved\b",
        r"(?:marking|marked|declaring|declared|calling|called) (?:this |it |the |incident )*(?:as )?resolved\b",
    ),
    M.CLOSED: _words(
        r"incident(?: \S+)?(?:\s+(?:is|has been|was|now|can be))* closed\b",
        r"clos(?:e|es|ed|ing) (?:out )?(?:this|the|out|our)?\s*(?:\w+ )?(?:incident|ticket|bridge|war[- ]?room|case)\b",
        r"(?:marking|marked|declaring|declared) (?:this |it |the |incident )*(?:as )?closed\b",
    ),
    M.DETECTED: _words(
        r"detect(?:ed|s|ion)?\b",
        r"(?:alerts?|alarms?|monitors?|pages?|pager\w*|probes?)(?:\s+\S+){0,6}? (?:fir(?:es|ed|ing|e)|trigger(?:s|ed)?|went off|sent|rais(?:ed|es)|rang|came in|goes off|received|paged|sounded)\b",
        r"(?:got|was|were|gets|is|are) paged\b|paged\b",
        r"(?:receiv(?:ed|es|ing)|got|gets) (?:an? |the |first |several |multiple )*(?:\w+ ){0,3}(?:alerts?|alarms?|pages?|notifications?|reports?)\b",
        r"(?:users?|customers?|clients?|somebody|someone|engineers?|colleagues?|team|support|we|staff|on-?call|(?<=@)[\w-]+)(?:\s+\w+){0,3} (?:report(?:s|ed|ing)?|notic(?:es|ed)|notif(?:ies|ied)|complain(?:s|ed)?|rais(?:es|ed) (?:an? |the )?(?:issue|concern))\b",
        r"\w+ report(?:s|ed) (?:that|seeing|an? |a potential|issues|problems|errors)",
        r"(?:first|initial) (?:\w+ )?(?:alert|alarm|report|page|detection|sign|complaint|ticket|call)s?\b",
        r"(?:problem|issue|outage|incident)(?:\s+(?:is|was))? (?:identified|discovered|noticed|detected|reported|spotted)\b",
    ),
}

_UNSURE = re.compile(
    r"\b(?:maybe|perhaps|possibl[ey]|probably|might|may|could|think|guess|suspect\w*|wonder\w*|unclear|unknown|looking for|"
    r"seems?|hypothes\w+|theory|trying|attempt\w*|tries|tried)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|never|isn'?t|aren'?t|hasn'?t|haven'?t|doesn'?t|didn'?t|nobody|no one)\b", re.IGNORECASE
)
_HALF_DONE = re.compile(
    r"\b(?:partial\w*|some|most|despite|fail(?:s|ed)?\b(?! over)|failing|blocked|temporar\w+|brief\w*|confirm\w* that no)\b",
    re.IGNORECASE,
)
"""Words of a sentence that tells of an end that was none: a partial recovery, a rollback that failed."""
_SURE_ONLY = {M.CAUSE_IDENTIFIED, M.RESTORED, M.CONFIRMED, M.FIX_IMPLEMENTED}
"""Milestones that a supposition or an attempt does not make."""

_REPORTED = re.compile(r"\b(?:first|initial|complain\w*|report(?:s|ed)?|alert\w*|paged?)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+|\s+(?:but|though|however)\s+")


def milestones_told(text: str) -> frozenset[MilestoneName]:
    """Return the milestones that a row of a timeline states which somebody wrote afterwards."""
    found: set[MilestoneName] = set()
    for sentence in _SENTENCE.split(text[:READ_CHARACTERS]):
        if _NEGATED.search(sentence):
            # `first complaint that mails do not arrive` tells of what was noticed all the same.
            found |= {M.DETECTED} if _TOLD[M.DETECTED].search(sentence) and _REPORTED.search(sentence) else set()
            continue
        unsure = bool(_UNSURE.search(sentence)) or sentence.rstrip().endswith("?")
        told = {name for name, form in _TOLD.items() if not (unsure and name in _SURE_ONLY) and form.search(sentence)}
        if _HALF_DONE.search(sentence):
            told -= {M.RESTORED, M.CONFIRMED, M.FIX_IMPLEMENTED}
        found |= told
    return frozenset(found)


_SYMPTOM = (
    r"(?:errors?|5\d\d'?s?|5xx|time-?outs?|timing out|timed out|slow\w*|latency|laggy|fail(?:s|ed|ing|ures?)?|down|outages?|broken|unavailable|"
    r"unreachable|issues?|problems?|blank|stuck|hang(?:s|ing)?|crash\w*|can(?:'?t|not)|could(?:n'?t| not) be|unable|degraded|refused|missing|declined|spik\w+)"
)
_REPORT = _words(
    rf"(?:seeing|see|getting|get|having|have|experienc\w+|notic\w+|report(?:s|ed|ing)?|complain\w*|anyone else|is anyone|hitting|receiving)\b.{{0,80}}\b{_SYMPTOM}\b",
    r"(?:is|are|seems?|looks?|went|goes|appears?|just went)(?: to be| like it'?s)?(?: (?:totally|completely|all|very|really|partially))? (?:down|broken|unavailable|unreachable|failing|timing out|erroring|degraded|slow|rejected|declined|refused|dropped|delayed|missing|stuck|lost|not (?:working|delivered|loading|responding))\b",
    r"(?:customers?|users?|clients?|people|guests?|patients?|players?|drivers?|members|everyone|nobody)\b.{0,20} (?:can'?t|cannot|could not|couldn'?t|can) \w+",
    r"(?:is|are|keeps?|just) (?:losing|dropping|eating|forgetting) (?:stuff|items?|data|orders?|messages?|sessions?|\w+s)\b",
    r"(?:show|shows|showing|get|gets|load|loads) not\b",
    r"(?:vanished|disappeared|disappearing|gone missing)\b",
    r"(?:can'?t|cannot|unable to|not able to|couldn'?t) (?:log ?in|sign in|check ?out|pay|load|access|connect|reach|open|place|submit|search|upload)\b",
    r"(?:pager|alert\w*|monitor\w*|phone) (?:just |has )?(?:woke|paged|called|went off|rang)\b",
    r"(?:queues?|latency|lag|error rates?|errors?|cpu|memory|disks?|backlog|load|response times?)\b.{0,30}\b(?:above|over|high|full|growing|rising|climbing|through the roof|at \d+ ?%)",
    r"(?:customers?|users?|clients?|merchants?) (?:\w+ )?(?:wait|waiting|cannot|can't|can not|report|reporting|complain|complaining|see|seeing|get|getting)\b",
    r"^(?:the |our )?[\w/.-]+ (?:rejects?|refuses?|drops?|returns? [45]\d\d|times out|crashes|fails|hangs)\b",
    r"(?:something|smth)(?:'s| is| looks| seems) (?:wrong|broken|off)\b",
)
_CUSTOMER = re.compile(
    r"\b(?:customers?|users?|clients?|merchants?|partners?|sellers?|readers?|players?|guests?|tenants?|buyers?|subscribers?|patients?|passengers?|students?|"
    r"shoppers?|viewers?|fans|residents|households|travell?ers|visitors?|members|shops?|clinics?|support (?:tickets?|queue|desk|calls?|team)|"
    r"(?:tickets?|calls?|complaints?|reports?) (?:from|coming|are)|social media)\b",
    re.IGNORECASE,
)
_ALARM = re.compile(
    r"\[?\bfiring\b|\btriggered\b|\balert(?:ing|s|ed)?\b|\balarms?\b|\bpaged\b|\bproblem:\s|\bin alarm\b|🔥|🚨|:fire:|:rotating_light:",
    re.IGNORECASE,
)
_CALM = re.compile(r"\[?\bresolved\b|\brecovered\b|\bback to normal\b|\bstate:? ok\b|\bcleared\b|✅", re.IGNORECASE)
_MONITOR = re.compile(
    r"\b(?:alerts?|alarms?|alerting|alertmanager|pager\w*|paged|monitor(?:s|ing)?|probes?|synthetic\w*|health ?checks?|dashboards?|on-?call was (?:paged|alerted))\b",
    re.IGNORECASE,
)
_RETRACTED = _words(
    r"(?:scratch|ignore) that\b",
    r"false alarm\b",
    r"(?:was|is)(?:n'?t| not) (?:it|the (?:root )?cause|the culprit|the problem|the issue)\b",
    r"not the (?:root )?(?:cause|culprit)\b",
    r"rul(?:ed|ing) (?:it |that |this )?out\b",
    r"red herring\b",
    r"(?:i|we) (?:was|were) wrong\b",
)
_RELAPSED = _words(
    r"(?:is|are|it'?s|we'?re) (?:back|happening again|failing again|down again|seeing (?:it|errors|this) again)\b(?! (?:up|online|to|in service))",
    r"(?:down|failing|broken|erroring|firing|spiking|happening) again\b",
    r"(?:re-?occurr|relaps|regress)\w*",
    r"(?:not|isn'?t|wasn'?t) (?:actually )?(?:fixed|resolved|recovered|restored|mitigated)\b",
    r"(?:spoke|called it) too (?:soon|early)\b",
)


def reports_symptom(text: str) -> bool:
    """Say whether a person's message reports that something does not work."""
    return bool(_REPORT.search(text[:READ_CHARACTERS]))


def names_customers(text: str) -> bool:
    """Say whether a text speaks of customers or users."""
    return bool(_CUSTOMER.search(text[:READ_CHARACTERS]))


def names_monitor(text: str) -> bool:
    """Say whether a text speaks of an alert, a page or monitoring."""
    return bool(_MONITOR.search(text[:READ_CHARACTERS]))


def bot_fires(text: str) -> bool:
    """Say whether a bot's message tells that an alert fires."""
    head = text[:READ_CHARACTERS]
    return bool(_ALARM.search(head)) and not _CALM.search(head)


def bot_resolves(text: str) -> bool:
    """Say whether a bot's message tells that an alert ended."""
    return bool(_CALM.search(text[:READ_CHARACTERS]))


def retracts(text: str) -> bool:
    """Say whether a text takes back a cause that was named before."""
    return bool(_RETRACTED.search(text[:READ_CHARACTERS]))


def relapses(text: str) -> bool:
    """Say whether a text tells that the symptoms came back or never went."""
    return bool(_RELAPSED.search(text[:READ_CHARACTERS]))


SINCE = re.compile(
    r"\b(?:since|from|start(?:ed|ing|s)?(?: at| around| about)?|began(?: at| around| about)?|as of)\s+(?:about |around |approximately |approx\.? |~|c\. ?)?"
    r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?)(?P<zone>\s?(?:Z|UTC|GMT)\b)?",
    re.IGNORECASE,
)
"""A clock time from which something is said to have lasted ("errors since 13:58")."""

UNTIL = re.compile(
    r"\b(?:at|around|about|by|since|as of)\s+(?:about |around |~)?(?P<clock>\d{1,2}:\d\d(?::\d\d)?)(?P<zone>\s?(?:Z|UTC|GMT)\b)?",
    re.IGNORECASE,
)
"""A clock time at which a message says that something happened ("recovered at 14:33")."""
