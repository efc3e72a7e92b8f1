"""What an agent's tool was given and gave back, as text of bounded length.

In come the content of a tool's result, or its arguments, in the shapes in which MCP and the model vendors write them;
out goes the text that a person would read. What is not text is named (`[image]`). A long text keeps its beginning and
its end, and says how long it was and by which hash the whole can be known again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of

LONGEST = 20_000
"""Characters of arguments or of a result that are kept; the rest stands in the file that the origin names."""
_HEAD, _TAIL = 16_000, 3_000


def shortened(text: str) -> str:
    """Return a text as it is, or its beginning and end with its length and SHA-256 between them."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    note = f"\n… {len(text)} characters in all, sha256 {digest}; the middle is left out …\n"
    return text[:_HEAD] + note + text[-_TAIL:]


def compact(arguments: object) -> str:
    """Return arguments as JSON on one line; empty for none. A text that holds JSON is read, any other kept."""
    if isinstance(arguments, str):
        if arguments.lstrip()[:1] not in {"{", "["}:
            return arguments[:LONGEST]
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return str(arguments)[:LONGEST]
    if arguments in (None, {}, ""):
        return ""
    try:
        return json.dumps(arguments, ensure_ascii=False, separators=(", ", ": "), default=str)[:LONGEST]
    except (ValueError, RecursionError):
        return ""


def content_text(content: Any) -> str:
    """Return the text of a result's content: a text, a block, or a list of either."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return _block(content)
    return "\n".join(part for item in list_of(content) if (part := content_text(item)))


def _block(item: Mapping[str, Any]) -> str:
    kind = text_of(item, "type")
    if kind == "resource":
        return text_of(item, "resource.text") or f"[resource {text_of(item, 'resource.uri')}]"
    text = value_of(item, "text")
    return text if isinstance(text, str) else f"[{kind or 'content'}]"


def rpc_result(message: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the text of a JSON-RPC answer to `tools/call`, and whether the call failed (`isError` in a success)."""
    if "error" in message:
        error = message["error"]
        code, said = text_of(error, "code"), text_of(error, "message")
        return f"error {code}: {said}".strip(" :") if said or code else compact(error), True
    return mcp_result(message.get("result"))


def mcp_result(result: Any) -> tuple[str, bool]:
    """Return the text of a `CallToolResult`, and whether the call failed."""
    text = content_text(value_of(result, "content") if isinstance(result, Mapping) else result)
    if not text and (structured := mapping_of(result).get("structuredContent")) is not None:
        text = compact(structured)
    if not text and result is not None and not isinstance(value_of(result, "content"), list):
        text = compact(result)
    return text, value_of(result, "isError") is True
