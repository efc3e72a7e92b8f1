from __future__ import annotations

import gzip
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from afteraction.errors import NotReached
from afteraction.network.client import LONGEST_WAIT, TRIES, Outgoing
from afteraction.network.guard import Guard


def to(server: Any, *, waited: list[float] | None = None, allow: tuple[str, ...] = (), **given: Any) -> Outgoing:
    slept = waited if waited is not None else []
    return Outgoing(server.url, guard=Guard(allow, url=server.url), sleep=slept.append, **given)


def test_a_question_is_answered_with_its_bytes_and_headers(server: Any) -> None:
    server.reply = lambda _path: (200, {"X-One": "1"}, b'{"a": 1}')
    with to(server, headers={"Authorization": "Bearer t"}) as client:
        answer = client.get("/api", {"q": "a b", "include[]": ["x", "y"]})
    assert (answer.status, answer.content, answer.headers["x-one"]) == (200, b'{"a": 1}', "1")
    path, headers = server.asked[0]
    assert parse_qs(path.partition("?")[2]) == {"q": ["a b"], "include[]": ["x", "y"]}
    assert headers["Authorization"] == "Bearer t"
    assert headers["User-Agent"].startswith("afteraction/")


def test_a_loopback_address_that_nobody_listed_is_not_even_connected_to(server: Any) -> None:
    with Outgoing(server.url, guard=Guard()) as client, pytest.raises(NotReached, match="no public address"):
        client.get("/")
    assert server.asked == []


def test_a_redirect_to_a_private_address_is_refused(server: Any) -> None:
    server.reply = lambda _path: (302, {"Location": f"http://localhost:{server.port}/secret"}, b"")
    with to(server) as client, pytest.raises(NotReached, match="localhost is"):
        client.get("/")
    assert [path for path, _ in server.asked] == ["/"]


def test_a_redirect_to_where_a_cloud_hands_out_credentials_is_refused(server: Any) -> None:
    server.reply = lambda _path: (302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b"")
    with to(server, allow=("169.254.0.0/16",)) as client, pytest.raises(NotReached, match="credentials"):
        client.get("/")


def test_a_redirect_on_the_same_host_is_followed_and_one_to_another_host_loses_the_token(server: Any) -> None:
    def reply(path: str) -> tuple[int, dict[str, str], bytes]:
        if path == "/a":
            return 302, {"Location": "/b"}, b""
        if path == "/b":
            return 302, {"Location": f"http://localhost:{server.port}/c"}, b""
        return 200, {}, b"there"

    server.reply = reply
    with to(server, allow=("localhost",), headers={"Authorization": "Bearer t"}) as client:
        assert client.get("/a").content == b"there"
    assert [("Authorization" in headers) for _, headers in server.asked] == [True, True, False]


def test_a_redirect_to_another_port_of_the_same_private_host_is_refused(server: Any) -> None:
    server.reply = lambda _path: (302, {"Location": "http://127.0.0.1:22/"}, b"")
    with to(server) as client, pytest.raises(NotReached, match="no public address"):
        client.get("/")


def test_endless_redirects_end(server: Any) -> None:
    server.reply = lambda _path: (302, {"Location": "/again"}, b"")
    with to(server) as client, pytest.raises(NotReached, match="redirect"):
        client.get("/")
    assert len(server.asked) < 10


def test_a_redirect_to_another_scheme_is_refused(server: Any) -> None:
    server.reply = lambda _path: (302, {"Location": "file:///etc/passwd"}, b"")
    with to(server) as client, pytest.raises(NotReached):
        client.get("/")


