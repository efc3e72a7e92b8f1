"""The server as an agent uses it, in both eras of the protocol, over a record in memory."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

import anyio
import pytest
from mcp import Client
from mcp_types import CallToolResult, ElicitResult, Implementation

from afteraction.assembly import load_settings, new_masker
from afteraction.markdown import parse
from afteraction.mcp.server.app import server
from afteraction.mcp.server.desk import Desk
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.merge import with_leaves
from afteraction.model.postmortem.value import Value
from afteraction.model.reading import Material
from afteraction.model.record import Author, AuthorKind, Incident, IncidentStatus, Wanted
from afteraction.sources import SOURCES
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.memory import MemoryStore
from afteraction.usecases.draft import draft_incident
from afteraction.usecases.revise import revise
from afteraction.usecases.told import frozen_inputs, with_told

NOW = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
CHAT = """[2026-03-04 10:40] anna: checkout fails, everybody gets 503
[2026-03-04 10:52] bo: rolled back cart to 1.4, works again
[2026-03-04 10:58] anna: confirmed, all quiet
"""
Era = Literal["auto", "legacy"]


@pytest.fixture
def desk() -> Desk:
    settings = load_settings()
    return Desk(
        store=MemoryStore(), settings=settings, clock=lambda: NOW, masker=partial(new_masker, settings), sources=SOURCES
    )


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> Era:
    return request.param  # type: ignore[no-any-return]


def talk(desk: Desk, era: Era, script: Callable[[Client], Awaitable[None]], *, elicited: Any = None) -> None:
    async def run() -> None:
        info = Implementation(name="sre-agent", version="1")
        async with Client(server(desk), mode=era, client_info=info, elicitation_callback=elicited) as client:
            await script(client)

    anyio.run(run)


async def answer(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    found = result.structured_content
    assert found is not None
    return found["result"] if set(found) == {"result"} else found


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert result.is_error
    return str(result.content[0].text)  # type: ignore[union-attr]


def written(desk: Desk, author: Author, **texts: str) -> None:
    """Let somebody write fields of the document of INC-1."""
    with desk.store.begin() as record:
        last = record.revision("INC-1")
        document = parse(last.markdown).post_mortem if last else PostMortem()
        document = with_leaves(document, {path.replace("__", "."): Value(text=text) for path, text in texts.items()})
        revise(record, "INC-1", document, author=author, reason="t", at=NOW)


async def opened(client: Client, desk: Desk) -> str:
    made = await answer(
        client, "open_incident", title="Checkout fails", services=["cart"], began_at="2026-03-04T10:40:00Z"
    )
    with desk.store.begin() as record:
        assert record.incident(made["id"]) is not None
    return str(made["id"])


def test_an_agent_captures_an_incident_and_fills_the_document_with_what_it_can_cite(desk: Desk, era: Era) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        added = await answer(client, "add_evidence", incident=name, name="chat.txt", content=CHAT)
        assert added == {"events": 3, "cite_as": ["event:1", "event:2", "event:3"], "problems": []}
        told = await answer(
            client, "add_event", incident=name, text="I read the logs of cart", happened_at="2026-03-04T10:45:00Z"
        )
        page = await answer(client, "get_timeline", incident=name, limit=2)
        assert [one["cite_as"] for one in page["events"]] == ["event:1", told["cite_as"]]
        assert (page["total"], page["next_offset"]) == (4, 2)
        gaps = await answer(client, "get_gaps", incident=name)
        assert {
            "field": "summary.title",
            "question": "What is this incident called in one line?",
            "how": "fill_field",
        } in gaps["gaps"]
        text = "cart was rolled back to 1.4 at 10:52"
        done = await answer(
            client, "fill_field", incident=name, field="executive_summary.resolution", text=text, citations=["event:2"]
        )
        assert done["changed"] == ["executive_summary.resolution", "ledger"]
        page_now = (await client.read_resource(f"afteraction://incidents/{name}/post-mortem")).contents[0].text  # type: ignore[union-attr]
        assert "cart was rolled back to 1.4 at 10:52" in page_now
        assert "chat.txt:2" in page_now
        history = (await client.read_resource(f"afteraction://incidents/{name}/history")).contents[0].text  # type: ignore[union-attr]
        assert "sre-agent (agent): revision 1" in history

    talk(desk, era, script)


@pytest.mark.parametrize(
    ("field", "text", "citations", "why"),
    [
        ("summary.title", "Checkout fails", [], "needs at least one citation"),
        ("summary.title", "Checkout fails", ["event:99"], "leads nowhere"),
        ("summary.title", "Checkout fails", ["the chat"], "is no citation"),
        ("impact.business.revenue_loss", "about 9000 EUR", ["event:1"], "9000, EUR stand in none of the cited"),
        ("impact.business.customer_impact", "4 tickets came", ["event:1"], "4 stands in none of the cited"),
        (
            "impact.business.customer_impact",
            "it was the fault of Carl",
            ["event:1"],
            "Carl stands in none of the cited",
        ),
        ("summary.titel", "Checkout fails", ["event:1"], "near it are: summary.title"),
        ("root_cause.primary", "a leak", ["event:1"], "was written by anna, a person"),
    ],
)
def test_what_an_agent_cannot_support_is_refused_with_the_reason(
    desk: Desk, field: str, text: str, citations: list[str], why: str
) -> None:
    async def script(client: Client) -> None:
        await answer(client, "open_incident", title="t", began_at="2026-03-04T10:40:00Z")
        with desk.store.begin() as record:
            (name,) = (one.id for one in record.incidents(Wanted()))
            document = with_leaves(PostMortem(), {"root_cause.primary": Value(text="the pool was too small")})
            revise(record, name, document, author=Author(name="anna"), reason="t", at=NOW)
        await answer(client, "add_evidence", incident=name, name="chat.txt", content=CHAT)
        assert why in await refusal(client, "fill_field", incident=name, field=field, text=text, citations=citations)
        with desk.store.begin() as record:
            assert len(record.revisions(name)) == 1

    talk(desk, "auto", script)


def test_actions_are_proposed_listed_and_closed_on_evidence(desk: Desk, era: Era) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        made = await answer(client, "add_action", incident=name, text="Add an alert on the pool", owner="bo")
        assert "needs evidence" in await refusal(
            client, "update_action", incident=name, number=made["number"], state="done"
        )
        await answer(client, "update_action", incident=name, number=made["number"], state="done", evidence="PR-7")
        assert (await answer(client, "list_actions", incident=name))["actions"] == []
        (done,) = (await answer(client, "list_actions", incident=name, only_open=False))["actions"]
        assert (done["state"], done["evidence"], done["owner"]) == ("done", "PR-7", "bo")
        assert "has no action 9" in await refusal(client, "update_action", incident=name, number=9, owner="x")

    talk(desk, era, script)


def _status(desk: Desk, name: str) -> IncidentStatus:
    with desk.store.begin() as record:
        found = record.incident(name)
    assert found is not None
    return found.status


@pytest.mark.parametrize(("action", "status"), [("accept", IncidentStatus.CLOSED), ("decline", IncidentStatus.OPEN)])
def test_completing_asks_a_person_where_the_client_can(
    desk: Desk, era: Era, action: str, status: IncidentStatus
) -> None:
    asked = []

    async def person(context: Any, params: Any) -> ElicitResult:
        del context
        asked.append(params.message)
        return ElicitResult(action=action, content={"complete": True} if action == "accept" else None)  # type: ignore[arg-type]

    async def script(client: Client) -> None:
        name = await opened(client, desk)
        await client.call_tool("complete_post_mortem", {"incident": name})
        assert _status(desk, name) is status

    talk(desk, era, script, elicited=person)
    assert len(asked) == 1
    assert "Checkout fails" in asked[0]


def test_who_said_no_is_not_asked_to_be_passed_by(desk: Desk, era: Era) -> None:
    async def person(context: Any, params: Any) -> ElicitResult:
        del context, params
        return ElicitResult(action="accept", content={"complete": False})

    async def script(client: Client) -> None:
        name = await opened(client, desk)
        said = await answer(client, "complete_post_mortem", incident=name)
        assert (said["completed"], said["confirmation"]) == (False, "")
        word = desk.confirmation(name, 0)
        await answer(client, "complete_post_mortem", incident=name, confirmation=word)
        assert _status(desk, name) is IncidentStatus.OPEN

    talk(desk, era, script, elicited=person)


def test_factors_are_added_one_by_one_until_a_person_writes_there(desk: Desk) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        await answer(client, "add_evidence", incident=name, name="chat.txt", content=CHAT)
        for number in range(4):
            text = f"{'again ' * number}everybody gets 503"
            await answer(
                client, "fill_field", incident=name, field="root_cause.factors", text=text, citations=["event:1"]
            )
        with desk.store.begin() as record:
            last = record.revision(name)
            assert last is not None
            factors = parse(last.markdown).post_mortem.root_cause.factors
            assert [one.name for one in factors] == ["Factor 1", "Factor 2", "Factor 3", "Factor 4"]
            assert all(one.description for one in factors)
            document = with_leaves(parse(last.markdown).post_mortem, {"root_cause.factors": factors[:1]})
            revise(record, name, document, author=Author(name="anna"), reason="t", at=NOW)
        said = await refusal(
            client, "fill_field", incident=name, field="root_cause.factors", text="everybody", citations=["event:1"]
        )
        assert "was written by anna, a person" in said

    talk(desk, "auto", script)


def test_events_are_found_by_words_and_documents_read_in_parts(desk: Desk) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        await answer(client, "add_evidence", incident=name, name="chat.txt", content=CHAT)
        page = await answer(client, "get_timeline", incident=name, words="BO rolled")
        assert [one["cite_as"] for one in page["events"]] == ["event:2"]
        nothing = await answer(client, "add_evidence", incident=name, name="x.txt", content="blah blah")
        assert "nothing in it became an event" in nothing["problems"][0]
        text = "cart was rolled back"
        await answer(
            client, "fill_field", incident=name, field="executive_summary.resolution", text=text, citations=["event:2"]
        )

        async def read(what: str) -> str:
            found = (await client.read_resource(f"afteraction://incidents/{name}/{what}")).contents[0]
            return str(found.text)  # type: ignore[union-attr]

        assert text in await read("post-mortem/executive")
        assert (await read("post-mortem/root-cause")).startswith("## 🔍 Root Cause Analysis")
        assert "event:2 message bo: rolled back cart to 1.4" in await read("timeline")
        assert await read("findings.json") == "{}"
        with pytest.raises(Exception, match="no section 'weather'; it has: Incident Summary, Executive Summary"):
            await read("post-mortem/weather")

    talk(desk, "auto", script)


def test_long_answers_come_in_pages_that_lose_and_double_nothing(desk: Desk) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        seen: list[str] = []
        offset, pages = 0, 0
        while pages == 0 or offset:
            page = await answer(client, "get_gaps", incident=name, offset=offset, limit=30)
            seen += [gap["field"] for gap in page["gaps"]]
            offset, pages = page["next_offset"], pages + 1
        assert pages > 1
        assert len(seen) == len(set(seen)) == page["total"]
        some = await answer(client, "get_gaps", incident=name, section="lessons.learned")
        assert {gap["field"].rpartition(".")[0] for gap in some["gaps"]} == {"lessons.learned"}
        for number in range(5):
            await answer(client, "add_action", incident=name, text=f"Add alert {number}")
        page = await answer(client, "list_actions", limit=3)
        rest = await answer(client, "list_actions", limit=3, offset=page["next_offset"])
        assert [one["number"] for one in page["actions"] + rest["actions"]] == [1, 2, 3, 4, 5]
        for number in range(3):
            await answer(
                client, "open_incident", title=f"pool empty {number}", began_at=f"2026-03-0{number + 1}T10:00Z"
            )
        first = await answer(client, "find_incidents", words="pool", limit=2)
        last = await answer(client, "find_incidents", words="pool", limit=2, after=first["next_after"])
        assert len({one["id"] for one in first["incidents"] + last["incidents"]}) == 3
        assert last["next_after"] == ""

    talk(desk, "auto", script)


def test_completing_takes_two_calls_where_the_client_cannot_ask(desk: Desk, era: Era) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        proposed = await answer(client, "complete_post_mortem", incident=name)
        assert (proposed["completed"], _status(desk, name)) == (False, IncidentStatus.OPEN)
        wrong = await answer(client, "complete_post_mortem", incident=name, confirmation="guessed")
        assert not wrong["completed"]
        await answer(client, "complete_post_mortem", incident=name, confirmation=proposed["confirmation"])
        assert _status(desk, name) is IncidentStatus.CLOSED

    talk(desk, era, script)


def test_incidents_are_found_by_words_and_alike(desk: Desk) -> None:
    async def script(client: Client) -> None:
        for number, title in enumerate(
            ("connection pool of cart exhausted", "pool of cart exhausted again", "disk of search full")
        ):
            await answer(
                client,
                "open_incident",
                title=title,
                services=[title.split(" of ")[1].split()[0]],
                began_at=f"2026-03-0{number + 1}T10:00:00Z",
            )
        found = await answer(client, "find_incidents", words="pool cart")
        assert {one["title"] for one in found["incidents"]} == {
            "connection pool of cart exhausted",
            "pool of cart exhausted again",
        }
        newest = await answer(client, "find_incidents", limit=1)
        assert newest["incidents"][0]["title"] == "disk of search full"
        older = await answer(client, "find_incidents", limit=1, after=newest["next_after"])
        (alike,) = await answer(client, "find_similar_incidents", incident=older["incidents"][0]["id"])
        assert alike["shared_services"] == ["cart"]
        assert "no incident NOPE" in await refusal(client, "get_findings", incident="NOPE")

    talk(desk, "auto", script)


def test_secrets_never_reach_the_record(desk: Desk) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        await answer(client, "add_event", incident=name, text="logged in with password=hunter2hunter2")
        await answer(
            client,
            "add_evidence",
            incident=name,
            name="chat.txt",
            content=CHAT + "[2026-03-04 10:53] bo: password=hunter2hunter2\n",
        )
        await answer(client, "add_action", incident=name, text="Rotate password=hunter2hunter2")
        told = json.dumps(
            [await answer(client, "get_timeline", incident=name), await answer(client, "list_actions", incident=name)]
        )
        assert "hunter2" not in told

    talk(desk, "auto", script)


def test_tools_stay_in_order_say_what_they_do_and_have_schemas(desk: Desk, era: Era) -> None:
    async def script(client: Client) -> None:
        first = (await client.list_tools()).tools
        assert [tool.name for tool in first] == [tool.name for tool in (await client.list_tools()).tools]
        assert 10 <= len(first) <= 15
        for tool in first:
            assert tool.description, tool.name
            assert tool.output_schema, tool.name
            assert tool.annotations is not None, tool.name
            assert tool.annotations.read_only_hint is tool.name.startswith(("find_", "get_", "list_", "check_")), (
                tool.name
            )
        assert {one.name for one in (await client.list_prompts()).prompts} == {"draft", "review", "debrief"}
        said = (await client.get_prompt("debrief", {"incident": "INC-1"})).messages[0].content.text  # type: ignore[union-attr]
        assert "INC-1" in said

    talk(desk, era, script)


def test_what_an_agent_saves_leaves_what_a_person_wrote(desk: Desk) -> None:
    with desk.store.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
    written(desk, Author(name="anna"), summary__title="Checkout fails")
    written(desk, Author(name="bot", kind=AuthorKind.AGENT), summary__title="something else")
    with desk.store.begin() as record:
        last = record.revision("INC-1")
    assert last is not None
    assert "Checkout fails" in last.markdown


def test_what_an_agent_handed_in_is_material_of_the_next_draft(desk: Desk) -> None:
    async def script(client: Client) -> None:
        name = await opened(client, desk)
        await answer(client, "add_evidence", incident=name, name="chat.txt", content=CHAT)
        with desk.store.begin() as record:
            # Nothing of it lies in a file, so there is nothing to name or to freeze.
            assert frozen_inputs(record, MemoryBlobs(), name) == ()
            material = with_told(record, name, Material())
        drafted = draft_incident(
            material, settings=desk.settings, masker=desk.masker(), progress=lambda _: None, incident=name
        )
        assert drafted.document.startswith("# Post-Mortem: Checkout fails\n")  # as the incident was opened
        assert "everybody gets 503" in drafted.document
        assert f"record:{name}/chat.txt:3" in drafted.document

    talk(desk, "auto", script)
