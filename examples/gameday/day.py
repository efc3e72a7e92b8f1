"""The course of the day: when what is committed and deployed, what people type, say and ask of the agent.

What happens to the shop is not written here: the script waits for the alerts that really come, and people say the figures
that were really measured.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import history
from agent import Agent
from chat import BRUNO, INES, LENA, MONITORING, OPS_AGENT, PRIYA, RELEASES, Chat, Member
from history import Change, Repository
from hosting import Hosting
from monitoring import Delivery, Monitoring
from terminal import Terminal

CHANNEL = "inc-checkout"
IN_USE = "curl -s localhost:18082/metrics | grep '^orders_db_connections'"


@dataclass
class Day:
    """Everybody and everything that takes part."""

    repository: Repository
    hosting: Hosting
    monitoring: Monitoring
    chat: Chat
    agent: Callable[[], Agent]
    terminal: Callable[[], Terminal]
    token: str
    open_alerts: bytes = b""
    shas: dict[str, str] = field(default_factory=dict)

    def commit(self, change: Change) -> str:
        """Make a commit and remember its sha under the name of its patch."""
        self.shas[change.patch] = self.repository.commit(change)
        return self.shas[change.patch]

    def release(self, service: str, sha: str, by: str) -> None:
        """Deploy a commit and let the deploy bot tell it."""
        self.hosting.deploy(service, sha, by)
        self.chat.say("releases", RELEASES, f"{service} `{sha[:7]}` is live (released by {by})")

    def say(self, who: Member, text: str, *, pause: float = 1.0) -> str:
        """Let somebody say something in the incident's channel after a pause, in seconds."""
        time.sleep(pause)
        return self.chat.say(CHANNEL, who, text)


def tell_alerts(chat: Chat, delivery: Delivery) -> None:
    """Let the monitoring bot tell a delivery in the alerts channel; what is for information only goes unsaid."""
    payload = delivery.payload
    if payload["commonLabels"]["severity"] == "info":
        return
    mark = ":rotating_light:" if payload["status"] == "firing" else ":white_check_mark:"
    labels, notes = payload["commonLabels"], payload["commonAnnotations"]
    summary = notes.get("summary", "")
    text = f"{mark} [{payload['status'].upper()}] {labels['alertname']} ({labels['service']}): {summary}"
    chat.say("alerts", MONITORING, text)


def morning(day: Day) -> None:
    """Quiet hours: a steady load, small releases, then the one that matters and two that only look so."""
    chat = day.chat
    time.sleep(40)
    chat.say("general", LENA, "Good morning! Cake in the kitchen, it is Tomas' birthday :cake:")
    day.release("stock", day.commit(history.STOCK_LOG), "lena")
    time.sleep(35)
    day.release("orders", day.commit(history.WAIT_LONGER), "tomas")
    time.sleep(45)
    day.commit(history.README_PORTS)
    chat.say("general", BRUNO, "Thanks, on my way. Who takes the last piece?")
    time.sleep(45)
    sha = day.commit(history.CREDIT_FIRST)
    time.sleep(10)
    day.release("orders", sha, "tomas")
    time.sleep(30)
    sha = day.commit(history.HALF_EVEN)
    time.sleep(10)
    day.release("pricing", sha, "lena")
    time.sleep(15)
    day.hosting.set_flag("quote_cache", on=True, by="lena")
    time.sleep(15)
    day.release("storefront", day.commit(history.LOG_ITEMS), "bruno")


