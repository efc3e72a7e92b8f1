"""Prompts that a person picks in their client: draft, review, debrief."""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer


def register(made: MCPServer[Any]) -> None:
    """Give the server its prompts."""

    @made.prompt()
    def draft(incident: str) -> str:
        """Fill what the evidence supports, and list what people must answer."""
        return (
            f"Help to draft the post-mortem of {incident}. Read get_findings, then get_timeline page by page, then get_gaps. "
            "Fill a field with fill_field only where events or findings say it; cite them (get_timeline with words finds what to cite). Write plainly, in the past tense, without "
            "blame: conditions, not people. Leave root cause and lessons to people; list for them, with citations, what speaks for "
            "and against each suspect, and the questions that remain. At the end run check_document and tell what it says."
        )

    @made.prompt()
    def review(incident: str) -> str:
        """Look for holes in a post-mortem before the meeting."""
        return (
            f"Review the post-mortem of {incident} (resource afteraction://incidents/{incident}/post-mortem) as a colleague who "
            "was not there. Run check_document. Compare its statements with get_timeline and get_findings: name what is not supported, "
            "what contradicts what, what the timeline shows and the text leaves out, actions that would not have helped, and "
            "incidents alike (find_similar_incidents) whose actions are still open (list_actions). Change nothing."
        )

    @made.prompt()
    def debrief(incident: str) -> str:
        """Prepare the questions for the people who were there."""
        return (
            f"Prepare the debrief of {incident}. From get_timeline choose the five moments at which somebody decided or "
            "learned something. For each: what was known then (get_timeline with known_at), what was tried, and two open questions that "
            "begin with how or what, never with why did you. End with the questions of get_gaps that only people can answer."
        )
