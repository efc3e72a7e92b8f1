"""What people state, line by line. The lines were written by hand for this table before the patterns were tuned on them;
no line comes from the data sets that figures are reported on."""

from __future__ import annotations

from datetime import date

import pytest

from afteraction.formats.phrases import phrases_in

SEV = "summary.severity"
TITLE = "summary.title"
ID = "summary.incident_id"
IC = "appendix.team.incident_commander"
LEAD = "appendix.team.technical_lead"
COMMS = "appendix.team.communications_lead"
SCRIBE = "appendix.team.scribe"
USERS = "executive_summary.impact.users_affected"
CAUSE = "root_cause.primary"
OUT = "root_cause.ruled_out"
FIX = "executive_summary.resolution"
PAGE = "executive_summary.status_page"
COMPLAINTS = "metrics.quality.customer_complaints"
LOSS = "impact.technical.data_loss"
UP = "impact.team.escalation_required"
LUCKY = "lessons.lucky"
REVENUE = "impact.business.revenue_loss"
STATUS = "summary.status"
ACK, LOOK, FOUND, ACT, DONE, BACK, QUIET, SURE, END, BEGAN = (
    f"milestone.{name}"
    for name in (
        "acknowledged", "investigating", "cause_identified", "responding", "fix_implemented", "restored", "stabilised",
        "confirmed", "closed", "impact_started",
    )
)  # fmt: skip

TOLD, EXPLAINED, STEP = "root_cause.told", "root_cause.explained", "resolution.step"