def first_minutes(day: Day) -> Terminal:
    """The alert comes; somebody takes it; a first look; an impact statement."""
    day.monitoring.await_alert("CheckoutFailing", "firing")
    time.sleep(9)
    day.chat.say("alerts", INES, "ack, I have the page and take this one")
    for who in (INES, BRUNO, PRIYA):
        day.chat.join(CHANNEL, who)
    day.say(
        INES,
        f"<!here> I declare a SEV2: customers cannot check out. I am incident commander. {BRUNO.mention} is technical "
        f"lead, {PRIYA.mention} does the communication with customers.",
        pause=6,
    )
    terminal = day.terminal()
    day.say(BRUNO, "looking")
    terminal.type("curl -s localhost:18081/metrics | grep http_requests_total", think=1)
    terminal.type("tail -n 4 logs/storefront.log")
    share = day.monitoring.checkout_failures()
    day.open_alerts = day.monitoring.open_alerts()
    day.say(
        INES, f"Impact: about {share:.0%} of checkouts fail right now. Quotes and browsing work.".replace("%", " %")
    )
    day.say(
        PRIYA,
        "Support has 3 tickets so far: checkout hangs, then says 'Please try again'. Status page is set to: "
        '"Investigating: customers may be unable to complete a checkout. Prices and quotes are not affected."',
        pause=4,
    )
    return terminal


def wrong_track(day: Day, terminal: Terminal) -> None:
    """Pricing was deployed last before the alert, so it is suspected and restarted; that does not help."""
    releases = f'curl -s -H "Authorization: Bearer {day.token}" http://127.0.0.1:18080/deploys'
    terminal.type(releases, think=1)
    day.say(
        BRUNO, "pricing went out shortly before it began and every order asks it for prices. I try a restart of it."
    )
    terminal.type("shopctl restart pricing", think=1)
    time.sleep(12)
    terminal.type("tail -n 4 logs/storefront.log")
    terminal.type("tail -n 3 logs/pricing.log")
    share = f"{day.monitoring.checkout_failures() * 100:.0f} %"
    day.say(
        BRUNO,
        f"Restarted pricing, no change, still {share} failing. It is not pricing: it answers in milliseconds and "
        "has no errors. Ruled out.",
    )


def agent_restarts(day: Day, agent: Agent) -> None:
    """The agent looks, suggests a restart of orders, and does it once it may; a second suggestion is refused."""
    agent.call("query_metrics", query='sum by (job, code) (rate(http_requests_total{code=~"5.."}[30s]))')
    agent.call("tail_logs", service="orders", lines=5, contains="ERROR")
    agent.call("query_metrics", query="orders_db_connections_in_use")
    agent.call("list_deploys", service="orders")
    asked = day.say(
        OPS_AGENT,
        "Suggestion 1: restart_service orders. All 32 database connections of orders are in use and requests wait in vain "
        "for a free one. A restart gives the pool back.",
    )
    time.sleep(5)
    day.chat.say(CHANNEL, INES, "yes, go ahead", thread=asked)
    day.chat.react(CHANNEL, asked, "+1", BRUNO)
    result = agent.call("restart_service", service="orders")
    day.say(OPS_AGENT, f"Done: {result.text}.", pause=0.5)
    asked = day.say(
        OPS_AGENT,
        "Suggestion 2: restart_service stock as well, because orders calls it while it holds a connection.",
        pause=6,
    )
    time.sleep(5)
    day.chat.say(
        CHANNEL, INES, "No. stock has no errors and a restart would drop reservations under way.", thread=asked
    )
    time.sleep(6)
    share = f"{day.monitoring.checkout_failures() * 100:.0f} %"
    day.say(INES, f"Failures are going down after the restart of orders, {share} over the last 30 s. Keep watching.")


def cause_found(day: Day, terminal: Terminal) -> None:
    """The pool fills again while the developer reads what changed."""
    terminal.type(f"for n in 1 2 3; do date -u +%T; {IN_USE}; sleep 7; done", think=1)
    day.say(
        BRUNO,
        "The pool of orders fills up again: in use only ever goes up, even when nothing is slow. Something takes "
        "connections and does not give them back. The restart only bought us a minute or two.",
    )
    terminal.type("grep -A 14 Traceback logs/orders.log | tail -n 15")
    terminal.type("cd repo")
    terminal.type("git --no-pager log --oneline --stat morning.. -- orders", think=1)
    waits, culprit = day.shas["orders-wait-longer"][:7], day.shas["orders-credit-first"][:7]
    terminal.type(f"git --no-pager show {waits}", think=1)
    terminal.type(f"git --no-pager show {culprit}", think=2)
    day.say(
        BRUNO,
        f'Found the cause: {culprit} "do not hold a connection while stock is asked". When an order is refused because '
        "of the credit limit, place() returns before give_back(), so every refused order loses one connection of the "
        f"pool. After 32 of them nobody gets one. {waits} only changes how long we wait, that one is innocent.",
        pause=4,
    )


