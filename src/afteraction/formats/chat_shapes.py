"""Messages of chat products other than Slack: what makes one, and what one says, in one form.

In comes an export of Discord (DiscordChatExporter, or the API's list) or of Microsoft Teams (Graph's channel and chat
messages, with replies inside or beside); out go messages with author, time, thread, edits and reactions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from afteraction.formats.html_text import markdown_of
from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of

_EMOJI = {
    "✅": "white_check_mark", "☑️": "ballot_box_with_check", "👀": "eyes", "🚨": "rotating_light", "👍": "+1", "👎": "-1", "❌": "x",
    "🔥": "fire", "🙏": "pray", "🎉": "tada", "❤️": "heart", "like": "+1",
}  # fmt: skip
"""Signs by the names that Slack gives them, so that one reaction has one name everywhere."""


_ATTACHED = re.compile(r"</?attachment\b[^>]{0,300}>")
"""Where Teams puts what is attached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One message. `thread` is the id of the message that a reply belongs to; `id` the product's own."""

    id: str
    at: str
    author: str
    text: str
    channel: str = ""
    thread: str = ""
    bot: bool = False
    edited: bool = False
    reactions: tuple[str, ...] = ()


def is_chat_export(value: Any) -> bool:
    """Whether a value is an export of Discord or Teams, or one of their messages."""
    if isinstance(value, list):
        return bool(value) and all(_is_discord(item) or _is_teams(item) for item in value[:3])
    told = mapping_of(value)
    inner = [*list_of(told.get("messages"))[:3], *list_of(told.get("value"))[:3]]
    return any(_is_discord(item) or _is_teams(item) for item in [told, *inner])


def _is_discord(item: Any) -> bool:
    told = mapping_of(item)
    author = mapping_of(told.get("author"))
    return (
        "content" in told
        and "timestamp" in told
        and bool({"isBot", "discriminator", "global_name", "avatar"} & author.keys())
    )


def _is_teams(item: Any) -> bool:
    told = mapping_of(item)
    return "createdDateTime" in told and "messageType" in told and "content" in mapping_of(told.get("body"))


def messages_of(value: Any) -> Iterator[tuple[str, ChatMessage]]:
    """Yield the messages of an export, each with its path; what is none (joins, calls, system events) is left out."""
    told = mapping_of(value)
    key = next((key for key in ("messages", "value") if isinstance(told.get(key), list)), "")
    items = list_of(told.get(key)) if key else value if isinstance(value, list) else [value]
    channel = text_of(told, "channel.name", "name")
    for index, item in enumerate(items):
        path = f"{key}[{index}]" if key or isinstance(value, list) else ""
        if _is_discord(item):
            yield path, _discord(item, channel)
        elif _is_teams(item):
            yield from _teams(item, path, channel)


def _discord(item: Mapping[str, Any], channel: str) -> ChatMessage:
    parts = [text_of(item, "content")]
    for embed in list_of(item.get("embeds")):
        fields = [f"{text_of(f, 'name')}: {text_of(f, 'value')}" for f in list_of(value_of(embed, "fields"))]
        parts += [text_of(embed, "title"), text_of(embed, "description"), *fields]
    files = [
        f"[file: {name}]" for f in list_of(item.get("attachments")) if (name := text_of(f, "fileName", "filename"))
    ]
    author = mapping_of(item.get("author"))
    return ChatMessage(
        id=text_of(item, "id"),
        at=text_of(item, "timestamp"),
        author=text_of(author, "nickname", "global_name", "name", "username"),
        text="\n".join(part for part in [*parts, *files] if part),
        channel=channel or text_of(item, "channel_id"),
        thread=text_of(item, "reference.messageId", "message_reference.message_id", "thread.id"),
        bot=author.get("isBot") is True or author.get("bot") is True,
        edited=bool(text_of(item, "timestampEdited", "edited_timestamp")),
        reactions=tuple(
            _reaction(text_of(r, "emoji.name"), value_of(r, "count")) for r in list_of(item.get("reactions"))
        ),
    )


def _teams(item: Mapping[str, Any], path: str, channel: str) -> Iterator[tuple[str, ChatMessage]]:
    if text_of(item, "messageType") == "message" and not text_of(item, "deletedDateTime"):
        sender = mapping_of(item.get("from"))
        app = text_of(sender, "application.displayName")
        counts: dict[str, int] = {}
        for reaction in list_of(item.get("reactions")):
            name = text_of(reaction, "reactionType", "displayName")
            counts[name] = counts.get(name, 0) + 1
        yield (
            path,
            ChatMessage(
                id=text_of(item, "id"),
                at=text_of(item, "createdDateTime"),
                author=text_of(sender, "user.displayName") or app or text_of(sender, "user.id"),
                text=_teams_text(item),
                channel=channel or text_of(item, "channelIdentity.channelId", "chatId"),
                thread=text_of(item, "replyToId"),
                bot=bool(app),
                edited=bool(text_of(item, "lastEditedDateTime")),
                reactions=tuple(_reaction(name, count) for name, count in counts.items() if name),
            ),
        )
    for index, reply in enumerate(list_of(item.get("replies"))):
        if _is_teams(reply):
            yield from _teams(reply, f"{path}.replies[{index}]", channel)


def _teams_text(item: Mapping[str, Any]) -> str:
    content = _ATTACHED.sub("", text_of(item, "body.content"))
    text = markdown_of(content) if text_of(item, "body.contentType") == "html" else content
    parts = [text_of(item, "subject"), text.strip()]
    for attachment in list_of(item.get("attachments")):
        parts += _card_texts(text_of(attachment, "content")) or [text_of(attachment, "name")]
    return "\n".join(part for part in parts if part)


def _card_texts(content: str) -> list[str]:
    """Return the texts of an adaptive card, which is JSON inside a text."""
    found: list[str] = []
    for token in content.split('"text":')[1:50]:
        rest = token.lstrip()
        if rest.startswith('"'):
            found.append(rest[1:].split('"', 1)[0].replace("\\n", "\n"))
    return found


def _reaction(name: str, count: Any) -> str:
    return _EMOJI.get(name, name.strip(":").lower()) + (f" x{count}" if isinstance(count, int) and count > 1 else "")
