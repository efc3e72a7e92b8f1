"""The Atlassian Document Format (a text as nested JSON nodes) as Markdown.

In comes the outermost node, `{"type": "doc", "content": [...]}` (the form is documented by Atlassian); out goes Markdown.
A node of an unknown type gives the text inside it, so that no words are lost. Nothing raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from afteraction.formats.json_documents import list_of, mapping_of

_DEEPEST = 60


def is_rich_text(value: Any) -> bool:
    """Whether a JSON value is a document in this format."""
    return isinstance(value, Mapping) and value.get("type") == "doc" and isinstance(value.get("content"), list)


def rich_text_to_markdown(value: Any) -> str:
    """Return a document as Markdown, empty for anything that has no text."""
    return "\n\n".join(_blocks(value, 0)).strip()


def _blocks(node: Any, depth: int) -> list[str]:
    if depth > _DEEPEST:
        return []
    found = []
    for child in list_of(mapping_of(node).get("content")):
        text = _block(mapping_of(child), depth + 1)
        if text.strip():
            found.append(text)
    return found


def _block(node: Mapping[str, Any], depth: int) -> str:
    kind, attrs = str(node.get("type", "")), mapping_of(node.get("attrs"))
    if kind == "heading":
        level = attrs.get("level")
        return f"{'#' * (level if isinstance(level, int) and 1 <= level <= 6 else 2)} {_inline(node, depth)}"
    if kind == "codeBlock":
        return f"```{attrs.get('language') or ''}\n{_inline(node, depth)}\n```"
    if kind in {"bulletList", "orderedList", "taskList", "decisionList"}:
        return _list(node, kind, depth)
    if kind == "table":
        return _table(node, depth)
    if kind == "rule":
        return ""
    if kind in {"text", "paragraph"} or not any(
        mapping_of(child).get("content") for child in list_of(node.get("content"))
    ):
        return _inline(node, depth)
    title = f"**{attrs['title']}**\n\n" if attrs.get("title") else ""
    return title + "\n\n".join(_blocks(node, depth))


def _list(node: Mapping[str, Any], kind: str, depth: int) -> str:
    lines = []
    for number, child in enumerate(list_of(node.get("content")), 1):
        item = mapping_of(child)
        box = ""
        if kind == "taskList":
            box = "[x] " if mapping_of(item.get("attrs")).get("state") == "DONE" else "[ ] "
        inner = (
            _block(item, depth + 1)
            if item.get("type") in {"taskItem", "decisionItem"}
            else "\n".join(_blocks(item, depth))
        )
        lead = f"{number}. " if kind == "orderedList" else "- "
        first, *rest = (inner or "").split("\n")
        lines += [f"{lead}{box}{first}", *(" " * len(lead) + line for line in rest if line.strip())]
    return "\n".join(lines)


def _table(node: Mapping[str, Any], depth: int) -> str:
    rows = []
    for row in list_of(node.get("content")):
        cells = [" ".join(_blocks(cell, depth)).replace("\n", " ").replace("|", "\\|") for cell in list_of(mapping_of(row).get("content"))]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
        if len(rows) == 1:
            rows.append("|" + " --- |" * len(cells))
    return "\n".join(rows)


def _inline(node: Mapping[str, Any], depth: int) -> str:
    if node.get("type") == "text":
        return _marked(str(node.get("text", "")), list_of(node.get("marks")))
    if depth > _DEEPEST:
        return ""
    return "".join(_piece(mapping_of(child), depth + 1) for child in list_of(node.get("content")))


def _piece(node: Mapping[str, Any], depth: int) -> str:
    attrs = mapping_of(node.get("attrs"))
    match node.get("type"):
        case "hardBreak":
            return "\n"
        case "mention" | "status":
            return str(attrs.get("text", ""))
        case "emoji":
            return str(attrs.get("text") or attrs.get("shortName") or "")
        case "inlineCard" | "blockCard" | "embedCard":
            return str(attrs.get("url", ""))
        case "date":
            return _date(attrs.get("timestamp"))
        case "media":
            return f"![{attrs.get('alt') or attrs.get('id') or ''}]({attrs.get('url') or ''})"
    return _inline(node, depth)


def _date(value: Any) -> str:
    try:
        return datetime.fromtimestamp(int(value) / 1000, tz=UTC).strftime("%Y-%m-%d")
    except (ValueError, TypeError, OverflowError, OSError):
        return ""


def _marked(text: str, marks: list[Any]) -> str:
    for mark in marks:
        kind, attrs = mapping_of(mark).get("type"), mapping_of(mapping_of(mark).get("attrs"))
        if not text.strip():
            return text
        if kind == "strong":
            text = f"**{text}**"
        elif kind == "em":
            text = f"*{text}*"
        elif kind == "code":
            text = f"`{text}`"
        elif kind == "link" and attrs.get("href") and attrs["href"] != text:
            text = f"[{text}]({attrs['href']})"
    return text