def test_a_name_that_changes_its_answer_after_the_check_gains_nothing(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [["127.0.0.1"], ["10.255.255.1"]]
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "turning.example":
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in answers[len(asked) - 1]]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with Outgoing(f"http://turning.example:{server.port}", guard=Guard(["127.0.0.1"]), sleep=lambda _s: None) as client:
        assert client.get("/").content == b"fine"
    assert asked == ["turning.example"], "the name is asked once, and the address that was checked is connected to"
    assert server.asked[0][1]["Host"] == f"turning.example:{server.port}"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_tried_again_after_the_wait_that_was_asked_for(server: Any, status: int) -> None:
    replies = [(status, {"Retry-After": "7"}, b"later"), (status, {}, b"later"), (200, {}, b"now")]
    server.reply = lambda _path: replies[len(server.asked) - 1]
    waited: list[float] = []
    with to(server, waited=waited) as client:
        assert client.get("/").content == b"now"
    assert waited == [7.0, 2.0]


def test_a_wait_may_be_given_as_a_date(server: Any) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    replies = [(429, {"Retry-After": then}, b""), (200, {}, b"now")]
    server.reply = lambda _path: replies[len(server.asked) - 1]
    waited: list[float] = []
    with to(server, waited=waited) as client:
        client.get("/")
    assert 15 < waited[0] <= 20


def test_a_budget_that_is_used_up_is_waited_for(server: Any) -> None:
    reset = str(int((datetime.now(UTC) + timedelta(seconds=30)).timestamp()))
    replies = [(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, b""), (200, {}, b"now")]
    server.reply = lambda _path: replies[len(server.asked) - 1]
    waited: list[float] = []
    with to(server, waited=waited) as client:
        client.get("/")
    assert 20 < waited[0] <= 30


def test_a_wait_that_is_too_long_is_told_and_not_waited_for(server: Any) -> None:
    server.reply = lambda _path: (429, {"Retry-After": "3600"}, b"slow down")
    waited: list[float] = []
    with to(server, waited=waited) as client, pytest.raises(NotReached, match="wait for 3600 s"):
        client.get("/")
    assert waited == []
    assert LONGEST_WAIT < 3600


def test_it_gives_up_in_the_end(server: Any) -> None:
    server.reply = lambda _path: (503, {}, b"down for repair")
    waited: list[float] = []
    with to(server, waited=waited) as client, pytest.raises(NotReached, match="down for repair"):
        client.get("/")
    assert (len(server.asked), waited) == (TRIES, [1.0, 2.0, 4.0, 8.0])


def test_a_refusal_is_told_at_once_without_the_parameters_of_the_question(server: Any) -> None:
    server.reply = lambda _path: (401, {}, b'{"error": "no such token"}')
    with to(server) as client, pytest.raises(NotReached, match="no such token") as refused:
        client.get("/api", {"key": "hush"})
    assert "hush" not in str(refused.value)
    assert len(server.asked) == 1


def test_a_status_that_was_foreseen_is_an_answer(server: Any) -> None:
    server.reply = lambda _path: (404, {}, b"")
    with to(server) as client:
        assert client.get("/", missing=(404,)).status == 404


def test_a_connection_that_is_refused_is_tried_again_and_then_told() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    waited: list[float] = []
    client = Outgoing(f"http://127.0.0.1:{port}", guard=Guard(["127.0.0.1"]), sleep=waited.append)
    with client, pytest.raises(NotReached, match="ConnectError"):
        client.get("/")
    assert len(waited) == TRIES - 1


def test_a_name_that_does_not_exist_is_told() -> None:
    client = Outgoing("http://no-such-host.invalid", guard=Guard(), sleep=lambda _s: None)
    with client, pytest.raises(NotReached, match="cannot be resolved"):
        client.get("/")


def test_an_answer_above_the_bound_is_refused_also_when_it_was_packed(server: Any) -> None:
    packed = gzip.compress(b"0" * 1_000_000)
    server.reply = lambda _path: (200, {"Content-Encoding": "gzip"}, packed)
    with to(server, largest=100_000) as client, pytest.raises(NotReached, match="shorter window"):
        client.get("/")
    assert len(packed) < 100_000


def test_a_next_page_on_another_server_is_refused_since_it_would_get_the_token(server: Any) -> None:
    with to(server, headers={"Authorization": "Bearer t"}) as client, pytest.raises(NotReached, match="another server"):
        client.get("https://evil.example/page/2")
    with to(server) as client:
        assert client.get(f"{server.url}/page/2").content == b"fine"
