"""Which change could have caused what is seen: points for and against each, never the newest by default.

In: events that are changes, and the incident as seen. Out: candidates with points (log-odds, natural) and the
sentences behind them. What speaks for a change is that what it does can do this (mechanism, words, stack frames,
values, a series that began to move when it went live), where it went, and only little that it was recent; what rules
it out is that it came later, cannot act at run time, or went elsewhere. Refuses nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from afteraction.evidence.diffs import HARD, Delta, Mechanism, delta_of
from afteraction.evidence.metrics.nature import words_of
from afteraction.evidence.seen import Seen, frames_of
from afteraction.evidence.symptoms import BY_NAME
from afteraction.evidence.weights import WEIGHTS, Weights
from afteraction.model.event import Change, ChangeKind, Event, EventKind
from afteraction.model.origin import Origin

LOUD = 40
"""How many of the loudest symptoms are compared with a change."""
COMMON = frozenset(
    ["the", "and", "for", "with", "from", "func", "function", "return", "error", "err", "string", "int", "bool", "true", "false", "nil", "null", "none", "self", "this", "var", "const", "new", "get", "set", "add", "fix", "feat", "chore", "refactor", "test", "docs", "update", "use", "type", "struct", "class", "public", "private", "import", "package", "context", "ctx", "http", "request", "req", "response", "res", "name", "value", "data", "key", "list", "map", "len", "append", "service", "services", "server", "client", "handler", "config", "default", "time", "second", "seconds", "json", "status", "code", "text", "line", "lines"]
)  # fmt: skip
"""Words that every codebase uses; sharing them says nothing."""


@dataclass(slots=True)
class Candidate:
    """A change with its effective time (seconds since the epoch), the service it went to, and its points."""

    ref: str
    kind: ChangeKind
    title: str
    service: str
    at: float
    delta: Delta
    origins: tuple[Origin, ...]
    paths: tuple[str, ...] = ()
    deployed: bool = False
    points: float = 0.0
    pro: list[tuple[float, str]] = field(default_factory=list)
    contra: list[tuple[float, str]] = field(default_factory=list)
    specific: float = 0.0
    ruled_out: str = ""

    def weigh(self, points: float, why: str, *, specific: bool = False) -> None:
        """Add a piece of evidence; `specific` marks what ties this change's content to these symptoms."""
        if not points:
            return
        self.points += points
        (self.pro if points > 0 else self.contra).append((points, why))
        if specific and points > 0:
            self.specific += points


def candidates_of(events: Iterable[Event], services: frozenset[str]) -> list[Candidate]:
    """Join commits with their deploys; a commit that was never deployed by name goes live with the next deploy."""
    changes = [(e, e.detail) for e in events if e.kind is EventKind.CHANGE and isinstance(e.detail, Change)]
    deploys = [(e, c) for e, c in changes if c.kind is ChangeKind.DEPLOY]
    commits = [(e, c) for e, c in changes if c.kind is ChangeKind.COMMIT]
    used: set[int] = set()
    out = []
    owners: dict[str, Counter[str]] = {}
    for event, commit in commits:
        own = [(i, d) for i, (d, c) in enumerate(deploys) if _same(c.ref, commit.ref)]
        used |= {i for i, _ in own}
        if own:
            first = min((d for _, d in own), key=lambda d: d.at)
            out.append(_candidate(event, commit, first.service or event.service, first.at.timestamp(), (event, first)))
            for path in commit.files:
                owners.setdefault(_area(path), Counter())[first.service] += 1
        else:
            out.append(_candidate(event, commit, event.service, event.at.timestamp(), (event,)))
    for i, (event, change) in enumerate(deploys):
        if i not in used:
            out.append(_candidate(event, change, event.service, event.at.timestamp(), (event, event)))
    for event, change in changes:
        if change.kind not in {ChangeKind.DEPLOY, ChangeKind.COMMIT}:
            out.append(_candidate(event, change, event.service, event.at.timestamp(), (event, event)))
    _place(out, deploys, owners, services)
    return out


def _candidate(event: Event, change: Change, service: str, at: float, events: tuple[Event, ...]) -> Candidate:
    return Candidate(
        ref=change.ref or change.version, kind=change.kind, title=change.title or event.text, service=service, at=at,
        delta=delta_of(change.files, change.diff, change.title or event.text), paths=change.files,
        origins=tuple(dict.fromkeys(e.origin for e in events)), deployed=len(events) > 1,
    )  # fmt: skip


def _same(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one == other or (min(len(one), len(other)) >= 7 and
                                                           (one.startswith(other) or other.startswith(one))))  # fmt: skip


def _area(path: str) -> str:
    return "/".join(path.split("/")[:2])


