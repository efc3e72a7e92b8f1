"""The tool that completes a post-mortem, which a person must agree to: asked by the client, or by word in a second call.

Annotations are evaluated here as they are read (no postponed ones), because the resolver is made for one record.
"""

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from afteraction.mcp.server.desk import Desk, caller, told
from afteraction.mcp.server.shapes import CompletionAnswer
from afteraction.model.account import Right
from afteraction.usecases import ask
from afteraction.usecases.complete import complete

_CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)


class Consent(BaseModel):
    """A person's answer."""

    complete: bool = Field(description="Is this post-mortem complete and may it be shared?")


def _can_ask(context: Context) -> bool:
    able = context.client_capabilities
    return able is not None and able.elicitation is not None


def register(made: MCPServer[Any], desk: Desk) -> None:
    """Give the server the tool."""

    def ask_a_person(incident: str, context: Context) -> Elicit[Consent] | Consent:
        """Ask where the client can; a client that cannot is told the word to come back with."""
        if not _can_ask(context):
            return Consent(complete=False)
        with desk.opened(context, Right.EDIT) as record:
            found = ask.incident_of(record, incident)
            left = len(ask.gaps_of(record, incident))
        return Elicit(
            f"Complete the post-mortem of {incident} ({found.title})? {left} questions are still open in it.", Consent
        )

    @made.tool(annotations=_CHANGES)
    @told
    def complete_post_mortem(
        *,
        incident: Annotated[str, Field(description="id of the incident, as find_incidents lists it")],
        context: Context,
        consent: Annotated[Consent, Resolve(ask_a_person)],
        confirmation: Annotated[str, Field(description="what this tool answered before, once a person agreed")] = "",
    ) -> CompletionAnswer:
        """Complete a post-mortem; a person is asked first."""
        with desk.opened(context, Right.EDIT) as record:
            found = ask.incident_of(record, incident)
            last = record.revision(incident)
            needed = desk.confirmation(incident, last.number if last else 0)
            if _can_ask(context) and not consent.complete:
                return CompletionAnswer(
                    completed=False, confirmation="", said=f"a person was asked and said no; {incident} stays open"
                )
            if not consent.complete and confirmation != needed:
                said = "ask a person, and call again with this confirmation when they agree"
                if confirmation:
                    said = f"{confirmation!r} belongs to another revision; show this one to a person, {said}"
                return CompletionAnswer(completed=False, confirmation=needed, said=said)
            complete(record, found, author=caller(context), at=desk.clock())
        return CompletionAnswer(completed=True, confirmation="", said=f"{incident} is closed")
