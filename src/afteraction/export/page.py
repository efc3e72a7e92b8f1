"""A post-mortem as one page of HTML that needs nothing but a browser or a printer: no script, no font, no request.

A post-mortem comes in and a whole page goes out. The document's own Markdown is rendered by markdown-it, so that what
people added shows as they wrote it, and the result is sanitised by nh3: HTML that a post-mortem has no use for shows as
text, so that neither a tag nor a word of a quoted log is lost. Every citation leads to its ledger entry and back.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import replace
from html import escape
from importlib.resources import files

import nh3

from afteraction.export.page_markdown import ALLOWED_TAGS, Rendered, inside, to_body
from afteraction.markdown import render
from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.gaps import gaps

_ATTRIBUTES = {
    "*": {"class", "dir", "id", "title", "role", "aria-label"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "details": {"open"},
}
_OWN_TAGS = {"section", "nav", "header", "footer", "article", "main", "span", "div", "time"}


def to_html(pm: PostMortem) -> str:
    """Return `pm` as a page of its own. The same post-mortem gives the same bytes."""
    body = to_body(render(replace(pm, ledger=())), [entry.id for entry in pm.ledger])
    article = nh3.clean(
        _header(pm, body) + body.html + _ledger(pm.ledger, body.citations),
        tags=set(ALLOWED_TAGS) | _OWN_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    style = files("afteraction.export").joinpath("page.css").read_text(encoding="utf-8")
    return _PAGE.format(
        title=escape(_title(pm)), style=style, article=article, contents=_contents(body, pm), hash=_style_hash(style)
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' data:; style-src '{hash}'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{contents}
<main>
{article}</main>
</body>
</html>
"""


def _kept(_tag: str, name: str, value: str) -> str | None:
    """Drop an address that a picture must not be fetched from and a link must not lead to."""
    if name == "src" and not inside(value):
        return None
    return None if name == "href" and value.lower().lstrip().startswith("data:") else value


def _style_hash(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return "sha256-" + b64encode(digest).decode()


def _title(pm: PostMortem) -> str:
    return pm.summary.title.text if pm.summary.title else pm.heading


def _kind(pm: PostMortem) -> str:
    """Return the document's own heading where it says more than the title below it."""
    title = pm.summary.title
    return pm.heading if title and title.text not in pm.heading else "Post-mortem"


def _header(pm: PostMortem, body: Rendered) -> str:
    """Return the head of the page: what it is about, how bad it was, and how far it is done."""
    summary = pm.summary
    chips = [
        f'<span class="chip {kind}">{escape(value.text)}</span>'
        for kind, value in (("severity", summary.severity), ("status", summary.status))
        if value
    ]
    told = [value.text for value in (summary.incident_id, summary.date, summary.duration) if value]
    open_questions = len(gaps(pm))
    state = "every field is filled" if not open_questions else f"{open_questions} open questions"
    told.append(f"{state}, {sum(body.citations.values())} citations")
    return (
        '<header class="head">'
        f'<p class="kind" dir="auto">{escape(_kind(pm))}</p>'
        f'<h1 dir="auto">{escape(_title(pm))}</h1>'
        f'<p class="chips">{"".join(chips)}</p>'
        f'<p class="told" dir="auto">{" · ".join(escape(text) for text in told)}</p>'
        "</header>\n"
    )


def _contents(body: Rendered, pm: PostMortem) -> str:
    """Return the table of contents."""
    entries = [*body.sections, *([("ledger", "Ledger")] if pm.ledger else [])]
    items = "".join(f'<li><a href="#{escape(anchor)}">{escape(text)}</a></li>' for anchor, text in entries)
    return f'<nav aria-label="Contents"><ol>{items}</ol></nav>'


def _ledger(entries: tuple[LedgerEntry, ...], cited: dict[str, int]) -> str:
    """Return what every citation leads to, each entry with links back to where it is cited."""
    if not entries:
        return ""
    rows = "".join(_entry(entry, cited.get(entry.id, 0)) for entry in entries)
    return (
        '<section class="ledger"><h2 id="ledger">Ledger</h2>'
        "<p>What every citation rests on: when, which source, what it says, where it stands in the material.</p>"
        f'<ol class="entries">{rows}</ol></section>\n'
    )


def _entry(entry: LedgerEntry, times: int) -> str:
    back = "".join(
        f' <a class="back" href="#cite-{entry.id}-{n}" aria-label="Back to citation {n} of {entry.id}">↩{n}</a>'
        for n in range(1, times + 1)
    )
    meta = " · ".join(escape(text) for text in (entry.time, entry.source, entry.where) if text)
    return (
        f'<li id="ledger-{entry.id}"><span class="id">{entry.id}</span>'
        f'<div><p dir="auto">{escape(entry.text)} <span class="basis {entry.basis}">{entry.basis}</span>{back}</p>'
        f'<p class="meta">{meta}</p></div></li>'
    )
