"""GitLab, Slack and PagerDuty: nobody publishes their description as a package, so stand-ins answer as their documentation says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx2
import pytest

from afteraction.assembly import new_masker
from afteraction.fetch.collectors import FETCHERS
from afteraction.model.collecting import CollectorSettings, Fetched, Sought
from afteraction.model.event import Alert, EventKind
from afteraction.model.reading import Context, Material, Problem, RawInput
from afteraction.model.record import Incident
from afteraction.network.client import Outgoing
from afteraction.network.guard import Guard
from afteraction.sources import SOURCES
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.memory import MemoryStore
from afteraction.usecases.collect import collect
from afteraction.usecases.read import read

AT = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
URL = "https://vendor.example"
Answering = Callable[[httpx2.Request], httpx2.Response]


def sought(*services: str, alerts: tuple[Alert, ...] = ()) -> Sought:
    incident = Incident(id="INC-7", title="orders fail", opened_at=AT - timedelta(hours=1), services=services)
    return Sought(incident=incident, since=AT - timedelta(hours=2), until=AT, at=AT, services=services, alerts=alerts)


def fetched(
    name: str, answering: Answering, wanted: Sought, *targets: str
) -> tuple[dict[str, Fetched], list[Problem], list[httpx2.Request]]:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return answering(request)

    settings = CollectorSettings(name=name, url=URL, targets=targets, labels=("app",), before=timedelta(hours=24))
    kind = next(one for one in FETCHERS if one.name == name)
    with Outgoing(URL, guard=Guard(), transport=httpx2.MockTransport(answer), sleep=lambda _s: None) as client:
        collector = kind(settings, client)
        collector.plan(wanted)
        assert asked == [], "a plan asks nobody"
        found = list(collector.fetch(wanted, lambda _message: None))
    return (
        {one.name: one for one in found if isinstance(one, Fetched)},
        [one for one in found if isinstance(one, Problem)],
        asked,
    )


def material(files: dict[str, Fetched]) -> Material:
    def raw(one: Fetched) -> RawInput:
        return RawInput(name=one.name, head=one.content, open=lambda: BytesIO(one.content), size=len(one.content))

    got = read(
        map(raw, files.values()), sources=SOURCES, context=Context(), masker=new_masker(), progress=lambda _m: None
    )
    assert not [report for report in got.files if not report.source or report.problems]
    return got


def test_slack_messages_and_threads_become_the_day_files_of_an_export() -> None:
    def message(ts: str, text: str, **more: Any) -> dict[str, Any]:
        return {"type": "message", "user": "U012AB", "text": text, "ts": ts, **more}

    t = [f"{(AT - timedelta(minutes=one)).timestamp():.6f}" for one in (5, 30, 29, 20)]
    parent = message(t[1], "is checkout down?", thread_ts=t[1], reply_count=2)

    def answering(request: httpx2.Request) -> httpx2.Response:
        query = request.url.params
        answers: dict[str, Any] = {
            "conversations.list": {"channels": [{"id": "C1", "name": "inc-7-checkout"}, {"id": "C2", "name": "random"}]},
            "conversations.history": {"messages": [message(t[0], "fixed")], "has_more": True, "response_metadata": {"next_cursor": "n2"}}
            if "cursor" not in query else {"messages": [parent], "has_more": False},
            "conversations.replies": {"messages": [parent, message(t[2], "yes", thread_ts=t[1]), message(t[3], "rolled back", thread_ts=t[1])]},
            "users.info": {"user": {"id": "U012AB", "name": "bo", "real_name": "Bo Lind", "team_id": "T1", "deleted": False, "profile": {"real_name": "Bo Lind"}}},
        }  # fmt: skip
        method = request.url.path.strip("/")
        if method == "conversations.history":
            assert query["channel"] == "C1"
            assert query["oldest"] == f"{(AT - timedelta(hours=2)).timestamp():.6f}"
        return httpx2.Response(200, json={"ok": True, **answers[method]})

    files, problems, asked = fetched("slack", answering, sought())
    assert problems == []
    assert set(files) == {"inc-7-checkout/2026-03-04.json", "users.json"}
    got = material(files)
    assert [event.text for event in got.events if event.kind is EventKind.MESSAGE] == [
        "is checkout down?",
        "yes",
        "rolled back",
        "fixed",
    ]
    assert {event.actor.name for event in got.events if event.actor} == {"Bo Lind"}
    assert len([one for one in asked if one.url.path == "/conversations.history"]) == 2


def test_slack_waits_when_it_is_told_to_and_tells_a_refusal_that_comes_with_status_200() -> None:
    limited = [httpx2.Response(429, headers={"Retry-After": "1"}, json={"ok": False, "error": "ratelimited"})]

    def answering(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/conversations.list" and limited:
            return limited.pop()
        if request.url.path == "/conversations.list":
            return httpx2.Response(200, json={"ok": True, "channels": []})
        return httpx2.Response(200, json={"ok": False, "error": "not_in_channel"})

    files, problems, _ = fetched("slack", answering, sought(), "C9")
    assert files == {}
    assert "not_in_channel" in problems[0].reason


def _entry(number: int) -> dict[str, Any]:
    kind = "trigger" if number == 0 else "acknowledge" if number == 1 else "notify"
    return {
        "id": f"R{number}", "type": f"{kind}_log_entry", "summary": kind, "created_at": f"2026-03-04T10:1{number % 10}:00Z",
        "agent": {"id": "U2", "type": "user_reference", "summary": "Bo Lind"}, "channel": {"type": "api"},
        "service": {"id": "P1", "type": "service_reference", "summary": "orders"},
        "incident": {"id": "Q1", "type": "incident_reference", "summary": "[#7] Orders fail"},
    }  # fmt: skip


def pagerduty(request: httpx2.Request) -> httpx2.Response:
    offset = int(request.url.params.get("offset", "0"))
    if request.url.path == "/incidents":
        every = [
            {"id": "Q1", "incident_key": "k1", "title": "Orders fail", "service": {"summary": "orders"}},
            {"id": "Q2", "incident_key": "k2", "title": "Disk full", "service": {"summary": "search"}},
        ]  # fmt: skip
        return httpx2.Response(
            200, json={"incidents": every[offset : offset + 1], "more": offset == 0, "limit": 1, "offset": offset}
        )
    assert request.url.params.get_list("include[]") == ["channels", "incidents"]
    entries = [_entry(number) for number in range(3)]
    return httpx2.Response(
        200, json={"log_entries": entries[offset : offset + 2], "more": offset + 2 < 3, "limit": 2, "offset": offset}
    )


@pytest.mark.parametrize("wanted", [sought("Orders"), sought("other", alerts=(Alert(key="Q1", name="x"),))])
def test_pagerduty_gives_the_entries_of_the_pages_that_belong_to_the_incident(wanted: Sought) -> None:
    files, problems, _ = fetched("pagerduty", pagerduty, wanted)
    assert problems == []
    assert set(files) == {"Q1.json"}
    kinds = [event.kind for event in material(files).events]
    assert kinds.count(EventKind.ALERT_FIRING) == 1
    assert kinds.count(EventKind.ALERT_ACKNOWLEDGED) == 1
    assert len(json.loads(files["Q1.json"].content)["log_entries"]) == 3


def test_an_answer_of_one_page_is_kept_byte_for_byte() -> None:
    content = json.dumps({"log_entries": [_entry(0)], "more": False}, indent=3).encode()

    def answering(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/incidents":
            return httpx2.Response(200, json={"incidents": [{"id": "Q1"}], "more": False})
        return httpx2.Response(200, content=content)

    files, _, _ = fetched("pagerduty", answering, sought())
    assert files["Q1.json"].content == content


def gitlab(request: httpx2.Request) -> httpx2.Response:
    assert request.url.raw_path.startswith(b"/api/v4/projects/shop%2Forders/")
    what = request.url.path.rpartition("/")[2]
    user = {"name": "Bo Lind", "username": "bo"}
    answers: dict[str, list[dict[str, Any]]] = {
        "deployments": [{"id": 1, "iid": 1, "ref": "main", "sha": "a" * 40, "created_at": "2026-03-04T10:00:00Z", "updated_at": "2026-03-04T10:02:00Z",
                         "status": "success", "environment": {"name": "production"}, "user": user, "deployable": {"commit": {"title": "Smaller pool"}}},
                        {"id": 2, "iid": 2, "ref": "main", "sha": "b" * 40, "created_at": "2026-03-04T10:40:00Z", "updated_at": "2026-03-04T10:41:00Z",
                         "status": "success", "environment": {"name": "production"}, "user": user}],
        "releases": [{"tag_name": "v2", "name": "v2", "released_at": "2026-03-04T10:01:00Z", "author": user, "_links": {"self": f"{URL}/shop/orders/-/releases/v2"}}],
        "commits": [{"id": "a" * 40, "short_id": "aaaaaaaa", "title": "Smaller pool", "message": "Smaller pool", "author_name": "Bo Lind", "created_at": "2026-03-04T09:50:00Z",
                     "authored_date": "2026-03-04T09:50:00Z", "committed_date": "2026-03-04T09:50:00Z", "web_url": f"{URL}/shop/orders/-/commit/a"}],
        "merge_requests": [{"id": 5, "iid": 5, "title": "Smaller pool", "state": "merged", "merged_at": "2026-03-04T09:55:00Z", "source_branch": "pool",
                            "target_branch": "main", "merge_commit_sha": "a" * 40, "merge_user": user, "author": user, "web_url": f"{URL}/shop/orders/-/merge_requests/5"}],
    }  # fmt: skip
    every = answers[what]
    page = int(request.url.params.get("page", "1"))
    following = f"{URL}{request.url.path.replace('shop/orders', 'shop%2Forders')}?page={page + 1}"
    link = {"Link": f'<{URL}/first>; rel="first", <{following}>; rel="next"'} if page < len(every) else {}
    return httpx2.Response(200, json=every[page - 1 : page], headers=link)


def test_gitlab_lists_are_put_together_from_their_pages_and_become_changes() -> None:
    files, problems, asked = fetched("gitlab", gitlab, sought("orders"), "shop/orders")
    assert problems == []
    assert set(files) == {
        f"shop_orders/{name}.json" for name in ("deployments", "releases", "commits", "merge_requests")
    }
    assert len(json.loads(files["shop_orders/deployments.json"].content)) == 2
    assert asked[0].url.params["updated_after"] == "2026-03-03T09:00:00Z"
    got = material(files)
    assert len([event for event in got.events if event.kind is EventKind.CHANGE]) == 5


def loki(lines: int, limit: int) -> Answering:
    """A Loki that holds a line every second, and gives at most `limit` in one answer."""
    first = int((AT - timedelta(minutes=10)).timestamp())
    every = [
        ((first + number) * 1_000_000_000, f'{{"level":"error","msg":"line {number}"}}') for number in range(lines)
    ]

    def answering(request: httpx2.Request) -> httpx2.Response:
        query = request.url.params
        if request.url.path.endswith("/labels"):
            return httpx2.Response(200, json={"status": "success", "data": ["app", "pod"]})
        if request.url.path.endswith("/values"):
            return httpx2.Response(200, json={"status": "success", "data": ["orders", "cart"]})
        assert query["query"] == '{app="orders"}'
        assert query["direction"] == "forward"
        held = [[str(ns), text] for ns, text in every if int(query["start"]) <= ns < int(query["end"])][:limit]
        streams = [{"stream": {"app": "orders"}, "values": held}] if held else []
        return httpx2.Response(
            200, json={"status": "success", "data": {"resultType": "streams", "result": streams, "stats": {}}}
        )

    return answering


def test_loki_gives_every_line_once_however_small_its_answers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afteraction.fetch.loki.LIMIT", 50)
    files, problems, _ = fetched("loki", loki(500, 50), sought("orders"))
    assert problems == []
    lines = [
        value[1]
        for one in files.values()
        for stream in json.loads(one.content)["data"]["result"]
        for value in stream["values"]
    ]
    assert len(lines) == len(set(lines)) == 500
    assert len(files) > 10
    assert len(material(files).logs) == len(files)


def test_a_service_that_loki_does_not_know_is_told() -> None:
    files, problems, _ = fetched("loki", loki(5, 50), sought("nosuch"))
    assert files == {}
    assert "no label of app has the value nosuch" in problems[0].reason


GARBAGE = [
    b"", b"nothing", b"null", b"[]", b"{}", b"[[1]]", b'[{"a": 1}]', b'{"data": 5}', b'{"data": [5]}', b'{"data": {"result": [5], "alerts": [5], "groups": [5]}}',
    b'{"ok": true, "channels": [5], "messages": [5]}', b'{"incidents": [5], "more": true}', b'{"items": [5, {"metadata": 5}], "metadata": 5}',
    b"\xff\xfe", b'[{"created_at": 5, "id": "x"}]', b"[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("name", [kind.name for kind in FETCHERS])
@pytest.mark.parametrize("content", GARBAGE, ids=range(len(GARBAGE)))
def test_answers_that_are_nothing_of_the_kind_become_problems(name: str, content: bytes) -> None:
    store = MemoryStore()
    with store.begin() as record:
        record.put_incident(sought("orders").incident)
    settings = CollectorSettings(name=name, url=URL, targets=("shop/orders",), labels=("app",))
    kind = next(one for one in FETCHERS if one.name == name)
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(200, content=content))
    with Outgoing(URL, guard=Guard(), transport=transport, sleep=lambda _s: None) as client:
        done = collect(store, MemoryBlobs(), [kind(settings, client)], "INC-7", None, at=AT)
    assert all(problem.reason for problem in done.problems)
    if content[:1] not in {b"n", b"[", b"{"} or content == b"nothing":
        assert done.problems, "what is no JSON is told"
        assert not done.material
