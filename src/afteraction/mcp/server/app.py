"""The server with its tools, resources and prompts. Tools are thin: they shape what the use cases answer.

Every tool says whether it reads, adds or changes; errors say what to do next. Nothing that an agent writes replaces what a
person wrote, and completing a post-mortem asks a person.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp_types import ToolAnnotations
from pydantic import Field

from afteraction import __version__
from afteraction.checks import Severity
from afteraction.errors import UsageError
from afteraction.export.post_mortem_json import to_json
from afteraction.markdown import render
from afteraction.mcp.server import completing, prompts, shapes
from afteraction.mcp.server.desk import Desk, caller, shown, told
from afteraction.model.account import Right
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.record import ActionState, IncidentStatus, Indexed, TrackedAction, Wanted
from afteraction.usecases import ask
from afteraction.usecases.act import add_action as add_an_action
from afteraction.usecases.act import change_action
from afteraction.usecases.check import check_documents
from afteraction.usecases.fill import fill
from afteraction.usecases.incident import handed_in, tell
from afteraction.usecases.incident import open_incident as open_an_incident

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)
_MOST = 50
INSTRUCTIONS = """Afteraction keeps a team's incidents and drafts their post-mortems from evidence.
Cite what you state: events as event:12, findings as finding:f3, footnotes of the document by their id. What a person wrote
stays; propose changes to it in words. Conclusions (root cause, lessons) belong to people: offer evidence and questions."""

_NO_EVENT = (
    "nothing in it became an event: it is of no known form, or it holds objects, series, spans or logs, which count when "
    "somebody runs `afteraction draft` on the file. Say with add_event what you saw in it."
)
Incident = Annotated[str, Field(description="id of the incident, as find_incidents lists it")]
Offset = Annotated[int, Field(ge=0, description="0, or next_offset of the page before")]
Limit = Annotated[int, Field(ge=1, le=_MOST)]


def server(desk: Desk) -> MCPServer[Any]:
    """Return the server over a record."""
    made: MCPServer[Any] = MCPServer(
        "afteraction", title="Afteraction", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    _reading(made, desk)
    _capturing(made, desk)
    _writing(made, desk)
    completing.register(made, desk)
    _resources(made, desk)
    prompts.register(made)
    return made


def _reading(made: MCPServer[Any], desk: Desk) -> None:
    @made.tool(annotations=READS)
    @told
    def find_incidents(
        *,
        words: Annotated[str, Field(description="words that the incident's events or document hold; empty: any")] = "",
        status: Literal["", "open", "mitigated", "resolved", "closed"] = "",
        service: str = "",
        after: Annotated[str, Field(description="next_after of the page before")] = "",
        limit: Limit = 20,
        context: Context,
    ) -> shapes.IncidentsAnswer:
        """Find incidents of the record, the newest first, or those that hold some words, the best first."""
        wanted = Wanted(
            status=(IncidentStatus(status),) if status else (), service=service, after=after, limit=limit + 1
        )  # fmt: skip
        with desk.opened(context) as record:
            found = list(ask.telling_of(record, words, wanted) if words else record.incidents(wanted))
        more = found[limit - 1].id if len(found) > limit else ""
        return shapes.IncidentsAnswer(incidents=[shapes.incident_answer(one) for one in found[:limit]], next_after=more)

    @made.tool(annotations=READS)
    @told
    def get_timeline(
        *, incident: Incident, context: Context, offset: Offset = 0, limit: Limit = 25,
        words: Annotated[str, Field(description="only events that hold all these words; empty: all")] = "",
        known_at: Annotated[str, Field(description="only what was known at this time")] = "",
    ) -> shapes.TimelineAnswer:  # fmt: skip
        """List what happened in an incident, in order of time, each with the id to cite it by."""
        with desk.opened(context) as record:
            known = desk.moment(known_at) if known_at else None
            page, total, more = ask.timeline_page(
                record, incident, after=offset, limit=limit, known_at=known, words=words
            )
        return shapes.TimelineAnswer(events=[shapes.event_answer(one) for one in page], total=total, next_offset=more)

    @made.tool(annotations=READS)
    @told
    def get_findings(
        *, incident: Incident, context: Context, offset: Offset = 0, limit: Limit = 15
    ) -> shapes.FindingsAnswer:
        """Return what the evidence says: the verdict, ranked suspects, and findings with the ids to cite them by."""
        with desk.opened(context) as record:
            return shapes.findings_answer(ask.findings_of(record, incident), offset, limit)

    @made.tool(annotations=READS)
    @told
    def get_gaps(
        *, incident: Incident, context: Context, offset: Offset = 0, limit: Limit = 40,
        section: Annotated[str, Field(description="only fields that begin so, such as impact or lessons.learned")] = "",
    ) -> shapes.GapsAnswer:  # fmt: skip
        """List the fields of the post-mortem that nobody filled, each with the question that would fill it, and how."""
        with desk.opened(context) as record:
            found = [gap for gap in ask.gaps_of(record, incident) if gap.field.startswith(section)]
        return shapes.gaps_answer(found, offset, limit)

    @made.tool(annotations=READS)
    @told
    def check_document(
        *, incident: Incident, context: Context, offset: Offset = 0, limit: Limit = 30
    ) -> shapes.CheckAnswer:
        """Check the post-mortem: gaps, contradictions, uncited statements, loose actions, blame."""
        with desk.opened(context) as record:
            text = render(ask.document_of(record, incident))
        remarks = check_documents([(f"{incident}.md", text)], settings=desk.settings, sources=desk.sources)
        rank = list(Severity)
        remarks = tuple(sorted(remarks, key=lambda remark: (rank.index(remark.severity), remark.line)))
        return shapes.CheckAnswer(
            remarks=[
                shapes.RemarkAnswer(rule=r.rule, severity=r.severity.value, line=r.line, text=shapes.cut(r.message), suggestion=shapes.cut(r.suggestion))
                for r in remarks[offset : offset + limit]
            ],
            total=len(remarks), next_offset=offset + limit if offset + limit < len(remarks) else 0,
        )  # fmt: skip

    @made.tool(annotations=READS)
    @told
    def find_similar_incidents(
        *, incident: Incident, context: Context, limit: Annotated[int, Field(ge=1, le=20)] = 5
    ) -> list[shapes.AlikeAnswer]:
        """Find incidents that hurt the same services or tell of the same things."""
        with desk.opened(context) as record:
            return [shapes.alike_answer(one) for one in ask.similar(record, incident, limit=limit)]

    @made.tool(annotations=READS)
    @told
    def list_actions(
        *, context: Context, incident: Annotated[str, Field(description="empty: of all incidents")] = "",
        only_open: bool = True, offset: Offset = 0, limit: Limit = 30,
    ) -> shapes.ActionsAnswer:  # fmt: skip
        """List action items with their number and state."""
        with desk.opened(context) as record:
            if incident:
                ask.incident_of(record, incident)
            found = [one for one in record.actions(incident) if not only_open or one.state is ActionState.OPEN]
        end = offset + limit
        page = [shapes.action_answer(one) for one in found[offset:end]]
        return shapes.ActionsAnswer(actions=page, total=len(found), next_offset=end if end < len(found) else 0)


def _capturing(made: MCPServer[Any], desk: Desk) -> None:
    @made.tool(annotations=ADDS)
    @told
    def open_incident(
        *, title: str, context: Context, severity: str = "", services: list[str] | None = None,
        began_at: Annotated[str, Field(description="when it began; empty: now")] = "",
    ) -> shapes.IncidentAnswer:  # fmt: skip
        """Open an incident in the record."""
        with desk.opened(context, Right.RESPOND) as record:
            found = open_an_incident(
                record, title=desk.masked(title), began=desk.moment(began_at), severity=severity, services=tuple(services or ()),
                author=caller(context), at=desk.clock(),
            )  # fmt: skip
        return shapes.incident_answer(found)

    @made.tool(annotations=ADDS)
    @told
    def add_event(
        *, incident: Incident, text: str, context: Context,
        happened_at: Annotated[str, Field(description="when it happened; empty: now")] = "", service: str = "",
    ) -> shapes.EventAnswer:  # fmt: skip
        """Add what you saw or did to an incident; say what happened, not what you conclude."""
        with desk.opened(context, Right.RESPOND) as record:
            added = tell(
                record,
                incident,
                desk.masked(text),
                happened=desk.moment(happened_at),
                author=caller(context),
                at=desk.clock(),
                service=service,
            )
        return shapes.event_answer(added)

    @made.tool(annotations=ADDS)
    @told
    def add_evidence(
        *,
        incident: Incident,
        name: Annotated[str, Field(description="a file name that says what it is, such as kubectl-events.txt")],
        content: Annotated[
            str, Field(description="the raw output, unchanged: chat, alerts, kubectl, logs of deploys, commands")
        ],
        context: Context,
    ) -> shapes.AddedAnswer:
        """Add raw material to an incident: what happened in it becomes events, in the next draft too. Series and logs are for `afteraction draft`."""
        events, problems = desk.events_in(handed_in(incident, name), content)
        if not events and not problems:
            problems = [_NO_EVENT]
        with desk.opened(context, Right.RESPOND) as record:
            ask.incident_of(record, incident)
            added = record.add_events(incident, events, known_at=desk.clock())
            for one in added:
                record.index(incident, Indexed.EVENT, str(one.number), one.event.text)
        return shapes.AddedAnswer(
            events=len(added),
            cite_as=[f"event:{one.number}" for one in added[:_MOST]],
            problems=[shapes.cut(p, 200) for p in problems[:10]],
        )


def _writing(made: MCPServer[Any], desk: Desk) -> None:
    @made.tool(annotations=CHANGES)
    @told
    def fill_field(
        *,
        incident: Incident,
        field: Annotated[str, Field(description="as get_gaps names it")],
        text: Annotated[str, Field(description="what stands there; every number must stand in what you cite")],
        citations: Annotated[list[str], Field(description="event:12, finding:f3, or footnotes of the document")],
        context: Context,
    ) -> shapes.SavedAnswer:
        """Fill a field of the post-mortem with a statement that events or findings support."""
        with desk.opened(context, Right.EDIT) as record:
            ask.incident_of(record, incident)
            done = fill(record, incident, field, desk.masked(text), citations, author=caller(context), at=desk.clock())
        return shapes.SavedAnswer(
            revision=done.revision.number, changed=list(done.changed), kept_from_people=list(done.kept)
        )

    @made.tool(annotations=ADDS)
    @told
    def add_action(
        *, incident: Incident, text: Annotated[str, Field(description="begins with a verb; one thing")], context: Context,
        horizon: Literal["24 hours", "week", "month", "quarter"] = "week", owner: str = "", due: str = "",
        done_when: Annotated[str, Field(description="how one will see that it is done")] = "",
    ) -> shapes.ActionAnswer:  # fmt: skip
        """Propose an action item; people decide whether it stays."""
        wanted = TrackedAction(
            incident=incident,
            number=0,
            text=desk.masked(text),
            horizon=horizon,
            owner=owner,
            due=due,
            done_when=done_when,
        )
        with desk.opened(context, Right.RESPOND) as record:
            return shapes.action_answer(add_an_action(record, wanted, author=caller(context), at=desk.clock()))

    @made.tool(annotations=CHANGES)
    @told
    def update_action(
        *, incident: Incident, number: int, context: Context, state: Literal["", "open", "done", "dropped"] = "", owner: str = "",
        due: str = "", ticket: str = "",
        evidence: Annotated[str, Field(description="needed to close: what shows that it is done, or why it is dropped")] = "",
    ) -> shapes.ActionAnswer:  # fmt: skip
        """Change or close an action item; closing needs evidence."""
        if state in {"done", "dropped"} and not evidence:
            raise UsageError("closing an action needs evidence: a link or a sentence that shows it")
        given = {"owner": owner, "due": due, "ticket": ticket, "evidence": evidence}
        changes: dict[str, object] = {name: desk.masked(value) for name, value in given.items() if value}
        if state:
            changes["state"] = ActionState(state)
        with desk.opened(context, Right.RESPOND) as record:
            return shapes.action_answer(
                change_action(record, incident, number, author=caller(context), at=desk.clock(), **changes)
            )


def _resources(made: MCPServer[Any], desk: Desk) -> None:
    @made.resource("afteraction://template", mime_type="text/markdown")
    def template() -> str:
        """The empty post-mortem."""
        return render(PostMortem())

    @made.resource("afteraction://incidents/{incident}/post-mortem", mime_type="text/markdown")
    @shown
    def post_mortem(incident: str, context: Context) -> str:
        """The post-mortem of an incident as it stands, with its ledger."""
        with desk.opened(context) as record:
            return render(ask.document_of(record, incident))

    @made.resource("afteraction://incidents/{incident}/post-mortem/{section}", mime_type="text/markdown")
    @shown
    def section(incident: str, section: str, context: Context) -> str:
        """One section of it: the first whose heading holds these words, such as timeline or root-cause."""
        with desk.opened(context) as record:
            return ask.section_of(render(ask.document_of(record, incident)), section)

    @made.resource("afteraction://incidents/{incident}/timeline", mime_type="text/plain")
    @shown
    def timeline(incident: str, context: Context) -> str:
        """Every event, a line each: time, id to cite it by, who, what."""
        with desk.opened(context) as record:
            ask.incident_of(record, incident)
            return "\n".join(shapes.event_line(one) for one in record.events(incident))

    @made.resource("afteraction://incidents/{incident}/findings.json", mime_type="application/json")
    @shown
    def findings(incident: str, context: Context) -> str:
        """The whole investigation, with every citation."""
        with desk.opened(context) as record:
            return json.dumps(ask.findings_of(record, incident), ensure_ascii=False, indent=1)

    @made.resource("afteraction://incidents/{incident}/post-mortem.json", mime_type="application/json")
    @shown
    def post_mortem_json(incident: str, context: Context) -> str:
        """The same as JSON."""
        with desk.opened(context) as record:
            return to_json(ask.document_of(record, incident))

    @made.resource("afteraction://incidents/{incident}/history", mime_type="text/plain")
    @shown
    def history(incident: str, context: Context) -> str:
        """Who changed what, when."""
        with desk.opened(context) as record:
            ask.incident_of(record, incident)
            return "\n".join(
                f"{shapes.time(e.at)} {e.author.name} ({e.author.kind}): {e.what}" for e in record.audit(incident)
            )