STATED: list[tuple[str, str, str]] = [
    ("found it. the pool is never given back", TOLD, "the pool is never given back"),
    ("ok found it: the resolver points to a host that is gone", TOLD, "the resolver points to a host that is gone"),
    (
        "It's the migration 0115. The new column has a volatile default",
        TOLD,
        "It's the migration 0115. The new column has a volatile default",
    ),
    (
        "pods cannot be scheduled, because the requests were raised from 250m to 2",
        EXPLAINED,
        "pods cannot be scheduled, because the requests were raised from 250m to 2",
    ),
    (
        "all shards are unassigned after the job deleted the old index",
        EXPLAINED,
        "all shards are unassigned after the job deleted the old index",
    ),
    ("the internal cert expired at midnight UTC", EXPLAINED, "the internal cert expired at midnight UTC"),
    (
        "The limit was set to 50 rps instead of 500 rps, a zero got lost",
        EXPLAINED,
        "The limit was set to 50 rps instead of 500 rps, a zero got lost",
    ),
    (
        "The price cache has no limit since yesterday's change, so it grows until the GC does nothing else",
        EXPLAINED,
        "The price cache has no limit since yesterday's change, so it grows until the GC does nothing else",
    ),
    ("SPF record restored from git", DONE, "SPF record restored from git"),
    ("Graphs are flat, incident resolved", SURE, "Graphs are flat, incident resolved"),
    ("429s are gone", BACK, "429s are gone"),
    ("Gateway rejects 62% of partner requests", USERS, "62% of partner requests"),
    ("this is a SEV-3, some customers give up", ACT, "this is a SEV-3, some customers give up"),
    ("@bo can you drive the technical side, @cleo please handle comms", LEAD, "bo"),
    ("@bo can you drive the technical side, @cleo please handle comms", COMMS, "cleo"),
    ("I'll lead", IC, "anna"),
    (
        "To do: Bogdan fixes the job until 5 January; Anke adds an alert",
        "actions.short_term",
        "adds an alert - Owner: Anke",
    ),
    (
        "Action items:\n- Nadia: lint the migrations (due 10 March)",
        "actions.short_term",
        "lint the migrations - Owner: Nadia, Due: 2026-03-10",
    ),
    (
        "What went well: partners got an answer within minutes",
        "lessons.went_well.response",
        "partners got an answer within minutes",
    ),
    ("Raising INC-5512, severity 2", SEV, "SEV2"),
    ("sev1, homepage broken for some", ACT, "sev1, homepage broken for some"),
    (
        "db-2 removed from the pool, all reads go to db-1 now",
        DONE,
        "db-2 removed from the pool, all reads go to db-1 now",
    ),
    ("customers tell us reports load again", SURE, "customers tell us reports load again"),
    ("three enterprise customers have called in", COMPLAINTS, "three enterprise customers have called"),
    ("Rolled back basket to 5.43.2, no effect", STEP, "Rolled back basket to 5.43.2, no effect"),
    ("killing it: select pg_terminate_backend(31407)", DONE, "killing it: select pg_terminate_backend(31407)"),
    ("deployed to basket-1 and reloaded", DONE, "deployed to basket-1 and reloaded"),
    ("locks are gone, inserts go through", BACK, "locks are gone, inserts go through"),
    ("login works again for me", BACK, "login works again for me"),
    ("queue is empty, mails arrive within seconds", BACK, "queue is empty, mails arrive within seconds"),
    ("I'm calling this resolved", SURE, "I'm calling this resolved"),
    ("no errors for half an hour, all clear", SURE, "no errors for half an hour, all clear"),
    ("20 min quiet", QUIET, "20 min quiet"),
    ("Yes got paged as well, taking it", ACK, "Yes got paged as well, taking it"),
    ("I can take this", ACK, "I can take this"),
    ("not the auth service itself", LOOK, "not the auth service itself"),
    ("No booking or payment was lost", LOSS, "No booking or payment was lost"),
    ("no payments lost, they stay in the queue", LOSS, "no payments lost, they stay in the queue"),
    ("Finance estimates 86k EUR in bookings we did not get", REVENUE, "86k EUR in bookings we did not get"),
    ("calling Bogdan, I cannot issue certs", UP, "calling Bogdan"),
    ("about 300 users could not log in", USERS, "about 300 users"),
    ("fixed, it was the config", BACK, "fixed, it was the config"),
    ("customers confirm that they can order again", SURE, "customers confirm that they can order again"),
    ("support says logins work again", SURE, "support says logins work again"),
    ("finance estimates EUR 18,000 in lost orders", REVENUE, "EUR 18,000 in lost orders"),
    ("declaring sev-1", SEV, "SEV1"),
    ("Declaring this a SEV2 incident.", SEV, "SEV2"),
    ("SEV2: checkout is failing for some users", SEV, "SEV2"),
    ("SEV2: checkout is failing for some users", TITLE, "checkout is failing for some users"),
    ("This is a Sev 1 now", SEV, "SEV1"),
    ("severity: high", SEV, "high"),
    ("*Severity*: SEV-3", SEV, "SEV3"),
    ("raising to P1", SEV, "P1"),
    ("downgrading from SEV1 to SEV2", SEV, "SEV2"),
    ("ok, upgrading this to sev1 since payments are down", SEV, "SEV1"),
    ("we're at SEV2", SEV, "SEV2"),
    ("SEV-2 declared, bridge is open", SEV, "SEV2"),
    ("incident INC-4312 opened", ID, "INC-4312"),
    ("Incident ID: INC-2026-0042", ID, "INC-2026-0042"),
    ("INC-77: basket errors", ID, "INC-77"),
    ("I'm IC", IC, "anna"),
    ("I'll be incident commander", IC, "anna"),
    ("I am taking incident command", IC, "anna"),
    ("taking IC", IC, "anna"),
    ("IC: @bo", IC, "bo"),
    ("Incident Commander: Bo Lind", IC, "Bo Lind"),
    ("Bo is incident commander", IC, "Bo"),
    ("@cleo.diaz is IC now", IC, "cleo.diaz"),
    ("handing IC to @cleo", IC, "cleo"),
    ("scribe: Bo", SCRIBE, "Bo"),
    ("I'll take comms", COMMS, "anna"),
    ("I'll scribe and do comms, tech lead is Bo", LEAD, "Bo"),
    ("Bo will be the scribe", SCRIBE, "Bo"),
    ("Comms lead: Cleo Diaz", COMMS, "Cleo Diaz"),
    ("about 12 % of checkouts are failing", USERS, "about 12 % of checkouts"),
    ("impact: ~400 customers cannot log in", USERS, "~400 customers"),
    ("roughly 3,200 users saw errors", USERS, "roughly 3,200 users"),
    ("12k requests failed", USERS, "12k requests"),
    ("Users affected: about 5%", USERS, "about 5%"),
    ("no customers were affected", USERS, "no customers"),
    ("root cause: connection pool was exhausted by the new job", CAUSE, "connection pool was exhausted by the new job"),
    ("The root cause was a missing index on orders.", CAUSE, "a missing index on orders"),
    ("this was caused by the config push at 14:02", CAUSE, "the config push at 14:02"),
    ("confirmed: the outage was caused by an expired certificate", CAUSE, "an expired certificate"),
    ("the culprit is the retry loop in the client", CAUSE, "the retry loop in the client"),
    ("found it", FOUND, "found it"),
    ("found the root cause, see thread", FOUND, "found the root cause, see thread"),
    ("ruled out the database", OUT, "the database"),
    ("DNS ruled out", OUT, "DNS"),
    ("not the database", OUT, "the database"),
    ("it's not the load balancer", OUT, "the load balancer"),
    ("the network is not the cause", OUT, "the network"),
    ("the deploy is unrelated", OUT, "deploy"),
    ("we can rule out a traffic spike", OUT, "a traffic spike"),
    ("fixed by reverting the flag", FIX, "reverting the flag"),
    ("Resolution: rolled back to 1.4.2", FIX, "rolled back to 1.4.2"),
    ("this was resolved by scaling the pool to 200", FIX, "scaling the pool to 200"),
    ("status page: We are investigating errors at checkout", PAGE, "We are investigating errors at checkout"),
    (
        'posted to the status page: "Some customers see errors when paying"',
        PAGE,
        "Some customers see errors when paying",
    ),
    ("on it", ACK, "on it"),
    ("ack", ACK, "ack"),
    ("I'll take a look", ACK, "I'll take a look"),
    ("looking now", ACK, "looking now"),
    ("looking into the error spike", LOOK, "looking into the error spike"),
    ("investigating", LOOK, "investigating"),
    ("checking the logs of the api pods", LOOK, "checking the logs of the api pods"),
    ("rolling back 1.4.3", ACT, "rolling back 1.4.3"),
    ("starting rollback", ACT, "starting rollback"),
    ("ok, failing over to the replica", ACT, "ok, failing over to the replica"),
    ("declaring an incident", ACT, "declaring an incident"),
    ("rollback complete", DONE, "rollback complete"),
    ("rolled back to 1.4.2", DONE, "rolled back to 1.4.2"),
    ("fix is deployed", DONE, "fix is deployed"),
    ("I've disabled the flag", DONE, "I've disabled the flag"),
    ("errors are gone", BACK, "errors are gone"),
    ("error rate is back to normal", BACK, "error rate is back to normal"),
    ("checkout has recovered", BACK, "checkout has recovered"),
    ("we're back up", BACK, "we're back up"),
    ("all clear", SURE, "all clear"),
    ("confirmed fixed, latency normal", SURE, "confirmed fixed, latency normal"),
    ("everything looks good", SURE, "everything looks good"),
    ("Incident resolved.", SURE, "Incident resolved"),
    ("stable for 30 minutes", QUIET, "stable for 30 minutes"),
    ("all alerts have cleared", QUIET, "all alerts have cleared"),
    ("ok, dashboards are all green", QUIET, "ok, dashboards are all green"),
    ("closing the incident", END, "closing the incident"),
    ("incident closed, thanks all", END, "incident closed, thanks all"),
    ("monitoring", STATUS, "monitoring"),
    ("impact started at 14:02 UTC", BEGAN, "impact started at 14:02 UTC"),
    ("support has 14 tickets so far", COMPLAINTS, "14 tickets"),
    ("23 customer complaints", COMPLAINTS, "23 customer complaints"),
    ("8 customers reported it", COMPLAINTS, "8 customers reported"),
    ("no data loss", LOSS, "no data loss"),
    ("we lost 12 orders", LOSS, "we lost 12 orders"),
    ("escalated to the database team", UP, "escalated to the database team"),
    ("paging @cleo", UP, "paging @cleo"),
    ("we got lucky that it was a holiday", LUCKY, "we got lucky that it was a holiday"),
    ("we lost about $40k in orders", REVENUE, "about $40k in orders"),
    (
        "ACTION: add an alert on pool usage @bo by Friday",
        "actions.short_term",
        "add an alert on pool usage - Owner: @bo, Due: 2026-03-06",
    ),
    ("Action item: document the failover (owner: Cleo)", "actions.short_term", "document the failover - Owner: Cleo"),
    ("TODO(@bo): raise the limit by tomorrow", "actions.immediate", "raise the limit - Owner: @bo, Due: 2026-03-05"),
    (
        "Follow-up: load test the pool by end of quarter",
        "actions.long_term",
        "load test the pool - Due: end of quarter",
    ),
    (
        "ACTION: rotate the keys by 2026-03-20 @cleo",
        "actions.medium_term",
        "rotate the keys - Owner: @cleo, Due: 2026-03-20",
    ),
    ("- [ ] TODO: write the runbook", "actions.short_term", "write the runbook"),
]

