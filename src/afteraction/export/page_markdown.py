"""The Markdown of a post-mortem as HTML: what the document's own marks mean is shown, not spelt out.

Markdown comes in; HTML, its sections and how often each ledger entry is cited go out. Placeholders become gaps, basis
marks become badges, citations become links, checkboxes become boxes, fenced prose becomes prose. HTML in the source is
kept when its tags are harmless and shown as text otherwise; the result still has to be sanitised.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from afteraction.model.origin import Basis
from afteraction.model.postmortem.chronicle import TimelineRow
from afteraction.model.postmortem.value import specs

ALLOWED_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s "
        "samp section small span strong sub summary sup table tbody td th thead tr u ul var",
    )
)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)[^>]*>")
_OWN_ID = re.compile(r"[\s/\"']id\s*=", re.IGNORECASE)
"""An id in people's HTML could take the place of one of the page's own, which its links lead to."""
_INSIDE = re.compile(r"data:image/(?:gif|jpeg|png|webp);|[\w.%~-][^:?#\\]*(?:[?#]|\Z)", re.IGNORECASE)
"""Where a picture comes from that needs no request to elsewhere: the page itself, or a file that lies near it."""
_PICTURE = re.compile(r"<img\b", re.IGNORECASE)
_SOURCE = re.compile(r"\ssrc\s*=\s*[\"']?([^\"'\s>]*)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_CITATION = re.compile(r"\[\^([a-z]+\d+)\]")
_MARKS = re.compile(r"(?:\*\([a-z]+\)\*)?(?:\[\^[a-z]+\d+\])*")
_PLACEHOLDER = re.compile(r"\[[^\[\]]+\](?: - .*)?|INCIDENT-YYYY-MM-DD-HHMM", re.DOTALL)
_TIMELINE = tuple(spec.label for _, spec in specs(TimelineRow))
_ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}
"""Said in words, since a phone shows the rows of a timeline as blocks, of which a reader would not know the table."""
_SHORTEST, _WIDTH = 72, 100
"""Widths of lines that an editor, or this program, breaks."""
_NOTHING = "—"
_BASES = {f"({basis})": str(basis) for basis in Basis}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """HTML, the anchors and texts of its sections, and how often each ledger entry is cited."""

    html: str
    sections: tuple[tuple[str, str], ...]
    citations: dict[str, int]


def to_body(source: str, ledger: Sequence[str]) -> Rendered:
    """Render a document whose ledger has entries of these ids; the ledger itself is not part of `source`."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False)
    parser.inline.ruler.before("footnote_ref", "citation", _citation)
    parser.core.ruler.push("document", _document)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    env: dict[str, object] = {"ledger": frozenset(ledger), "cited": {}, "sections": []}
    html = parser.render(source, env)
    sections, cited = env["sections"], env["cited"]
    assert isinstance(sections, list)
    assert isinstance(cited, dict)
    return Rendered(html=html, sections=tuple(sections), citations=cited)


def _citation(state: StateInline, silent: bool) -> bool:
    """Read a citation of the ledger; a footnote of a person's own is left to the footnote plugin."""
    found = _CITATION.match(state.src, state.pos, state.posMax)
    if found is None or found[1] not in state.env["ledger"]:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        cited = state.env["cited"]
        cited[found[1]] = cited.get(found[1], 0) + 1
        token.meta = {"id": found[1], "n": cited[found[1]]}
    state.pos = found.end()
    return True


def _document(state: StateCore) -> None:
    """Give sections their anchors, lines of fields their line ends, and list items their boxes."""
    for index, token in enumerate(state.tokens):
        if token.type == "table_open":
            _timeline(state.tokens, index)
        if token.type in {"paragraph_open", "heading_open", "td_open", "th_open"}:
            token.attrSet("dir", "auto")
        if token.type != "inline":
            continue
        before = state.tokens[index - 1]
        children = token.children or []
        if before.type == "heading_open":
            _anchor(state, before, token)
        if before.type == "paragraph_open" and _MARKS.fullmatch(token.content):
            before.attrSet("class", "marks")
        _badges(children)
        _unlinked(children)
        _break_fields(children)
        if index >= 2 and state.tokens[index - 2].type == "list_item_open":
            _box(children, state.tokens[index - 2])


def _timeline(tokens: list[Token], start: int) -> None:
    """Mark a table of the incident's timeline, and the cells in which nothing was done."""
    table = tokens[start : next(i for i in range(start, len(tokens)) if tokens[i].type == "table_close")]
    texts = [token.content for token in table if token.type == "inline"]
    if tuple(texts[: len(_TIMELINE)]) != _TIMELINE or sum(token.type == "th_open" for token in table) != len(_TIMELINE):
        return
    table[0].attrSet("class", "timeline")
    for token, following in zip(table, [*table[1:], table[-1]], strict=True):
        if token.nesting == 1:
            token.attrSet("role", _ROLES[token.tag])
        if token.type == "td_open" and following.content == _NOTHING:
            token.attrSet("class", "nothing")


def _anchor(state: StateCore, heading: Token, inline: Token) -> None:
    text = re.sub(r"^[^\w\[(]+", "", "".join(c.content for c in inline.children or [])).strip()
    if heading.tag == "h1" and not state.env["sections"]:
        heading.attrSet("class", "printed-above")
        return
    if heading.tag != "h2":
        return
    sections = state.env["sections"]
    anchor = f"section-{len(sections) + 1}"
    heading.attrSet("id", anchor)
    sections.append((anchor, text))


