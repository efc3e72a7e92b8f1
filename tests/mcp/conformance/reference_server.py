"""A server made with the official SDK that has the tools, resources and prompts that the conformance suite calls.

python reference_server.py PORT
"""

from __future__ import annotations

import base64
import sys

from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Image
from mcp.server.mcpserver.prompts.base import UserMessage

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
made = MCPServer("reference", log_level="CRITICAL")


@made.tool()
def test_simple_text() -> str:
    """Say a text."""
    return "This is a simple text response for testing."


@made.tool()
def test_image_content() -> Image:
    """Show an image."""
    return Image(data=PIXEL, format="png")


@made.tool()
def test_error_handling() -> str:
    """Fail."""
    raise RuntimeError("This tool intentionally returns an error for testing")


@made.tool()
async def test_tool_with_progress(context: Context) -> str:
    """Tell how far it is."""
    for step in (0, 50, 100):
        await context.report_progress(step, 100, f"Completed step {step} of 100")
    return "done"


@made.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    """Return a text."""
    return "This is the content of the static text resource."


@made.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    """Return bytes."""
    return PIXEL


@made.resource("test://template/{id}/data", mime_type="application/json")
def template(id: str) -> str:  # noqa: A002  # the suite names it so
    """Return what was asked for."""
    return f'{{"id": "{id}", "templateTest": true, "data": "Data for ID: {id}"}}'


@made.prompt()
def test_simple_prompt() -> str:
    """Say a text."""
    return "This is a simple prompt for testing."


@made.prompt()
def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
    """Say the arguments."""
    return [UserMessage(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")]


if __name__ == "__main__":
    made.run("streamable-http", port=int(sys.argv[1]))
