"""A page and the alert that raised it are one thing; what is not plainly one stays two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afteraction.model.chronology import MilestoneName
from afteraction.model.event import EventKind
from afteraction.model.reading import Material
from afteraction.timeline import build
from afteraction.timeline.merge import merge
from afteraction.timeline.scope import alert_runs


def page(
    make: Any, minutes: float, title: str, *, key: str = "Q1", ends: float | None = None, **more: Any
) -> list[Any]:
    more = {"service": "on-call", "source": "pager", "file": "pages.json", "labels": (), **more}
    return [replace(event, text=title) for event in make.alert(minutes, title, key=key, ends=ends, **more)]


def alert(make: Any, minutes: float, name: str = "HighErrorRate", **more: Any) -> list[Any]:
    return make.alert(minutes, name, **{"source": "monitor", "file": "alerts.json", "key": f"fp-{name}", **more})


def test_a_page_that_names_alert_and_service_is_the_alerts_own(make: Any) -> None:
    events = [*alert(make, 0, ends=30), *page(make, 0.6, "[FIRING:1] HighErrorRate cart (critical)", ends=30.5)]
    merged = merge(events).events
    assert [event.kind for event in merged] == [EventKind.ALERT_FIRING, EventKind.ALERT_RESOLVED]
    assert all({o.file for o in (event.origin, *event.also)} == {"alerts.json", "pages.json"} for event in merged)


def test_the_acknowledgement_of_a_page_belongs_to_the_run_of_its_alert(make: Any) -> None:
    paged = page(make, 1, "HighErrorRate on cart")
    events = [*alert(make, 0, ends=20), *paged, replace(make.ack(5, paged[0]), source="pager")]
    (run,) = alert_runs(merge(events).events)
    assert [event.kind for event in run.events] == [
        EventKind.ALERT_FIRING, EventKind.ALERT_ACKNOWLEDGED, EventKind.ALERT_RESOLVED
    ]  # fmt: skip


def test_a_page_that_is_closed_long_after_its_alert_ended_raises_no_alarm_anew(make: Any) -> None:
    events = [*alert(make, 0, ends=20), *page(make, 1, "HighErrorRate on cart", ends=55)]
    timeline = build(Material(events=tuple(events)))
    restored = next(m for m in timeline.milestones if m.name is MilestoneName.RESTORED)
    assert restored.at == make.at(20)


def test_the_delay_of_pages_is_no_difference_of_clocks(make: Any) -> None:
    events = [e for n in range(6) for e in alert(make, 9 * n, f"HighErrors{n}x")]
    events += [e for n in range(6) for e in page(make, 9 * n + 0.6, f"HighErrors{n}x on cart", key=f"Q{n}")]
    merged = merge(events)
    assert len(merged.events) == 6
    assert not merged.skews


@pytest.mark.parametrize(
    ("title", "minutes", "more"),
    [
        ("[FIRING:1] HighErrorRate basket (critical)", 0.6, {}),
        ("[FIRING:1] HighErrorRates cart", 0.6, {}),
        ("[FIRING:1] QueueFull cart", 0.6, {}),
        ("[FIRING:1] HighErrorRate cart", 3.5, {}),
        ("[FIRING:1] HighErrorRate cart", -1.5, {}),
        ("[FIRING:1] HighErrorRate cart", 0.6, {"labels": (("zone", "b"),)}),
        ("[FIRING:1] HighErrorRate cart", 0.6, {"source": "monitor"}),
    ],
)
def test_what_differs_in_service_name_time_or_label_stays_two(make: Any, title: str, minutes: float, more: Any) -> None:
    events = [*alert(make, 0, labels=(("zone", "a"),)), *page(make, minutes, title, **more)]
    assert len(merge(events).events) == 2


def test_a_page_that_could_be_of_two_alerts_is_left_alone(make: Any) -> None:
    events = [*alert(make, 0, key="a"), *alert(make, 0.1, key="b"), *page(make, 0.6, "HighErrorRate on cart")]
    assert {event.detail.key for event in merge(events).events} == {"a", "b", "Q1"}


def test_two_pages_for_one_alert_are_left_alone(make: Any) -> None:
    pages = [page(make, 0.5, "HighErrorRate on cart", key=key)[0] for key in ("Q1", "Q2")]
    assert len({event.detail.key for event in merge([*alert(make, 0), *pages]).events}) == 3


_WORDS = ["Disk", "Queue", "Latency", "Error", "Certificate", "Login", "Replica", "Backup", "Cache", "Mail"]
_alerts = st.lists(
    st.tuples(
        st.integers(0, 40), st.sampled_from(_WORDS), st.sampled_from(["High", "Low", "Late"]),
        st.sampled_from(["cart", "basket", "mail", ""]), st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_alerts)
def test_an_alert_is_never_hidden_behind_one_of_another_name_or_service(make: Any, drawn: Any) -> None:
    events = []
    for number, (at, word, grade, service, paged) in enumerate(drawn):
        name = f"{word}{grade}"
        if paged:
            events += page(make, at / 10, f"[FIRING:1] {name} {service}", key=f"Q{number}")
        else:
            events += alert(make, at / 10, name, key=f"fp{number}", service=service)
    told = {(e.origin.file, e.origin.line): e for e in events}
    for event in merge(events).events:
        together = [told[o.file, o.line] for o in (event.origin, *event.also)]
        names = {e.detail.name.removeprefix("[FIRING:1] ").split()[0] for e in together}
        assert len(names) == 1
        services = {e.service for e in together if e.source == "monitor" and e.service}
        assert len(services) <= 1
        assert all(service in e.text for service in services for e in together if e.source == "pager")
    places = [o for event in merge(events).events for o in (event.origin, *event.also)]
    assert len(places) == len(set(places)) == len(events)


def test_a_page_for_two_alerts_that_names_no_service_is_the_page_of_neither(make: Any) -> None:
    alerts = [e for s in ("cart", "basket") for e in alert(make, 0, key=f"fp-{s}", service=s, ends=28)]
    paged = page(make, 0.6, "[FIRING:2] HighErrorRate (critical)", ends=30, labels=(("alertname", "HighErrorRate"),))
    merged = merge([*alerts, *paged, replace(make.ack(2, paged[0]), source="pager")]).events
    assert {event.detail.key for event in merged} == {"fp-cart", "fp-basket", "Q1"}
    assert len(merged) == 7
