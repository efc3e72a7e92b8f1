"""A service is unavailable when nothing of it worked; anything less is degraded, and the smear of a rate is taken off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from afteraction.evidence.investigate import investigate
from afteraction.evidence.outages import Unavailability, outages_of
from afteraction.model.finding import FindingKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Material
from afteraction.model.series import Series, SeriesKind

START = 1_700_000_000.0


def series(
    metric: str,
    values: list[float],
    *,
    step: float = 60,
    service: str = "cart",
    instance: str = "",
    kind: SeriesKind = SeriesKind.GAUGE,
    unit: str = "",
    **labels: str,
) -> Series:
    return Series(
        metric=metric,
        times=START + step * np.arange(len(values)),
        values=np.array(values, dtype=float),
        origin=Origin(file="m.json", record=metric),
        service=service,
        instance=instance,
        kind=kind,
        unit=unit,
        labels=tuple(labels.items()),
    )


def found(*given: Series) -> list[tuple[float, float | None]]:
    """Return the outages in minutes from the start."""
    return [((o.start - START) / 60, None if o.end is None else (o.end - START) / 60) for o in outages_of(list(given))]


def test_a_service_is_down_while_every_instance_reads_zero() -> None:
    one, other = series("up", [1, 0, 0, 0, 1, 1], instance="a"), series("up", [1, 1, 0, 0, 0, 1], instance="b")
    assert found(one, other) == [(2, 4)]
    assert found(one) == [(1, 4)]


def test_a_probe_that_still_reads_zero_has_no_end() -> None:
    assert found(series("probe_success", [1, 1, 0, 0])) == [(2, None)]


def test_a_share_of_failures_that_reaches_everything_is_an_outage_and_one_that_does_not_is_none() -> None:
    assert found(series("error_ratio", [0, 0, 1, 1, 1, 0, 0])) == [(2, 5)]
    assert found(series("error_ratio", [0, 0, 0.7, 0.9, 0.9, 0, 0])) == []
    assert found(series("error_percent", [0, 0, 100, 100, 0, 0], unit="%")) == [(2, 4)]
    assert found(series("availability", [1, 1, 0, 0, 0, 1, 1])) == [(2, 5)]


def test_a_share_that_was_full_all_along_measures_something_else() -> None:
    assert found(series("error_ratio", [1, 1, 1, 1, 1])) == []


def test_errors_per_second_are_no_share() -> None:
    assert found(series("errors_per_second", [0, 0, 1, 1, 1, 0])) == []
    assert found(series("error_rate", [0, 0, 1, 3, 1, 0])) == []


def test_one_route_of_several_that_fails_is_no_outage() -> None:
    bad, good = series("error_ratio", [0, 1, 1, 1, 0], route="/a"), series("error_ratio", [0, 0, 0, 1, 0], route="/b")
    assert found(bad, good) == []


def test_requests_counted_by_their_code_give_the_share() -> None:
    total = {"kind": SeriesKind.COUNTER}
    fine = series("http_requests_total", [0, 10, 20, 20, 20, 30, 40], code="200", kind=total["kind"])
    bad = series("http_requests_total", [0, 0, 0, 9, 18, 18, 18], code="503", kind=total["kind"])
    assert found(fine, bad) == [(2, 4)]
    assert found(bad) == []


def test_a_callers_view_of_its_callees_is_not_the_service() -> None:
    assert found(series("upstream_error_ratio", [0, 0, 1, 1, 1, 0, 0])) == []


def test_a_slow_decline_counts_from_when_nothing_worked() -> None:
    values = [0.0, *np.linspace(0.1, 0.9, 30), 1.0, 1.0, 1.0, 0.0, 0.0]
    assert found(series("error_ratio", list(values))) == [(31, 34)]


def test_a_series_of_failures_that_ends_with_the_trouble_does_not_make_it_endless() -> None:
    watched = series("requests_per_second", [5] * 12)
    assert found(watched, series("error_ratio", [0, 0, 1, 1, 1])) == [(2, 4)]
    assert found(series("error_ratio", [0, 0, 1, 1, 1])) == [(2, None)]


@given(
    began=st.integers(300, 900),
    lasts=st.integers(120, 900),
    window=st.sampled_from([30, 60, 120]),
    step=st.sampled_from([5, 10, 15]),
)
def test_the_smear_of_a_rolling_rate_is_taken_off(began: int, lasts: int, window: int, step: int) -> None:
    """One request a second, all of which fail from `began` on for `lasts` seconds; a scrape every `step` seconds."""
    assume(lasts >= window + step)  # a shorter one never fills the window at a scrape
    failing = np.zeros(2400)
    failing[began : began + lasts] = 1
    share = [float(failing[max(0, t - window) : t].mean()) if t else 0.0 for t in range(0, 2400, step)]
    (outage,) = outages_of([series("failed_share", share, step=step)])
    assert outage.end is not None
    assert abs(outage.start - START - began) <= 2 * step
    assert abs(outage.end - START - (began + lasts)) <= 2 * step


@pytest.mark.parametrize("service", ["", "cart"])
def test_an_outage_of_nobody_is_none(service: str) -> None:
    assert len(found(series("error_ratio", [0, 0, 1, 1, 0], service=service))) == bool(service)


def test_an_outage_becomes_a_cited_finding() -> None:
    answer = investigate(Material(series=(series("error_ratio", [0, 0, 0, 1, 1, 1, 0, 0]),)))
    (outage,) = answer.outages
    (finding,) = [f for f in answer.findings if f.id == outage.finding]
    assert finding.kind is FindingKind.METRIC
    assert finding.summary == "every request of cart failed until 22:19:20 UTC"
    assert finding.citations == (Origin(file="m.json", record="error_ratio"),)


def test_every_outage_names_its_series() -> None:
    assert all(isinstance(o, Unavailability) and o.citations for o in outages_of([series("up", [1, 0, 1])]))