def rolled_back(day: Day, terminal: Terminal, agent: Agent, seen: int) -> None:
    """The alert fires again; the rollback is suggested, accepted, refused by the tool once, and then done."""
    waits, culprit = day.shas["orders-wait-longer"][:7], day.shas["orders-credit-first"][:7]
    asked = day.say(OPS_AGENT, f"Suggestion 3: rollback_release orders to the release before {culprit}.", pause=3)
    time.sleep(3)
    day.chat.say(CHANNEL, INES, "Did the new release change the database? Check before we go back.", thread=asked)
    terminal.type(f"git --no-pager diff --stat {waits} {culprit}", think=3)
    day.chat.say(CHANNEL, BRUNO, "no schema change, the old release reads everything", thread=asked)
    day.monitoring.await_alert("CheckoutFailing", "firing", since=seen)
    time.sleep(5)
    day.say(INES, "It is firing again. Suggestion 3 is approved, roll back orders now.")
    agent.call("list_deploys")
    pricing = day.shas["pricing-half-even"][:7]
    failed = agent.call("rollback_release", service="orders", release=pricing)
    day.say(OPS_AGENT, f"The first call failed: {failed.text}. I take {waits}.", pause=2)
    result = agent.call("rollback_release", service="orders", release=waits)
    day.say(OPS_AGENT, f"Done: {result.text}.", pause=0.5)
    agent.call("query_metrics", query="orders_db_connections_in_use")


def recovery(day: Day, terminal: Terminal, agent: Agent, seen: int) -> None:
    """Alerts resolve, the quiet is watched, the all-clear is given."""
    terminal.type("cd ..", think=2)
    shown = terminal.type(f"for n in 1 2 3; do date -u +%T; {IN_USE}; sleep 7; done")
    used = [int(number) for number in re.findall(r"in_use (\d+)", shown)]
    terminal.type("tail -n 4 logs/storefront.log")
    failed = day.hosting.log_lines("storefront", "checkout failed", last=15)
    day.say(
        BRUNO,
        f"The pool stays at {min(used)} to {max(used)} in use, refused orders included. {failed or 'No'} failed checkout "
        "in the last 15 s.",
    )
    day.monitoring.await_alert("CheckoutFailing", "resolved", since=seen)
    day.monitoring.await_quiet()
    day.say(INES, "All alerts are resolved. We watch for another minute.", pause=6)
    time.sleep(50)
    agent.call("query_metrics", query="orders_db_connections_in_use")
    terminal.type(IN_USE)
    terminal.end()
    agent.end()
    day.say(BRUNO, "Still flat. No order was lost or written twice: a checkout that fails writes no order.")
    day.say(PRIYA, '7 tickets in all. Status page: "Resolved: checkouts work again. We are sorry for the trouble."')
    day.say(INES, "All clear: checkout works normally again, the incident is resolved. Thanks everybody.", pause=6)
    soon, later = (datetime.now(UTC).date() + timedelta(days=days) for days in (2, 4))
    who = BRUNO.mention
    day.say(INES, f"Action item: {who} adds a test that a refused order gives its connection back, due {soon}.")
    day.say(INES, f"Action item: {who} adds an alert on the use of the connection pool of orders, due {later}.")
    day.say(PRIYA, "Somebody should also write the runbook that the alert links to, the page is empty.", pause=4)


def live(day: Day) -> None:
    """Live through the day, from the first release to the last message."""
    morning(day)
    terminal = first_minutes(day)
    agent = day.agent()
    wrong_track(day, terminal)
    agent_restarts(day, agent)
    day.monitoring.await_alert("CheckoutFailing", "resolved")
    seen = len(day.monitoring.deliveries)
    cause_found(day, terminal)
    rolled_back(day, terminal, agent, seen)
    recovery(day, terminal, agent, len(day.monitoring.deliveries))
    time.sleep(20)
