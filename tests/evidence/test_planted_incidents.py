"""Incidents with a planted cause and innocent deploys at onset: the cause is named, or none of them is blamed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from afteraction.evidence.investigate import Parts, investigate
from afteraction.model.finding import SuspectKind, Verdict, Window
from afteraction.model.reading import Material

sys.path.insert(0, str(Path(__file__).parent))
from planted import MINUTES, ONSET, Incident, at, metric, with_decoys

CULPRIT = "c0ffee" + "0" * 34
SERVICES = ("web", "orders", "ledger", "search")


def quiet(names: tuple[str, ...] = SERVICES) -> Incident:
    web, orders, ledger, search = names
    incident = Incident(names)
    incident.calls(web, orders)
    incident.calls(orders, ledger)
    incident.series += [metric(name, "requests_per_sec", 300) for name in names]
    incident.series += [metric(search, "http_server_duration_p99_ms", 120)]
    return incident


def failing(incident: Incident, names: tuple[str, ...] = SERVICES, text: str = "upstream {} returned 500") -> Incident:
    web, orders = names[:2]
    incident.series += [metric(orders, "error_rate_5xx_ratio", 0.004, 0.3)]
    incident.series += [metric(web, "error_rate_5xx_ratio", 0.004, 0.2, start=ONSET + 1)]
    incident.complain(web, text.format(orders), start=ONSET + 0.5)
    incident.alert(orders, "error_rate_5xx_ratio", f"{orders} 5xx ratio above 2%")
    return incident


def lowered_timeout() -> Incident:
    incident = failing(quiet())
    incident.complain("orders", "call to ledger failed: context deadline exceeded while awaiting headers")
    diff = "@@ client.go\n-\tcfg.RequestTimeout = 2000 * time.Millisecond\n+\tcfg.RequestTimeout = 200 * time.Millisecond\n"
    incident.deploy(ONSET - 4, "orders", CULPRIT, "chore: align client settings", ("services/orders/client.go",), diff)
    return incident


def leaking_descriptors() -> Incident:
    incident = failing(quiet())
    incident.series += [metric("orders", "process_open_fds", 80, 1024, start=15, ramp=True)]
    incident.complain("orders", "accept tcp: too many open files")
    diff = "@@ func (s *S) Fetch(\n \tresp, err := s.hc.Get(url)\n-\tdefer resp.Body.Close()\n \treturn io.ReadAll(resp.Body)\n"
    incident.deploy(15, "orders", CULPRIT, "refactor: stream invoices", ("services/orders/invoice.go",), diff)
    return incident


def renamed_field_in_callee() -> Incident:
    incident = failing(quiet())
    incident.complain(
        "orders", 'failed to decode ledger response: json: unknown field "amount_cents", missing "amount"'
    )
    diff = '@@ type Entry struct {\n-\tAmount int64 `json:"amount"`\n+\tAmountCents int64 `json:"amount_cents"`\n }\n'
    incident.deploy(ONSET - 1, "ledger", CULPRIT, "refactor: name fields", ("services/ledger/api.go",), diff)
    return incident


def greedy_pattern() -> Incident:
    incident = quiet()
    incident.series += [
        metric("orders", "cpu_usage_percent", 22, 98),
        metric("orders", "http_duration_p99_ms", 150, 5200),
    ]
    incident.complain("orders", "request timed out after 5000ms in validateAddress")
    incident.alert("orders", "http_duration_p99_ms", "orders p99 above 1s")
    diff = "@@ validate.go\n+var addressRe = regexp.MustCompile(`^(([a-z]+)?)+$`)\n+func validateAddress(a string) error {\n+\tif !addressRe.MatchString(a) { return ErrAddress }\n+}\n"
    incident.deploy(ONSET - 6, "orders", CULPRIT, "feat: stricter addresses", ("services/orders/validate.go",), diff)
    return incident


@pytest.mark.parametrize("build", [lowered_timeout, leaking_descriptors, renamed_field_in_callee, greedy_pattern])
def test_the_change_that_can_do_it_is_named_and_innocent_deploys_at_onset_are_not(
    build: Callable[[], Incident],
) -> None:
    incident = build()
    with_decoys(incident, "orders", "web")

    found = investigate(incident.material())

    assert found.verdict is Verdict.SUSPECT
    assert (found.suspects[0].kind, found.suspects[0].ref) == (SuspectKind.CHANGE, CULPRIT)


def surge() -> Incident:
    incident = Incident(SERVICES)
    incident.calls("web", "orders")
    incident.calls("orders", "ledger")
    incident.series += [metric(name, "requests_per_sec", 300, 1900, start=ONSET - 2) for name in SERVICES]
    incident.series += [metric("orders", "http_duration_p99_ms", 150, 3000)]
    incident.complain("orders", "request shed: concurrency limit reached")
    incident.alert("orders", "http_duration_p99_ms", "orders p99 above 1s")
    return incident


def provider_outage() -> Incident:
    incident = failing(quiet())
    incident.calls("orders", "api.cardgate.example")
    incident.complain("orders", "POST https://api.cardgate.example/v1/charge: 503 Service Unavailable")
    incident.status(ONSET - 1, "Cardgate API", "major_outage", "Elevated errors on api.cardgate.example")
    return incident


def poison_record() -> Incident:
    incident = quiet()
    incident.series += [metric("ledger", "consumer_lag", 20, 9000)]
    incident.complain("ledger", "failed to unmarshal message offset=883120 partition=4: invalid character", each=0.2)
    incident.alert("ledger", "consumer_lag", "ledger consumer lag above 5000")
    return incident


def full_disk() -> Incident:
    incident = failing(quiet())
    incident.complain("ledger", 'could not write to file "wal/temp": No space left on device')
    return incident


def expired_certificate() -> Incident:
    incident = failing(quiet())
    moment = at(ONSET).isoformat()
    incident.complain("orders", f"tls: certificate has expired: current time is after {moment}")
    return incident


@pytest.mark.parametrize("build", [surge, provider_outage, poison_record, full_disk, expired_certificate])
def test_when_the_world_did_it_no_change_is_blamed(build: Callable[[], Incident]) -> None:
    incident = build()
    with_decoys(incident, "orders", "web")

    found = investigate(incident.material())

    assert found.verdict is Verdict.NO_CODE_CAUSE
    assert found.suspects[0].kind is SuspectKind.EXTERNAL
    assert not [s for s in found.suspects if s.kind is SuspectKind.CHANGE]
    assert found.suspects[0].ruled_out


def test_two_changes_that_could_both_have_done_it_share_the_chance() -> None:
    incident = failing(quiet())
    incident.complain("orders", "call to ledger failed: context deadline exceeded")
    diff = "@@ client.go\n-\tcfg.RequestTimeout = 2000\n+\tcfg.RequestTimeout = 200\n"
    incident.deploy(ONSET - 4, "orders", CULPRIT, "chore: align settings", ("src/client.go",), diff)
    alone = investigate(incident.material()).suspects[0].score
    incident.deploy(ONSET - 5, "orders", "beef" + "0" * 36, "chore: align limits", ("src/other.go",), diff)

    scores = [s.score for s in investigate(incident.material()).suspects if s.kind is SuspectKind.CHANGE]

    assert len(scores) == 2
    assert sum(scores) <= 1
    assert scores[0] < alone


def test_a_change_after_the_onset_is_ruled_out() -> None:
    incident = failing(quiet())
    incident.complain("orders", "nil pointer dereference")
    diff = "@@\n-\tif order.Customer == nil {\n-\t\treturn\n-\t}\n"
    incident.deploy(ONSET + 10, "orders", CULPRIT, "fix: drop a check", ("services/orders/order.go",), diff)

    found = investigate(incident.material())

    assert CULPRIT not in [s.ref for s in found.suspects]


def test_renaming_all_services_changes_no_rank_and_no_score() -> None:
    tokens = ("zq1a", "k0bb", "m77x", "ppt4")
    answers = []
    for names in (SERVICES, tokens):
        web, orders, ledger, _ = names
        incident = quiet(names)
        plain = {s.metric + s.service: s for s in quiet().series}
        renamed = dict(zip(names, SERVICES, strict=True))
        incident.series = [replace(s, values=plain[s.metric + renamed[s.service]].values) for s in incident.series]
        incident.complain(orders, f"call to {ledger} failed: deadline exceeded")
        incident.complain(web, f"upstream {orders} returned 500", start=ONSET + 0.5)
        diff = "@@ client.go\n-\tcfg.RequestTimeout = 2000\n+\tcfg.RequestTimeout = 200\n"
        incident.deploy(ONSET - 4, orders, CULPRIT, "chore: align settings", ("src/client.go",), diff)
        found = investigate(incident.material())
        back = dict(zip(names, SERVICES, strict=True))
        answers.append([(s.kind, back.get(s.service, s.service), s.score) for s in found.suspects])

    assert answers[0] == answers[1]


def test_nothing_at_all_is_inconclusive() -> None:
    found = investigate(Material())

    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.suspects == ()


def test_a_quiet_system_blames_nothing() -> None:
    incident = quiet()
    with_decoys(incident, "orders", "web")

    found = investigate(incident.material())

    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.suspects == ()


def test_metrics_alone_name_the_service_and_cite_the_line_of_the_onset() -> None:
    incident = Incident(())
    incident.series += [metric(name, "cpu_usage_percent", 30) for name in ("a1", "b2", "c3")]
    incident.series += [metric("d4", "cpu_usage_percent", 30, 97)]
    window = Window(start=at(ONSET), end=at(MINUTES))

    found = investigate(incident.material(), window=window)

    assert found.suspects[0].service == "d4"
    cited = next(f for f in found.findings if f.id == found.suspects[0].evidence[0])
    assert cited.citations[0].line == ONSET + 2


def test_latency_of_a_caller_is_laid_at_the_callee_that_lost_the_time() -> None:
    incident = Incident(())
    incident.calls("front", "middle")
    incident.calls("middle", "back")
    for name, loud in (("front", 0.9), ("middle", 0.85), ("back", 0.8)):
        incident.series += [metric(name, "latency_seconds", 0.05, loud), metric(name, "requests", 100)]

    found = investigate(incident.material(), window=Window(start=at(ONSET), end=at(MINUTES)))

    assert found.suspects[0].service == "back"
    assert set(found.blast_radius) == {"front", "middle"}


def test_each_part_can_be_switched_off() -> None:
    incident = lowered_timeout()

    found = investigate(incident.material(), parts=Parts(changes=False))

    assert not [s for s in found.suspects if s.kind is SuspectKind.CHANGE]


def test_every_cited_finding_exists_and_findings_are_numbered_by_weight() -> None:
    found = investigate(lowered_timeout().material())

    ids = {f.id for f in found.findings}
    assert {e for s in found.suspects for e in (*s.evidence, *s.against)} <= ids
    assert [f.id for f in found.findings] == [f"f{n}" for n in range(1, len(found.findings) + 1)]
    assert [f.weight for f in found.findings] == sorted((f.weight for f in found.findings), reverse=True)


def test_two_spellings_of_one_name_are_one_service() -> None:
    incident = Incident(("web", "orders"))
    incident.calls("Web", "orders")
    incident.calls("web", "ORDERS")
    incident.series += [metric("web", "http_server_duration_p99_ms", 90, 900, start=ONSET + 1)]
    incident.series += [metric("Orders", "http_server_duration_p99_ms", 60, 850)]
    found = investigate(incident.material()).suspects
    assert [suspect.service.casefold() for suspect in found if suspect.kind is SuspectKind.SERVICE][:1] == ["orders"]
    assert len({suspect.service.casefold() for suspect in found}) == len({suspect.service for suspect in found})


def test_a_log_that_was_saved_twice_counts_once() -> None:
    incident = lowered_timeout()
    once = incident.material()
    twice = replace(once, logs=(*once.logs, *(replace(log, name=f"again-{log.name}") for log in once.logs)))
    assert [(s.ref, s.score) for s in investigate(twice).suspects] == [
        (s.ref, s.score) for s in investigate(once).suspects
    ]
