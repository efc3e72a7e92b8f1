"""What the record does by itself: it reminds of reviews and actions, looks whether an incident came back, and tidies up.

One job that repeats plans the others, each under a name, so that every worker may plan and nothing is planned twice. What a
job has to say becomes an entry of the audit trail, which readers of changes follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from afteraction.model.job import Job
from afteraction.model.record import COMPUTED, ActionState, AuditEntry, IncidentStatus, TrackedAction, Wanted
from afteraction.model.settings import Settings
from afteraction.ports.store import Store, Transaction
from afteraction.usecases import limits
from afteraction.usecases.accounts import forget_used_links
from afteraction.usecases.ask import Alike, similar
from afteraction.usecases.work import Done, Handler

PLAN, TIDY, REMIND, RECUR, COLLECT = "plan", "tidy", "remind", "recur", "collect"
_REGULAR = {PLAN: 300, TIDY: 3600}
"""The jobs that are always there, each with the seconds after which it runs again."""
_LOOKED_BACK = timedelta(days=2)
"""How old an incident may be for its recurrence to be looked for; older ones were there when the service began."""
_FIRST_LOOK = timedelta(minutes=10)
"""How long after its opening an incident is compared: it has told what it is about by then."""
_KEPT_JOBS = timedelta(days=30)
_KEPT_REPLIES = timedelta(days=7)
"""How long a client may repeat a request under its key without a second effect."""
_REMINDED_AGAIN = timedelta(days=7)
_AHEAD, _BEHIND = timedelta(days=1), timedelta(days=30)
"""Around now, what is due is looked at: further ahead it may be moved still, further behind it was planned long ago."""
_UNFINISHED = (IncidentStatus.OPEN, IncidentStatus.MITIGATED)


def begin(record: Transaction, *, at: datetime) -> None:
    """Plan the jobs that are always there."""
    for kind, seconds in _REGULAR.items():
        record.add_job(Job(kind=kind, name=kind, run_at=at, every=seconds))


def handlers(store: Store, settings: Settings) -> Mapping[str, Handler]:
    """Return what carries out each kind of job."""
    own = _Scheduled(store=store, settings=settings)
    return {PLAN: own.plan, TIDY: own.tidy, REMIND: own.remind, RECUR: own.recur}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scheduled:
    store: Store
    settings: Settings

    def plan(self, job: Job, at: datetime) -> Done:
        """Plan a reminder for each review and action that falls due, a look back for each new incident, collections."""
        del job
        with self.store.begin() as record:
            planned = [*_reminders(record, at), *_looks_back(record, at)]
            if self.settings.collectors and self.settings.collect_minutes:
                planned += _collections(record, at, self.settings.collect_minutes)
        return Done(write=lambda record: _add(record, planned))

    def remind(self, job: Job, at: datetime) -> Done:
        """Remind of a review or an action that is due and not done yet; again each week until it is."""
        with self.store.begin() as record:
            told = _still_open(record, job.arguments, at)
        if told is None:
            return Done(stop=True)
        entry = AuditEntry(at=at, author=COMPUTED, what=told, incident=job.arguments["incident"])
        return Done(write=lambda record: record.add_audit(entry), again=at + _REMINDED_AGAIN)

    def recur(self, job: Job, at: datetime) -> Done:
        """Say which earlier incident a new one may repeat."""
        incident = job.arguments["incident"]
        with self.store.begin() as record:
            if record.incident(incident) is None:
                return Done(stop=True)
            found = [one for one in similar(record, incident, limit=20) if _repeats(one)]
        if not found:
            return Done(stop=True)
        text = "; ".join(
            f"{one.incident.id} {one.incident.title} (both: {', '.join((*one.services, *one.words[:5]))})"
            for one in found[:3]
        )
        entry = AuditEntry(at=at, author=COMPUTED, what="may have come back", incident=incident, after=text)
        return Done(write=lambda record: record.add_audit(entry), stop=True)

    def tidy(self, job: Job, at: datetime) -> Done:
        """Forget what is of no use any more: sessions that ran out, old attempts, replies and jobs that were done."""
        del job

        def write(record: Transaction) -> None:
            record.end_sessions(expired_by=at)
            record.forget_attempts(before=at - limits.KNOWN_FOR)
            forget_used_links(record, at=at)
            record.forget_jobs(done_before=at - _KEPT_JOBS)
            record.forget_replies(before=at - _KEPT_REPLIES)

        return Done(write=write)


def _add(record: Transaction, jobs: list[Job]) -> None:
    for job in jobs:
        record.add_job(job)


def _reminders(record: Transaction, at: datetime) -> list[Job]:
    found = []
    for review in record.reviews():
        if review.held_at is None and -_BEHIND <= review.due - at <= _AHEAD:
            told = {"incident": review.incident, "review": review.name}
            found.append(Job(kind=REMIND, name=f"remind {review.incident} {review.name} {review.due:%Y-%m-%d}",
                             arguments=told, run_at=review.due))  # fmt: skip
    for action in record.actions():
        if action.state is ActionState.OPEN and (due := due_of(action)) and -_BEHIND <= due - at <= _AHEAD:
            told = {"incident": action.incident, "action": str(action.number)}
            found.append(Job(kind=REMIND, name=f"remind {action.incident} action {action.number} {due:%Y-%m-%d}",
                             arguments=told, run_at=due))  # fmt: skip
    return found


def _looks_back(record: Transaction, at: datetime) -> list[Job]:
    return [
        Job(kind=RECUR, name=f"recur {one.id}", arguments={"incident": one.id}, run_at=max(at, one.opened_at + _FIRST_LOOK))
        for one in record.incidents(Wanted(since=at - _LOOKED_BACK, limit=500))
    ]  # fmt: skip


def _collections(record: Transaction, at: datetime, minutes: int) -> list[Job]:
    return [
        Job(kind=COLLECT, name=f"collect {one.id}", arguments={"incident": one.id}, run_at=at, every=60 * minutes)
        for one in record.incidents(Wanted(status=_UNFINISHED, since=at - _LOOKED_BACK, limit=500))
    ]


def due_of(action: TrackedAction) -> datetime | None:
    """Return the end of the day on which an action is due, or None when its date is no date."""
    try:
        day = date.fromisoformat(action.due.strip())
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _still_open(record: Transaction, told: Mapping[str, str], at: datetime) -> str | None:
    """Return the words of a reminder, or None when it is not needed any more."""
    incident = told["incident"]
    if "review" in told:
        review = next((one for one in record.reviews(incident) if one.name == told["review"]), None)
        waits = review is not None and review.held_at is None and review.due <= at
        return f"review {told['review']} is due" if waits else None
    action = next((one for one in record.actions(incident) if str(one.number) == told["action"]), None)
    if action is None or action.state is not ActionState.OPEN:
        return None
    due = due_of(action)
    owner = f", owner {action.owner}" if action.owner else ", without an owner"
    return f"action {action.number} is overdue since {action.due}{owner}" if due is not None and due <= at else None


def _repeats(one: Alike) -> bool:
    """Say whether an earlier incident is over and like enough: it shares a service and what is said of it.

    Private ones are not named: who reads of the new incident may not know of them.
    """
    over = one.incident.status in {IncidentStatus.RESOLVED, IncidentStatus.CLOSED}
    return over and not one.incident.private and bool(one.services) and len(one.words) >= 2