def _place(
    found: list[Candidate],
    deploys: list[tuple[Event, Change]],
    owners: dict[str, Counter[str]],
    services: frozenset[str],
) -> None:
    """Find the service of commits that no deploy names: by the folder others of that service touch, or its name."""
    for candidate in found:
        if candidate.service or candidate.kind is not ChangeKind.COMMIT:
            continue
        counts: Counter[str] = Counter()
        for path in candidate.paths:
            area = _area(path)
            if area.count("/") and owners.get(area):
                counts.update(owners[area])
            else:
                counts.update(s for s in services if any(_names(part, s) for part in path.split("/")[:-1]))
        if counts:
            candidate.service = counts.most_common(1)[0][0]
        later = [e.at.timestamp() for e, _ in deploys if e.at.timestamp() >= candidate.at
                 and (not candidate.service or e.service == candidate.service)]  # fmt: skip
        if deploys:
            candidate.at = min(later) if later else math.inf


def _names(part: str, service: str) -> bool:
    one, other = re.sub(r"\W|_", "", part).lower(), re.sub(r"\W|_", "", service).lower()
    return len(one) >= 3 and (one == other or (len(one) >= 4 and one in other))


def weigh_changes(found: list[Candidate], seen: Seen, weights: Weights = WEIGHTS) -> list[Candidate]:
    """Give every candidate its points against what is seen; best first."""
    frequency = Counter(
        word for c in found for word in c.delta.words | {n.lower() for n in c.delta.names} | c.delta.files
    )
    any_deploy = any(c.deployed for c in found)
    for candidate in found:
        _weigh_time(candidate, seen, weights, any_deploy=any_deploy)
        if candidate.ruled_out:
            continue
        _weigh_place(candidate, seen, weights)
        _weigh_content(candidate, seen, weights)
        _weigh_words(candidate, seen, weights, frequency, total=len(found))
        _weigh_values(candidate, seen, weights)
        _weigh_precursors(candidate, seen, weights)
        _weigh_quiet(candidate, found, seen, weights)
    return sorted(found, key=lambda c: (bool(c.ruled_out), -c.points))


def _weigh_time(c: Candidate, seen: Seen, worth: Weights, *, any_deploy: bool) -> None:
    if math.isinf(c.at):
        c.ruled_out = "it was not deployed anywhere before the material ends"
    elif seen.onset is not None and c.at > seen.onset + max(seen.slack, 1.0):
        c.ruled_out = f"it went live {_span(c.at - seen.onset)} after the symptoms had begun"
    if c.ruled_out:
        c.weigh(worth.came_later, c.ruled_out)
        return
    if any_deploy and not c.deployed and c.kind is ChangeKind.COMMIT:
        c.weigh(worth.undeployed, "no deploy names it; it can only have gone out with another build")
    if seen.onset is not None:
        lag = max(0.0, seen.onset - c.at)
        c.weigh(worth.lag * math.log1p(lag / 900.0), f"{_span(lag)} lie between it and the symptoms")


def _weigh_place(c: Candidate, seen: Seen, worth: Weights) -> None:
    if not c.service or not seen.blamed:
        return
    share = seen.share(c.service)
    origin = seen.blamed[0].service
    if c.service == origin:
        c.weigh(worth.at_origin, f"it went to {c.service}, where the trouble starts")
    elif share >= 0.3:
        c.weigh(worth.among_first * share, f"it went to {c.service}, which is among the first to suffer")
    elif c.service in seen.graph.below(origin):
        c.weigh(worth.below_origin, f"it went to {c.service}, on which {origin} depends")
    elif seen.hurt(c.service):
        c.weigh(worth.only_caller, f"{c.service} suffers only as a caller of {origin}")
    else:
        c.weigh(worth.nothing_wrong, f"it went to {c.service}, where nothing is wrong")


def _weigh_content(c: Candidate, seen: Seen, worth: Weights) -> None:
    mechanisms = c.delta.mechanisms
    if Mechanism.INERT in mechanisms:
        c.weigh(worth.inert, "it touches documentation, tests, tooling or looks only, nothing that runs")
        return
    best, name, how = 0.0, "", ""
    for label, share in seen.classes.items():
        fit = mechanisms & BY_NAME[label].causes
        if fit and share > best:
            best, name, how = share, label, min(fit).replace("_", " ")
    if best:
        c.weigh(
            worth.fits + worth.fits_share * best,
            f"its diff ({how}) is of the kind that causes {name.replace('-', ' ')}",
            specific=True,
        )
    elif c.delta.known:
        c.weigh(worth.fits_nothing, "nothing in its diff is of a kind that causes these symptoms")
    if Mechanism.RESTRUCTURED in mechanisms and not mechanisms & HARD:
        c.weigh(worth.restructured, "it restates or moves code and keeps what it does")
    if Mechanism.DEPENDENCY in mechanisms:
        c.weigh(worth.dependency, "it only moves versions of libraries")
    if Mechanism.BOUNDED in mechanisms and seen.classes.get("memory", 0) >= 0.2:
        c.weigh(worth.bounded, "what it keeps is bounded")


