"""Slack's message markup becomes plain text: mentions, channels, links, entities, blocks and attachments.

In comes one message object of Slack's export or API; out goes the text that a reader saw. A mention whose name the
message does not carry stays `@` and the id, to be resolved over all files. Nothing in the input raises.
"""

from __future__ import annotations

import html
import re
from typing import Any

from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of

_ANGLED = re.compile(r"<([^<>\n]{1,4000})>")


def plain_text(markup: str) -> str:
    """Return markup as people saw it: `<@U1|anna>` is `@anna`, `<https://x|label>` is `label (https://x)`."""
    return html.unescape(_ANGLED.sub(_unwrap, markup)).strip()


def _unwrap(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    if target.startswith("@"):
        return f"@{label.lstrip('@')}" if label else target
    if target.startswith("#"):
        return f"#{label.lstrip('#')}" if label else target
    if target.startswith("!"):
        if label:
            return label if target.startswith("!date") else f"@{label.lstrip('@')}"
        return f"@{target[1:].split('^')[0]}"
    if not re.match(r"^(?:[a-z][a-z0-9+.-]*:|/)", target, re.IGNORECASE):
        return match[0]
    bare = re.sub(r"^(?:mailto:|tel:|https?://)", "", target).rstrip("/")
    if not label or label.rstrip("/") in {target.rstrip("/"), bare}:
        return target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({target})"


def message_text(message: Any) -> str:
    """Return the whole text of a message: its own, else its blocks', then attachments, files and comments."""
    parts = [plain_text(text_of(message, "text"))]
    if not parts[0]:
        parts.append("\n".join(filter(None, (_block(block) for block in list_of(value_of(message, "blocks"))))))
    parts += [_attachment(mapping_of(attachment)) for attachment in list_of(value_of(message, "attachments"))]
    files = [*list_of(value_of(message, "files")), value_of(message, "file")]
    if not parts[0]:
        parts += [f"[file: {name}]" for file in files if (name := text_of(file, "title", "name"))]
    if (comment := text_of(message, "comment.comment")) and comment not in parts[0]:
        parts.append(plain_text(comment))
    return "\n".join(part for part in parts if part).strip()


def _attachment(attachment: Any) -> str:
    lines = [text_of(attachment, name) for name in ("pretext", "title", "text")]
    for field in list_of(value_of(attachment, "fields")):
        title, value = text_of(field, "title"), text_of(field, "value")
        lines.append(f"{title}: {value}" if title and value else title or value)
    lines += [_block(block) for block in list_of(value_of(attachment, "blocks"))]
    text = "\n".join(dict.fromkeys(line for line in lines if line))
    return plain_text(text or text_of(attachment, "fallback"))


def _block(block: Any, depth: int = 0) -> str:
    """Return the text of a layout block, rich text included."""
    kind = text_of(block, "type")
    if depth > 12:
        return ""
    if kind in {"header", "section", "context"}:
        texts = [value_of(block, "text"), *list_of(value_of(block, "fields")), *list_of(value_of(block, "elements"))]
        return "\n".join(filter(None, (plain_text(text_of(text, "text")) for text in texts)))
    if kind == "rich_text_preformatted":
        return f"```{_children(block, depth, '')}```"
    if kind == "rich_text_quote":
        return "> " + _children(block, depth, "")
    if kind in {"rich_text", "rich_text_list"}:
        return _children(block, depth, "\n")
    if kind == "rich_text_section":
        return _children(block, depth, "")
    return _leaf(block, kind)


def _children(block: Any, depth: int, glue: str) -> str:
    return glue.join(filter(None, (_block(child, depth + 1) for child in list_of(value_of(block, "elements")))))


def _leaf(element: Any, kind: str) -> str:
    text = value_of(element, "text")
    match kind:
        case "user" | "usergroup":
            return f"@{text_of(element, 'user_id', 'usergroup_id')}"
        case "channel":
            return f"#{text_of(element, 'channel_id')}"
        case "broadcast":
            return f"@{text_of(element, 'range')}"
        case "emoji":
            return f":{text_of(element, 'name')}:"
        case "link":
            url = text_of(element, "url")
            return f"{text} ({url})" if isinstance(text, str) and text and text != url else url
    return text if isinstance(text, str) else ""
