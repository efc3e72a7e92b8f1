"""What counts as somebody else's outage, and what is only our own pager telling of our own alert."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from afteraction.evidence.callgraph import CallGraph
from afteraction.evidence.outside import outside_causes
from afteraction.evidence.seen import Seen, Text
from afteraction.model.event import Alert, Event, EventKind, Warned
from afteraction.model.origin import Origin, Precision

ONSET = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("detail", "blamed"),
    [(Warned(object_ref="zone-b7", reason="degraded"), ["provider"]), (Alert(key="k", name="zone-b7 fails"), [])],
)
def test_a_status_of_a_provider_at_the_onset_is_an_outside_cause_and_a_pagers_own_log_is_none(
    detail: Alert | Warned, blamed: list[str]
) -> None:
    told = Event(
        at=ONSET,
        precision=Precision.SECOND,
        kind=EventKind.STATUS,
        text="zone-b7 fails",
        source="x",
        origin=Origin(file="status.json", line=1),
        detail=detail,
    )
    seen = Seen(
        onset=ONSET.timestamp(),
        slack=30.0,
        blamed=(),
        signals=(),
        texts=(Text(text="calls to zone-b7 fail", service="cart", weight=1.0, citation=Origin(file="log", line=2)),),
        alerts=(),
        precursors=(),
        graph=CallGraph(),
        services=frozenset({"cart"}),
        events=(told,),
    )
    assert [found.name for found in outside_causes(seen, ())] == blamed


@pytest.mark.parametrize(("about", "blamed"), [("Bookings", []), ("Textbird Booking API", ["provider"])])
def test_what_our_own_status_page_says_of_our_own_service_is_no_outage_of_a_provider(
    about: str, blamed: list[str]
) -> None:
    told = Event(
        at=ONSET, precision=Precision.SECOND, kind=EventKind.STATUS, text="requests fail", source="x", service=about,
        origin=Origin(file="status.json", line=1), detail=Warned(object_ref=about, reason="investigating"),
    )  # fmt: skip
    seen = Seen(
        onset=ONSET.timestamp(), slack=30.0, blamed=(), signals=(), texts=(), alerts=(), precursors=(), graph=CallGraph(),
        services=frozenset({"booking-api"}), events=(told,),
    )  # fmt: skip
    assert [found.name for found in outside_causes(seen, ())] == blamed