def _weigh_words(c: Candidate, seen: Seen, worth: Weights, frequency: Counter[str], *, total: int) -> None:
    """Stack frames in files that it changes, and rare words that its diff and the symptoms share.

    Names of services are left out: where a change went is weighed elsewhere, and a name says nothing about what broke.
    """
    if Mechanism.INERT in c.delta.mechanisms:
        return
    if framed := _framed(c.delta, seen):
        # A name that several changes touch (`main.go`) stands in several places and tells these apart the less.
        shared_by = max(1, frequency[framed.partition(" in ")[0]])
        points = worth.stack_frame if " in " in framed else worth.stack_frame / shared_by
        c.weigh(points, f"the stack names {framed}, which it changes", specific=True)
    loudest = max((t.weight for t in seen.texts), default=1.0) or 1.0
    dull = COMMON | {word for service in seen.services for word in words_of(service)}
    shared: dict[str, float] = {}
    for text in seen.texts[:LOUD]:
        tokens = frozenset(w for w in words_of(text.text) if len(w) > 2) - dull
        low = text.text.lower()
        wholes = [n for n in c.delta.names if len(n) >= 8 and ("_" in n or not n.islower()) and n.lower() in low]
        found = [(word, 1.0, frequency[word]) for word in c.delta.words & tokens]
        found += [(whole, 2.0, frequency[whole.lower()]) for whole in wholes if whole not in seen.services]
        for word, whole, common in found:
            points = whole * text.weight / loudest * _rarity(common, total)
            shared[word] = max(shared.get(word, 0.0), points)
    if shared:
        top = sorted(shared.items(), key=lambda kv: (-kv[1], kv[0]))[:4]
        points = min(2.5, worth.shared_words * sum(v for _, v in top))
        words = ", ".join(f'"{k}"' for k, _ in top)
        c.weigh(points, f"its diff and the symptoms share {words}", specific=points > 1)


def _framed(delta: Delta, seen: Seen) -> str:
    """The stack frame among the loudest symptoms that stands in a file of this change, empty without one."""
    framed = ""
    for text in seen.texts[:LOUD]:
        for file, near in frames_of(text.text):
            if file in delta.files:
                if any(f in near for f in delta.functions):
                    return f"{file} in {near}"
                framed = framed or file
    return framed


def _rarity(frequency: int, total: int) -> float:
    return math.log((total + 1) / (frequency + 0.5)) / math.log(total + 2)


def _weigh_values(c: Candidate, seen: Seen, worth: Weights) -> None:
    """A number of the diff that a series or a log field shows as its new level."""
    for value in c.delta.values:
        for p in seen.precursors:
            same = math.isclose(p.after, value.after, rel_tol=0.02) and math.isclose(
                p.before, value.before, rel_tol=0.02
            )
            if same and value.words & set(words_of(p.metric)):
                c.weigh(worth.same_value, f"it changes {value.before:g} to {value.after:g}, and so did {p.metric} of {p.service}",
                        specific=True)  # fmt: skip
                return


def _weigh_precursors(c: Candidate, seen: Seen, worth: Weights) -> None:
    """A series that began to move when the change went live, well before or until the symptoms."""
    if seen.onset is None:
        return
    best, why = 0.0, ""
    for p in seen.precursors:
        early = seen.onset - p.at > 2 * p.step + seen.slack
        if not (early or p.ramp) or (c.service and p.service not in {c.service, ""}):
            continue
        distance = p.at - c.at
        if -2 * p.step <= distance:
            reach = max(3 * p.step, (0.1 if p.ramp else 0.05) * (seen.onset - c.at), 60.0)
            closeness = math.exp(-abs(distance) / reach)
            points = worth.moved_with_it * closeness * min(1.0, p.surprise / 3)
            if points > best:
                best, why = (
                    points,
                    f"{p.summary}, {_span(abs(distance))} {'after' if distance >= 0 else 'before'} it went live",
                )
        elif p.ramp:
            c.weigh(
                worth.moved_before_it, f"{p.metric} of {p.service} was already on its way {_span(-distance)} before it"
            )
            return
    if best > 0.3:
        c.weigh(best, why, specific=True)


def _weigh_quiet(c: Candidate, found: list[Candidate], seen: Seen, worth: Weights) -> None:
    """A climb on the change's own service that began only when a later change went live: until then nothing had moved."""
    for p in seen.precursors:
        if not p.ramp or p.service != c.service or p.at - c.at <= 3 * p.step:
            continue
        if any(o.service == c.service and o.at > c.at and abs(p.at - o.at) <= 2 * p.step for o in found):
            c.weigh(
                worth.quiet_until_later,
                f"{p.metric} stayed flat for {_span(p.at - c.at)} after it and climbed with a later change",
            )
            return


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
