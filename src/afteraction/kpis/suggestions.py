"""What agents suggested in chat and how people answered.

The messages of a timeline come in; out goes every suggestion of an agent or bot with the answer of a person: in its thread,
in a later message that names its number, or in the next word of a person within minutes. A suggestion that nobody answered
stays open; silence is no consent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from afteraction.model.chronology import Timeline
from afteraction.model.event import ActorKind, Event, EventKind, Message

_OFFERS = re.compile(r"\bsuggestion\b(?:\s*#?(?P<number>\d+))?|\bi (?:suggest|recommend|propose)\b", re.IGNORECASE)
_READ = 600
_PROMPT = timedelta(minutes=5)
"""How long after an offer a plain yes or no still answers it."""
_YES = re.compile(
    r"^\W*(?:yes|yep|ok(?:ay)?|sure|go ahead|go for it|approved?|agreed|please do|do it|do that|try (?:it|that)|makes sense|sounds good|lgtm|\+1)\b|^[^.?!]{0,40}\b(?:do it|go ahead|try it|do that)\W*$|\b(?:is|are) approved\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^\W*(?:nope|don't|do not|stop|denied|rejected|declined)\b|^\W*no(?=\W*$|[.,!;:–—-])|\b(?:is|are) (?:rejected|declined|denied|refused)\b",
    re.IGNORECASE,
)


_YES_SIGNS = frozenset({"white_check_mark", "heavy_check_mark", "+1", "thumbsup", "ok_hand", "ok"})
_NO_SIGNS = frozenset(
    {"x", "-1", "thumbsdown", "no_entry", "no_entry_sign", "octagonal_sign", "negative_squared_cross_mark"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A suggestion, the message that answered it, and whether that was a yes; both None while nobody answered.

    A reaction (`:white_check_mark:`, `:x:`) answers as well; it has no message.
    """

    offer: Event
    answer: Event | None = None
    accepted: bool | None = None


def suggestions_in(timeline: Timeline) -> tuple[Suggestion, ...]:
    """Return the suggestions of agents and bots in order of time, each with the first yes or no of a person."""
    messages = [e for e in timeline.events if e.kind is EventKind.MESSAGE and isinstance(e.detail, Message)]
    said = [e for e in messages if e.actor is not None and e.actor.kind is ActorKind.PERSON]
    offers = [
        e for e in messages if e.actor and e.actor.kind is not ActorKind.PERSON and _OFFERS.search(e.text[:_READ])
    ]
    return tuple(_answered(offer, _same_channel(offer, said), offers) for offer in offers)


def _answered(offer: Event, said: list[Event], offers: list[Event]) -> Suggestion:
    number = found["number"] if (found := _OFFERS.search(offer.text[:_READ])) else None
    later = next((e.at for e in offers if e.at > offer.at), None)
    for event in said:
        # Behind an offer and before the next one, the first word of a person answers it, if it is a yes or a no.
        next_word = event.at - offer.at <= _PROMPT and (later is None or event.at < later)
        if event.at < offer.at or not (_threaded(event, offer) or _names(event, number) or next_word):
            continue
        if (accepted := _verdict(event.text)) is not None:
            return Suggestion(offer=offer, answer=event, accepted=accepted)
    return Suggestion(offer=offer, accepted=_reacted(offer))


def _same_channel(offer: Event, said: list[Event]) -> list[Event]:
    assert isinstance(offer.detail, Message)
    return [e for e in said if isinstance(e.detail, Message) and e.detail.channel == offer.detail.channel]


def _reacted(offer: Event) -> bool | None:
    """Return what reactions say when no message did; None when there are none, or some of both."""
    assert isinstance(offer.detail, Message)
    names = {reaction.split(" ")[0].split("::")[0] for reaction in offer.detail.reactions}
    yes, no = bool(names & _YES_SIGNS), bool(names & _NO_SIGNS)
    return yes if yes != no else None


def _threaded(event: Event, offer: Event) -> bool:
    assert isinstance(event.detail, Message)
    assert isinstance(offer.detail, Message)
    return bool(offer.detail.thread) and event.detail.thread == offer.detail.thread


def _names(event: Event, number: str | None) -> bool:
    return number is not None and re.search(rf"\bsuggestion\s*#?{number}\b", event.text, re.IGNORECASE) is not None


def _verdict(text: str) -> bool | None:
    if text.rstrip().endswith("?"):
        return None
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None