def _badges(children: list[Token]) -> None:
    """Turn the basis marks into badges."""
    for index in range(1, len(children) - 1):
        basis = _BASES.get(children[index].content)
        around = (children[index - 1], children[index + 1])
        if basis and around[0].type == "em_open" and around[1].type == "em_close":
            for token in around:
                token.tag = "span"
            around[0].attrSet("class", f"basis {basis}")
            children[index].content = basis


def _unlinked(children: list[Token]) -> None:
    """Show a link that leads nowhere yet, as the template's links to documents do, as a gap."""
    closing = False
    for child in children:
        if child.type == "link_open" and child.attrGet("href") == "#":
            child.tag, child.attrs, closing = "span", {"class": "gap"}, True
        elif child.type == "link_close" and closing:
            child.tag, closing = "span", False


def _break_fields(children: list[Token]) -> None:
    """Break the line before a label: the template writes fields on lines of their own, without hard breaks."""
    filled = [child for child in children if child.type != "text" or child.content]
    for child, following in pairwise(filled):
        if child.type == "softbreak" and following.type in {"strong_open", "em_open"}:
            child.type = "hardbreak"


def _box(children: list[Token], item: Token) -> None:
    first = children[0] if children else None
    if first is None or first.type != "text" or not re.match(r"\[[ xX]\] ", first.content + " "):
        return
    token = Token("box", "", 0)
    token.meta = {"done": first.content[1] != " "}
    first.content = first.content[3:].lstrip()
    children.insert(0, token)
    item.attrJoin("class", "task")


def _show_citation(_r: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType) -> str:
    name, n = tokens[index].meta["id"], tokens[index].meta["n"]
    return f'<sup class="cite"><a id="cite-{name}-{n}" href="#ledger-{name}">{name}</a></sup>'


def _show_box(_r: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType) -> str:
    done = tokens[index].meta["done"]
    said, sign = ("done", "☑") if done else ("open", "☐")
    return f'<span class="box {said}" role="img" aria-label="{said}">{sign}</span> '


def _show_code(_r: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType) -> str:
    text = tokens[index].content
    if _PLACEHOLDER.fullmatch(text):
        return f'<span class="gap">{escape(text.removeprefix("[").removesuffix("]"))}</span>'
    return f"<code>{escape(text)}</code>"


def _show_fence(_r: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType) -> str:
    token = tokens[index]
    text = token.content.strip("\n")
    if _PLACEHOLDER.fullmatch(text):
        return f'<p class="prose"><span class="gap">{escape(text[1:-1])}</span></p>\n'
    if not token.info.strip():
        return f'<p class="prose" dir="auto">{escape(_unwrapped(text))}</p>\n'
    return f"<pre><code>{escape(text)}</code></pre>\n"


def _unwrapped(text: str) -> str:
    """Join lines that were broken at the width of an editor: inside a sentence such a break is ragged on a phone."""
    out: list[str] = []
    before = ""
    for line in text.split("\n"):
        first = line.split(" ", 1)[0]
        broken = len(before) >= _SHORTEST and not before.endswith((".", "!", "?", ":", ";"))
        if out and first and broken and (first[0].islower() or len(before) + 1 + len(first) > _WIDTH):
            out[-1] += f" {line}"
        else:
            out.append(line)
        before = line
    return "\n".join(out)


def _show_html(_r: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType) -> str:
    text = tokens[index].content
    shown = _COMMENT.sub("", text)
    if not shown.strip():
        return ""
    tags = [name.lower() for name in _TAG.findall(shown)]
    harmless = tags and ALLOWED_TAGS.issuperset(tags) and "<" not in _TAG.sub("", shown) and not _OWN_ID.search(shown)
    if harmless and not (_PICTURE.search(shown) and not all(inside(found) for found in _SOURCE.findall(shown))):
        return shown
    return f'<p dir="auto">{escape(shown)}</p>' if tokens[index].type == "html_block" else escape(shown)


def inside(source: str) -> bool:
    """Say whether a picture is part of the page or a file near it, so that showing it asks nobody else for anything."""
    return _INSIDE.match(source) is not None


def _show_image(r: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """Show a picture that is here; one that lies elsewhere becomes a link, so that reading the page tells nobody."""
    token = tokens[index]
    source, text = str(token.attrGet("src") or ""), r.renderInlineAsText(token.children or [], options, env)
    if inside(source):
        return f'<img src="{escape(source)}" alt="{escape(text)}">'
    return f'<a href="{escape(source)}">🖼 {escape(text or source)}</a>'


def _open_table(r: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType) -> str:
    return f'<div class="table"><table{r.renderAttrs(tokens[index])}>\n'


def _close_table(_r: RendererHTML, _t: Sequence[Token], _i: int, _o: OptionsDict, _e: EnvType) -> str:
    return "</table></div>\n"


_RULES = {
    "citation": _show_citation,
    "box": _show_box,
    "code_inline": _show_code,
    "fence": _show_fence,
    "image": _show_image,
    "html_block": _show_html,
    "html_inline": _show_html,
    "table_open": _open_table,
    "table_close": _close_table,
}
