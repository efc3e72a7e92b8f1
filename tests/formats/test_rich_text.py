from __future__ import annotations

from typing import Any

import pytest

from afteraction.formats.rich_text import is_rich_text, rich_text_to_markdown


def node(kind: str, *content: Any, **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), **({"attrs": attrs} if attrs else {})}


def words(text: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


@pytest.mark.parametrize(
    ("block", "markdown"),
    [
        (node("heading", words("Impact"), level=3), "### Impact"),
        (node("paragraph", words("a "), words("b", {"type": "strong"}), words("c", {"type": "code"})), "a **b**`c`"),
        (node("paragraph", words("x", {"type": "link", "attrs": {"href": "https://x.example"}})), "[x](https://x.example)"),
        (node("codeBlock", words("ls"), language="bash"), "```bash\nls\n```"),
        (node("orderedList", node("listItem", node("paragraph", words("one")))), "1. one"),
        (node("taskList", node("taskItem", words("do"), state="DONE")), "- [x] do"),
        (node("table", node("tableRow", node("tableHeader", node("paragraph", words("A|"))))), "| A\\| |\n| --- |"),
        (node("panel", node("paragraph", words("inside"))), "inside"),
        (node("unheardOf", node("paragraph", words("kept"))), "kept"),
        (node("paragraph", {"type": "date", "attrs": {"timestamp": "1772615520000"}}), "2026-03-04"),
    ],
)  # fmt: skip
def test_a_node_is_set_as_markdown(block: dict[str, Any], markdown: str) -> None:
    assert rich_text_to_markdown(node("doc", block)) == markdown


@pytest.mark.parametrize("value", [None, 1, "doc", [], {}, {"type": "doc"}, {"type": "doc", "content": "x"}])
def test_what_is_no_document_is_none(value: Any) -> None:
    assert not is_rich_text(value)
    assert rich_text_to_markdown(value) == ""


def test_nesting_without_end_is_cut_and_raises_nothing() -> None:
    deep: dict[str, Any] = words("bottom")
    for _ in range(3000):
        deep = node("panel", deep)
    assert rich_text_to_markdown(node("doc", deep)) == ""
