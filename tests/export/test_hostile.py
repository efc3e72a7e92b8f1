"""Payloads of a corpus, wherever a document can hold text, neither stand in the page as something that runs nor run in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from afteraction.export.page import to_html
from afteraction.markdown import parse
from afteraction.model.origin import Basis
from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.summary import Summary
from afteraction.model.postmortem.value import Value

_SIGNS = str.maketrans({"⏎": "\n", "⇥": "\t", "␀": "\0"})
HOSTILE = [
    line.translate(_SIGNS)
    for line in Path(__file__).with_name("hostile.txt").read_text(encoding="utf-8").splitlines()
    if line and not re.match(r"# [a-zW][a-z, ]", line)
]
FORBIDDEN = {
        "script",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "form",
        "input",
        "button",
        "select",
        "textarea",
        "option",
        "base",
        "link",
        "meta",
        "template",
        "slot",
        "dialog",
        "video",
        "audio",
        "source",
        "track",
        "portal",
        "marquee",
        "keygen",
        "isindex",
        "noscript",
        "xmp",
        "plaintext",
        "listing",
        "noembed",
        "foreignobject",
    }  # fmt: skip
SCHEMES = ("http:", "https:", "mailto:")


class Seen(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def pages(payload: str) -> list[str]:
    """Return pages that hold a payload as a paragraph of a person's own, as a field, and in the ledger."""
    entry = LedgerEntry(id="e1", basis=Basis.OBSERVED, time=payload, source=payload, text=payload, where=payload)
    titled = PostMortem(summary=Summary(title=Value(text=payload), severity=Value(text=payload)))
    return [
        to_html(parse(f"# Post-Mortem Template\n\n{payload}").post_mortem),
        to_html(titled),
        to_html(replace(titled, ledger=(entry,), heading=payload)),
    ]


def article(html: str) -> str:
    """Return what of a page is not the program's own head."""
    return html.partition("<body>")[2]


def test_the_corpus_is_read_whole() -> None:
    assert len(HOSTILE) > 150
    assert len(set(HOSTILE)) == len(HOSTILE)


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_of_a_payload_stands_in_a_page_as_something_that_runs(payload: str) -> None:
    for html in pages(payload):
        for tag, attributes in Seen(article(html)).found:
            assert tag not in FORBIDDEN
            assert not [
                name for name in attributes if name.startswith("on") or name in {"style", "srcset", "srcdoc", "name"}
            ]
            address = re.sub(r"[\t\r\n]", "", attributes.get("href", "").lstrip("".join(map(chr, range(33))))).lower()
            scheme = re.match(r"[a-z][a-z0-9+.-]*:", address)
            assert scheme is None or scheme[0] in SCHEMES
            source = attributes.get("src", "")
            assert not source.startswith(("//", "http", "javascript"))
            assert not source.startswith("data:") or source.startswith(("data:image/png;", "data:image/gif;"))
        assert (
            html.count("<head>")
            == html.count("<body>")
            == html.count('<meta http-equiv="Content-Security-Policy"')
            == 1
        )


def _watched(documents: list[str]) -> str:
    """Return a page that shows each document in a frame and notes in which ones something ran."""
    watch = "<script>alert = () => top.note({0}); eval = () => top.note({0})</script>"
    frames = []
    for number, html in enumerate(documents):
        frames.append(f'<iframe srcdoc="{escape(watch.format(number) + html)}"></iframe>')
    note = (
        "<script>const ran = new Set(); function note(n) { ran.add(n); document.title = 'ran ' + [...ran].join(' ') }"
        "document.title = 'ran '</script>"
    )
    return f"<!doctype html><title>x</title>{note}{''.join(frames)}"


def _ran(documents: list[str], folder: Path) -> set[int]:
    """Return the numbers of the documents in which a real browser ran something."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    page = folder / "page.html"
    page.write_text(_watched(documents), encoding="utf-8")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--timeout=30000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    told = re.search(r"<title>ran ([\d ]*)</title>", done.stdout)
    assert told is not None, done.stderr[-2000:]
    return {int(number) for number in told[1].split()}


RUNS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
)  # fmt: skip
"""Payloads as they are, which run in any browser: they show that the harness sees it."""


def test_in_a_real_browser_nothing_runs_even_without_the_pages_policy(tmp_path: Path) -> None:
    bodies = ["".join(map(article, pages(payload))) for payload in HOSTILE]
    ran = _ran([f"<!doctype html><body>{body}" for body in (*bodies, *RUNS)], tmp_path)
    assert ran == set(range(len(HOSTILE), len(HOSTILE) + len(RUNS)))