NOT_STATED: list[tuple[str, str]] = [
    ("it was the deploy that fixed it", TOLD),
    ("SPF record restored from git", BACK),
    ("Nadia you're tech lead?", LEAD),
    ("is it the migration?", TOLD),
    ("maybe it's the migration", TOLD),
    ("found it in the docs, thanks", TOLD),
    ("logins do not fail because of the certificate", EXPLAINED),
    ("restart the worker as well, because it is cheap", EXPLAINED),
    ("the certificate has not expired", EXPLAINED),
    ("Rolled back basket to 5.43.2, no effect", DONE),
    ("login does not work again yet", BACK),
    ("got paged as well", UP),
    ("Calling the API fails", UP),
    ("fixed the typo in the runbook", BACK),
    ("should be fixed, can you check", BACK),
    ("customers report that checkout fails again", SURE),
    ("is this SEV1?", SEV),
    ("is this a sev1", SEV),
    ("should we declare a SEV2", SEV),
    ("if it gets worse this is a SEV1", SEV),
    ("might be a SEV2", SEV),
    ("not a SEV1", SEV),
    ("this is not a SEV1", SEV),
    ("last week's SEV2 looked the same", SEV),
    ("like the SEV1 in May", SEV),
    ("the SEV2 runbook says to page", SEV),
    ("p99 is 3 s, p95 fine", SEV),
    ("P95 went up", SEV),
    ('Anna said "this is a SEV1"', SEV),
    ("> declaring SEV1", SEV),
    ("```\nseverity: critical\n```", SEV),
    ("similar to INC-12", ID),
    ("see INC-99 for background", ID),
    ("who is IC?", IC),
    ("can you be IC", IC),
    ("I'm not IC", IC),
    ("we need an IC", IC),
    ("IC: TBD", IC),
    ("@bo can you take IC?", IC),
    ("comms: posted", COMMS),
    ("12 % of traffic goes to the canary", USERS),
    ("95 % of users are back", USERS),
    ("are 400 customers affected?", USERS),
    ("it could affect 400 customers", USERS),
    ("we have 20 replicas", USERS),
    ("root cause: unknown", CAUSE),
    ("root cause is still unclear", CAUSE),
    ("Root cause: TBD", CAUSE),
    ("what is the root cause?", CAUSE),
    ("I think the root cause is the cache", CAUSE),
    ("root cause could be the cache", CAUSE),
    ("maybe this was caused by the deploy", CAUSE),
    ("was this caused by the deploy?", CAUSE),
    ("the root cause of last month's outage was DNS", CAUSE),
    ("we can't rule out the database", OUT),
    ("the database has not been ruled out", OUT),
    ("trying to rule out DNS", OUT),
    ("not the first time", OUT),
    ("it's not working", OUT),
    ("it's not the end of the world", OUT),
    ("is it the database?", OUT),
    ("is it fixed by the revert?", FIX),
    ("this should be fixed by the next deploy", FIX),
    ("not resolved yet", SURE),
    ("is it resolved?", SURE),
    ("this is not resolved", SURE),
    ("let me know when it's resolved", SURE),
    ("once resolved we will post", SURE),
    ("still not back to normal", BACK),
    ("error rate is not back to normal", BACK),
    ("are we back up?", BACK),
    ("waiting for latency to be back to normal", BACK),
    ("rollback failed", DONE),
    ("rollback is not done", DONE),
    ("has the fix been deployed?", DONE),
    ("should I roll back?", ACT),
    ("we could roll back", ACT),
    ("don't roll back yet", ACT),
    ("the rollback plan is in the wiki", ACT),
    ("can you look at this?", ACK),
    ("who is looking?", ACK),
    ("is there data loss?", LOSS),
    ("checking whether data was lost", LOSS),
    ("did we lose orders", LOSS),
    ("any customer complaints?", COMPLAINTS),
    ("when can we close the incident?", END),
    ("should we escalate to the vendor?", UP),
    ("status page: updated", PAGE),
    ("is the status page updated?", PAGE),
    ("the monitoring system is down", STATUS),
    ("monitoring is broken", STATUS),
    ("any action items?", "actions.short_term"),
    ("the action was denied", "actions.short_term"),
    ("when did the impact start?", BEGAN),
    ("have all alerts resolved?", QUIET),
    ("not all alerts are resolved", QUIET),
    ("the alerts are not resolved yet", QUIET),
]


@pytest.mark.parametrize(("text", "field", "value"), STATED)
def test_what_is_said_outright_is_stated(text: str, field: str, value: str) -> None:
    found = [(p.field, p.value) for p in phrases_in(text, speaker="anna", said_on=date(2026, 3, 4))]
    assert (field, value) in found


@pytest.mark.parametrize(("text", "field"), NOT_STATED)
def test_questions_guesses_denials_quotes_and_looks_back_state_nothing(text: str, field: str) -> None:
    assert [p.value for p in phrases_in(text, speaker="anna") if p.field == field] == []


def test_a_clock_in_the_text_is_kept_apart() -> None:
    (phrase,) = [p for p in phrases_in("errors began at 14:02 UTC") if p.field == BEGAN]
    assert phrase.clock == "14:02 UTC"


@pytest.mark.parametrize("word", ["A" * 4000, "@" + "a." * 2000, "Aa you " * 600, "Ab please " * 400, "because " * 500])
def test_a_hostile_line_states_nothing_and_is_read_to_its_end(word: str) -> None:
    assert [p for p in phrases_in(word, speaker="anna") if p.field.startswith(("appendix.", "root_cause."))] == []
