from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.formats.html_text import html_to_markdown, looks_like_html


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>Root <b>cause</b></h2><p>a &amp; b</p>", "## Root **cause**\n\na & b"),
        ("<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>", "- one\n  - two\n- three"),
        ("<ol><li>first</li><li>second</li></ol>", "1. first\n2. second"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1|2</td><td><p>x</p></td></tr></table>", "| A | B |\n| --- | --- |\n| 1\\|2 | x |"),
        ('<p>see <a href="https://www.google.com/url?q=https://x.example/a&amp;sa=D">this</a></p>', "see [this](https://x.example/a)"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<p># no heading</p>", "\\# no heading"),
        ("<p>one<br>two</p><script>bad()</script>", "one\n\ntwo"),
        ('<li class="checked">done</li>', "- [x] done"),
        ("<ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>open</ac:task-body></ac:task>", "- [ ] open"),
        ("<p>never closed <b>bold <i>both", "never closed bold both"),
        ('<p class="c1 title">Page</p>', "# Page"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
    ],
)  # fmt: skip
def test_html_is_set_as_markdown(html: str, markdown: str) -> None:
    assert html_to_markdown(html).text == markdown


def test_each_line_names_the_line_of_the_page() -> None:
    page = html_to_markdown("<h1>A</h1>\n\n<p>\nwords\n</p>\n<table>\n<tr><td>x</td><td>y</td></tr>\n</table>")
    assert [page.line_of(number) for number, line in enumerate(page.text.split("\n"), 1) if line] == [1, 4, 7, 7]


def test_only_html_looks_like_html() -> None:
    assert looks_like_html(b"\xef\xbb\xbf<!DOCTYPE html><html>")
    assert looks_like_html(b"<h2>Piece</h2>")
    assert not looks_like_html(b"<34>1 2026-03-04T09:00:00Z host app - - - <p>x</p>"[:10])
    assert not looks_like_html(b"# Notes\n<p>x</p>")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["<p>", "</p>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<pre>", "<a href=x>",
                                 "</a>", "<b>", "</b>", "<h1>", "</h1>", "word", "|", "<![CDATA[x]]>", "<br/>", "&#0;", "<title>", "<head>",
                                 "</head>", "<ac:task-status>", "</ac:task-status>", "<", "\n"]), max_size=40))  # fmt: skip
def test_broken_html_raises_nothing_and_every_line_has_its_place(pieces: list[str]) -> None:
    page = html_to_markdown("".join(pieces))
    assert len(page.lines) == (len(page.text.split("\n")) if page.text else 0)
