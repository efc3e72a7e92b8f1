from __future__ import annotations

import json
import random
import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afteraction.formats.keyword_scan import KeywordScan
from afteraction.formats.secret_rules import Rule, rules
from afteraction.formats.secrets import Masker, mask, mask_reading, mask_value
from afteraction.model.cluster import ClusterObject
from afteraction.model.event import Alert, Call, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Problem, Reading, Statement

SALT = b"test"
PEM = "\n".join("".join(random.Random(n).choices(string.ascii_letters + string.digits + "+/", k=64)) for n in range(8))


def masked(text: str) -> str:
    return mask(text).text


@pytest.mark.parametrize(("rule", "text", "secret"), [(rule, *case) for rule in rules() for case in rule.masks])
def test_a_rule_masks_its_secrets_and_nothing_beside_them(rule: Rule, text: str, secret: str) -> None:
    result = mask(text)
    assert secret not in result.text
    assert rule.id in dict(result.counts)
    position = 0
    for piece in re.split(r"\[masked:[a-z-]+:[0-9a-f]+\]", result.text):
        position = text.index(piece, position) + len(piece)


@pytest.mark.parametrize("text", [text for rule in rules() for text in rule.spares])
def test_what_a_rule_spares_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "commit 9c384d8d9c4e85ffe80605a2ab61e487f633cef5",
        "request 550e8400-e29b-41d4-a716-446655440000 done",
        '"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7"',
        "image registry.example.org/cart@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        "ip-10-0-12-34.eu-west-1.compute.internal:9100 is down",
        "pod cart-579f59597d-wc2lz on node gke-prod-pool-1-8a3f9c2d-x7k2",
        "GET /api/v1/users/12345?page=2&sort=name HTTP/1.1",
        "checksum: d41d8cd98f00b204e9800998ecf8427e",
        "monkey: banana42 keyboard=qwerty99 tokenizer=bpe_50k",
        "Mounting volume secret/db-credentials for pod web",
        'Error: secret "orders-tls" not found',
        "idempotency_key=3f8a2b1c-0d9e-4f7a-8b6c-5d4e3f2a1b0c",
        "zookeeper session 0x14ed93111f20027 expired",
        "java.lang.IllegalStateException: Token must not be null",
        "arn:aws:iam::123456789012:role/checkout",
        "-----BEGIN CERTIFICATE-----\n" + PEM + "\n-----END CERTIFICATE-----",
    ],
)
def test_hashes_ids_names_and_addresses_stay(text: str) -> None:
    assert masked(text) == text


def test_key_material_is_masked_with_and_without_its_armour() -> None:
    armoured = f"-----BEGIN EC PRIVATE KEY-----\n{PEM}\n-----END EC PRIVATE KEY-----\nafter"
    for text in (armoured, f"before\n{PEM}\nafter", PEM.split("\n")[3], armoured.replace("\n", "\\n")):
        result = masked(text)
        assert not any(line in result for line in PEM.split("\n"))
        assert result.count("\n") == text.count("\n")
        assert result.startswith("before") == text.startswith("before")
        assert result.endswith("after") == text.endswith("after")


KUBERNETES_SECRETS = [
    "apiVersion: v1\ndata:\n  pw: aHVudGVyMg==\n  user: YWRtaW4=\nkind: Secret\nmetadata:\n  name: db\n",
    "kind: Secret\nmetadata:\n  name: db\nstringData:\n  pw: aHVudGVyMg==\n  file: |\n    aHVudGVyMg==\n    more\ntype: Opaque\n",
    (
        "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    pw: aHVudGVyMg==\n  kind: Secret\n- apiVersion: v1\n"
        "  data:\n    color: blue\n  kind: ConfigMap\nkind: List\n"
    ),
    json.dumps({"apiVersion": "v1", "data": {"pw": "aHVudGVyMg=="}, "kind": "Secret"}),
    json.dumps({"apiVersion": "v1", "data": {"pw": "aHVudGVyMg=="}, "kind": "Secret"}, indent=2),
    json.dumps({"kind": "Secret", "metadata": {"name": "db"}, "data": {"pw": "aHVudGVyMg=="}}),
]


@pytest.mark.parametrize("text", KUBERNETES_SECRETS)
def test_the_data_of_kubernetes_secrets_is_masked_in_every_form(text: str) -> None:
    result = masked(text)
    assert "aHVudGVyMg==" not in result
    assert result.count("\n") == text.count("\n")
    assert ("blue" in result) == ("blue" in text)
    assert ("name: db" in result) == ("name: db" in text)


def test_equal_secrets_get_equal_tokens_within_a_run_only() -> None:
    text = "password=hunter2 then PGPASSWORD=hunter2 then password=other9"
    one, two, three = (part.split("=")[1] for part in masked(text).split(" then "))
    assert one == two != three
    assert one.startswith("[masked:password:")
    assert mask(text).text == masked(text)


def test_tokens_of_different_secrets_never_coincide() -> None:
    masker = Masker()
    tokens = {masker.mask(f"password=pw{n}x") for n in range(3000)}
    assert len(tokens) == 3000


