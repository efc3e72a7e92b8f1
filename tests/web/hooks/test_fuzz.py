"""Whatever a sender makes of what vendors document: an answer that is documented, never a fault."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hook_senders import SENDERS, VENDORS, Sender, alert, bearer, group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SAMPLES = Path(__file__).resolve().parents[2] / "sources"
FOLDERS = (
    "alertmanager",
    "alert-product",
    "alert-record",
    "change-product",
    "opsgenie",
    "pagerduty",
    "slack-export",
    "statuspage",
)
EXPECTED = {200, 202, 400, 401, 413, 415}
ODD = (
    None, True, False, 0, -1, 1e308, 10**40, "", "x" * 5000, "\x00", "\ud800", "2026-13-99T99:99:99Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", [], {}, [[]], {"": {}}, [None] * 3, "[]", '{"labels": 1}', "password=hunter2hunter2", "٣", -(2**63), 253402300800,
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(ODD[:17]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def posted(hooked: Any, sender: Sender, body: bytes, **headers: str) -> int:
    answer = hooked.post(sender, body, **headers)
    assert answer.status_code in EXPECTED, (answer.status_code, body[:300], answer.text)
    return int(answer.status_code)


def changed(value: Any, chance: random.Random) -> Any:
    """Return a value in which something was left out, doubled, swapped or replaced by what nobody expects there."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        what = chance.random()
        if what < 0.15:
            return {k: v for k, v in value.items() if k != key}
        if what < 0.25:
            return value | {key + chance.choice("_ \u200b"): value[key]}
        return value | {key: changed(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return value[:at] + [changed(value[at], chance)] * chance.choice((0, 1, 1, 2)) + value[at + 1 :]
    return chance.choice(ODD)


def torn(body: bytes, chance: random.Random) -> bytes:
    """Return bytes that are cut off, damaged or doubled."""
    what = chance.random()
    at = chance.randrange(len(body) + 1)
    if what < 0.4:
        return body[:at]
    if what < 0.8:
        return body[:at] + bytes(chance.randrange(256) for _ in range(chance.randrange(1, 5))) + body[at + 1 :]
    return body + body[at:]


@pytest.mark.parametrize("name", SENDERS)
def test_mutations_of_what_a_vendor_documents_are_answered(hooked: Any, name: str) -> None:
    sender, chance = SENDERS[name], random.Random(name)
    answers = set()
    for number in range(150):
        value = sender.value
        for _ in range(chance.choice((1, 1, 2, 5))):
            value = changed(value, chance)
        body = json.dumps(value).encode()
        if number % 3 == 0:
            body = torn(body, chance)
        packed = {"Content-Encoding": "gzip"} if number % 7 == 0 else {}
        answers.add(posted(hooked, sender, gzip.compress(body) if packed and number % 2 else body, **packed))
    assert answers & {200, 202}


def test_no_mutation_is_too_odd_for_a_database(hooked_on: Any) -> None:
    chance = random.Random(7)
    for number in range(240):
        sender = SENDERS[chance.choice(list(SENDERS))]
        value = sender.value
        for _ in range(chance.choice((1, 2, 5, 9))):
            value = changed(value, chance)
        posted(hooked_on, sender, json.dumps(value).encode() if number % 5 else torn(sender.body, chance))


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800", "x" * 5000, "\N{PILE OF POO}" * 300, "a\u202eb", "'; DROP TABLE delivery; --"]
)
def test_odd_names_of_services_alerts_and_groups_are_held(hooked_on: Any, text: str) -> None:
    odd = group(alert(f"A{text}", f"s{text}") | {"fingerprint": f"f{text}"}, key=f"g{text}")
    told = hooked_on.send(Sender("alertmanager", odd, bearer))
    [incident] = hooked_on.incidents()
    assert told["incident"] == incident.id
    again = group(alert(f"B{text}", f"s{text}") | {"fingerprint": f"h{text}"}, key=f"i{text}")
    assert hooked_on.send(Sender("alertmanager", again, bearer))["incident"] == incident.id
    hooked_on.send(Sender("alertmanager", again | {"externalURL": "http://another"}, bearer))
    assert len(hooked_on.events(incident.id)) == 2


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_sample_of_every_source_is_answered_by_every_endpoint(hooked: Any, folder: str) -> None:
    for path in sorted((SAMPLES / folder).glob("*/input.json*")):
        for line in path.read_bytes().splitlines()[:6] if path.suffix == ".jsonl" else [path.read_bytes()]:
            for vendor in VENDORS:
                posted(hooked, SENDERS[vendor], line)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(vendor=st.sampled_from(VENDORS), value=VALUES)
def test_any_json_is_answered(hooked: Any, vendor: str, value: Any) -> None:
    posted(hooked, SENDERS[vendor], json.dumps(value).encode())


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(max_size=80),
    word=st.sampled_from(["", "open ", "note ", "link ", "status ", "milestone ", "milestone restored "]),
)
def test_anything_typed_behind_the_slash_command_is_answered(hooked: Any, text: str, word: str) -> None:
    form = "&".join(f"{key}={quote_plus(value, errors='surrogatepass')}" for key, value in
                    {"command": "/aar", "channel_id": "C1", "user_name": "anna", "text": word + text}.items())  # fmt: skip
    assert (
        posted(hooked, SENDERS["slack"], form.encode(), **{"Content-Type": "application/x-www-form-urlencoded"}) == 200
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    vendor=st.sampled_from(VENDORS),
    headers=st.dictionaries(
        st.sampled_from([
            "authorization", "x-hub-signature-256", "x-gitlab-token", "webhook-id", "webhook-signature", "webhook-timestamp",
            "x-pagerduty-signature", "x-slack-signature", "x-slack-request-timestamp", "sentry-hook-signature", "x-afteraction-token",
            "x-afteraction-signature", "x-afteraction-timestamp", "x-grafana-alerting-signature", "x-grafana-alerting-timestamp",
        ]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60).map(lambda text: text.encode("latin-1"))
        | st.sampled_from([b"Bearer", b"Basic", b"Basic ====", b"v1=", b"v0=" + b"0" * 64, b"v1," * 40, b"1772618400", b"sha256="]),
    ),
    token=st.text(max_size=20),
)  # fmt: skip
def test_no_header_proves_anything_by_accident(hooked: Any, vendor: str, headers: dict[str, bytes], token: str) -> None:
    answer = hooked.client.post(
        f"/hooks/{vendor}", params={"token": token.encode("utf-8", "replace")}, content=b"{}", headers=headers
    )
    assert answer.status_code == 401