def test_every_masked_secret_is_counted_also_when_a_text_repeats() -> None:
    masker = Masker()
    for _ in range(3):
        masker.mask("Authorization: Bearer ab12CD34ef56GH78ij90")
    assert masker.counts() == (("authorization", 3),)


SECRETS = ["hunter2", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]


def event(text: str) -> Event:
    return Event(
        at=datetime(2025, 10, 15, tzinfo=UTC), precision=Precision.SECOND, kind=EventKind.COMMAND, text=text,
        source="terminal", origin=Origin(file="f", line=1),
        detail=Call(tool="sh", command=text, arguments=json.dumps({"password": "hunter2"}), result=f"ok\n{text}"),
    )  # fmt: skip


def test_no_secret_survives_in_any_text_of_a_reading() -> None:
    alert = Alert(key="k", name="n", labels=(("password", "hunter2"), ("pod", "cart-1")))
    reading = Reading(
        events=(
            event("curl -u a:hunter2 https://x/"),
            event(f"git push https://{SECRETS[1]}@github.com/a/b"),
            event(f"-H 'Authorization: Basic {SECRETS[2]}'"),
            Event(
                at=datetime(2025, 10, 15, tzinfo=UTC), precision=Precision.SECOND, kind=EventKind.ALERT_FIRING,
                text="x", source="s", origin=Origin(file="f"), detail=alert,
            ),
        ),
        objects=(
            ClusterObject(kind="Secret", name="db", origin=Origin(file="f"), data={"data": {"pw": "hunter2"}}),
            ClusterObject(
                kind="Pod", name="web", origin=Origin(file="f"),
                data={"spec": {"env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "prod"}]}},
            ),
        ),
        statements=(Statement(field="x", value="password: hunter2", origin=Origin(file="f"), source="s"),),
        problems=(Problem(origin=Origin(file="f"), reason="token=ghp_16C7e42F292c6912E7710c838347Ae178B4a"),),
    )  # fmt: skip
    masker = Masker()
    result = mask_reading(reading, masker)
    shown = repr(result) + repr([found.data for found in result.objects])
    assert not any(secret in shown for secret in SECRETS)
    assert "cart-1" in shown
    assert "prod" in shown
    assert sum(count for _, count in masker.counts()) >= 11
    assert mask_reading(result, Masker()) == result


def test_a_value_without_secrets_is_returned_as_it_is() -> None:
    value = event("kubectl get pods")
    clean = Event(at=value.at, precision=value.precision, kind=value.kind, text="x", source="s", origin=value.origin)
    assert mask_value(clean, Masker()) is clean


PIECES = st.sampled_from(
    [case[0] for rule in rules() for case in rule.masks]
    + [text for rule in rules() for text in rule.spares]
    + [
        *KUBERNETES_SECRETS,
        PEM,
        "\n",
        " ",
        '"',
        "=",
        "password",
        ": ",
        "İ",
        "\r\n",
        "\x85",
        "[masked:",
        "]",
        "token",
        "ä",
    ]
)


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=8).map("".join))
@example(text="password=[masked:password:ab12]")
@example(text="password:password:password: x")
def test_masking_twice_changes_nothing_and_lines_stay(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    assert once.count("\n") == text.count("\n")
    assert len(once.splitlines()) == len(text.splitlines())


@settings(max_examples=60, deadline=None)
@given(filler=st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=50), at=st.integers(0, 4000))
def test_a_secret_is_found_at_any_place_of_a_long_text(filler: str, at: int) -> None:
    line = (filler.replace("\n", " ") + " some ordinary words of a log line\n") * 120
    place = line.find("\n", min(at, len(line) - 1)) + 1
    text = line[:place] + "sent AKIAIOSFODNN7EXAMPLE here\n" + line[place:]
    assert "AKIAIOSFODNN7EXAMPLE" not in masked(text)


@pytest.mark.parametrize("size", [100, 400_000])
def test_the_scan_finds_every_keyword_in_short_and_long_texts(size: int) -> None:
    scan = KeywordScan([("secret", "tok"), ("pwd",)])
    text = "x" * size + "SeCret" + "é" * size + "tokpwd"
    assert sorted(scan.find(text)) == [(size, 0), (2 * size + 6, 0), (2 * size + 9, 1)]


@pytest.mark.parametrize(
    "text",
    ["password=" * 40_000, '"' * 200_000, "a" * 300_000, "token: " + "a" * 300_000, "://" + ":@" * 100_000, "eyJ" * 60_000,
     "cookie: " + "a=b;" * 50_000, "-----BEGIN PRIVATE KEY-----" * 5000, "kind: Secret\n" * 3000, "mysql " + "-" * 100_000,
     "curl " * 60_000, "curl -b a" * 30_000, "key: " * 60_000, "<token>" * 40_000, "machine a login b " * 15_000, "token\n" * 50_000,
     "--api-key " * 30_000, "api_key=" + "'" * 200_000, "token, " * 40_000, '"auth":' * 40_000, '{"kind":"Secret","data":{"a":"b3VsZA=="}}\n' * 10_000, "key=" + "ab" * 150_000],
)  # fmt: skip
def test_hostile_text_is_masked_in_time(text: str) -> None:
    assert isinstance(masked(text), str)
