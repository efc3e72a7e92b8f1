"""What people wrote down: post-mortems and notes in Markdown or plain text, with a timeline or stamped bullets.

Every row of a timeline becomes an event with its UTC time; what a row leaves out (date, year, zone) is completed from the
page. Labels, sections and rows become statements. A row whose date is nowhere given becomes a problem; placeholders of
a template are no values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from afteraction.formats.actions import actions_in, heads_actions
from afteraction.formats.html_text import HtmlText, html_to_markdown, looks_like_html
from afteraction.formats.json_documents import decode_text
from afteraction.formats.markdown_lines import Line, lines_of, plain
from afteraction.formats.page_dates import whole_date
from afteraction.formats.page_prose import author_of, stated_in_prose
from afteraction.formats.page_sections import actions_tabled, sections_told
from afteraction.formats.phrases import Phrase, is_cause, phrases_in
from afteraction.formats.prose_kinds import ProseKind, prose_kind
from afteraction.formats.prose_times import dates_in
from afteraction.formats.stated_durations import stated_durations
from afteraction.formats.statements import statements_in
from afteraction.formats.timelines import Timeline, TimelineRow, read_timeline
from afteraction.model.event import Actor, ActorKind, Event, EventKind
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Context, Problem, RawInput, Reading, Statement

T = TypeVar("T", Event, Statement, Problem)

_ACTOR = re.compile(r"^(?:\W*)@(?P<name>[\w][\w.-]*\w)\b|^(?P<label>[A-Z][\w.-]+(?: [A-Z][\w.-]+)?):\s")
_PLACEHOLDER = re.compile(r"^\W*(?:\[[^\]]*\]|<[^>]*>|\{\{.*\}\}|todo|tbd|n/a|none|\.\.\.|…)?\W*$", re.IGNORECASE)
_SECTIONS: tuple[tuple[str, str], ...] = (
    (
        r"^(?:executive |issue |incident |quick )?summary$|^tl;?dr$|^overview$|^what happened\??$",
        "executive_summary.what_happened",
    ),
    (r"^(?:primary |the )?root causes?(?: analysis)?$|^primary cause$|^cause$", "root_cause.primary"),
    (r"^trigger$", "root_cause.trigger"),
    (r"^resolution(?: and recovery)?$|^mitigation$|^fix$", "executive_summary.resolution"),
    (r"^(?:where we )?got lucky$|^where we (?:got|were) lucky$|^luck$", "lessons.lucky"),
)
_SECTION_FORMS = tuple((re.compile(form, re.IGNORECASE), name) for form, name in _SECTIONS)
_ACTIONS = re.compile(
    r"^(?:.*\b)?(?:action items?|follow[- ]?ups?|actions|next steps|remediation items?|to[- ]?dos?)\b", re.IGNORECASE
)
_HORIZONS = (
    (r"immediate|24 hours|today", "immediate"),
    (r"short[- ]term|this week|next week", "short_term"),
    (r"medium[- ]term|month", "medium_term"),
    (r"long[- ]term|quarter", "long_term"),
)
_LASTED = re.compile(
    r"\b(?:lasting|lasted|went down for|was down for|unavailable for|unusable for|outage of|for a total of|down for|(?:without|missing|failing|failed|unavailable|unreachable|broken|affected|degraded|slow|offline|inaccessible|down)(?: [\w-]+){0,6} for)\s+(?:about |around |approximately |roughly |~ ?|nearly |almost )?"
    r"(?P<value>\d+(?:\.\d+)?\s?(?:h|hrs?|hours?|m|mins?|minutes?|days?)\b(?:(?:,? and |,? |)\d+\s?(?:m|mins?|minutes?|h|hours?)\b)?)",
    re.IGNORECASE,
)


_ANNOUNCES = re.compile(r"(?:[:,]|for example|e\.g\.|such as)\s*$", re.IGNORECASE)


class Notes:
    """Reads people's notes and post-mortems."""

    name = "notes"
    summary = "Notes and post-mortems in Markdown, text or HTML: timeline rows as events, and what the page states"

    def claims(self, raw: RawInput) -> bool:
        """Claim pages with a timeline or a post-mortem's headings; HTML is judged by the text that it shows."""
        if looks_like_html(raw.head):
            raw = replace(raw, head=html_to_markdown(decode_text(raw.head)).text.encode())
        return prose_kind(raw) is ProseKind.NOTES

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read rows into events, and labels and sections into statements."""
        text = decode_text(raw.read())
        if looks_like_html(raw.head):
            page = html_to_markdown(text)
            return replace(_on_lines(self._page(page.text, raw, context), page), lines=text.count("\n"))
        return self._page(text, raw, context)

    def _page(self, text: str, raw: RawInput, context: Context) -> Reading:
        timeline = read_timeline(text, raw.name, zone=context.zone, day=context.day)
        speak = _speak(timeline.rows)
        lines = lines_of(text)
        author = author_of(lines)
        events = tuple(_event(row, raw.name, self.name, speak=speak, author=author) for row in timeline.rows)
        statements = [*_page(lines, raw.name, self.name, timeline), *_durations(lines, raw.name, self.name, timeline)]
        for event in events:
            statements += statements_in(
                event.text, origin=event.origin, source=self.name, at=event.at if event.precision is not Precision.DAY else None,
                actor=event.actor.name if event.actor else "", zone=event.zone,
            )  # fmt: skip
        return Reading(
            events=events,
            statements=tuple(dict.fromkeys(statements)),
            problems=tuple(_problems(timeline, raw.name)),
            lines=text.count("\n"),
            undated=timeline.clocks,
        )


def _on_lines(reading: Reading, page: HtmlText) -> Reading:
    """Return a reading of a page's text with the lines of the page itself."""

    def moved(found: T) -> T:
        origin = found.origin
        end = page.line_of(origin.line_end) if origin.line_end else None
        line = page.line_of(origin.line) if origin.line else None
        changed: T = replace(found, origin=replace(origin, line=line, line_end=max(line or 0, end) if end else None))
        return changed

    return replace(
        reading,
        events=tuple(map(moved, reading.events)),
        statements=tuple(map(moved, reading.statements)),
        problems=tuple(map(moved, reading.problems)),
    )


def _speak(rows: tuple[TimelineRow, ...]) -> bool:
    """Whether the rows are what people said (`Anke: looking`): most begin with a name, and names come again."""
    labels = [found["label"] for row in rows if (found := _ACTOR.match(row.text)) and found["label"]]
    return len(labels) >= 3 and len(labels) >= 0.6 * len(rows) and len(set(labels)) <= 0.67 * len(labels)


_OWN = re.compile(r"\bI(?:'m|'ve)?\s[a-z]")


def _event(row: TimelineRow, file: str, source: str, *, speak: bool, author: str) -> Event:
    actor = _ACTOR.match(row.text)
    name = row.who or ((actor["name"] or "") if actor else "") or (author if _OWN.search(row.text) else "")
    if speak and actor and actor["label"] and not row.who:
        name, row = actor["label"], replace(row, text=row.text[actor.end() :])
    return Event(
        at=row.at,
        precision=row.precision,
        kind=EventKind.NOTE,
        text=row.text,
        source=source,
        origin=Origin(file=file, line=row.line, line_end=row.line_end),
        basis=Basis.REPORTED,
        actor=Actor(name=name.lstrip("@"), kind=ActorKind.PERSON) if name else None,
        zone=row.zone,
    )


def _problems(timeline: Timeline, file: str) -> Iterator[Problem]:
    for line in timeline.undated:
        reason = "this row has a time, and the page gives no date for it"
        yield Problem(
            origin=Origin(file=file, line=line), reason=reason, remedy="put the date into the title or the file's name"
        )
    if timeline.unanchored:
        reason = f"{len(timeline.unanchored)} rows count from a moment T, and the page does not say when that was"
        remedy = "add a line such as `T = 2026-03-04 10:00 UTC`"
        yield Problem(origin=Origin(file=file, line=timeline.unanchored[0]), reason=reason, remedy=remedy)
    timed = [row for row in timeline.rows if row.precision is not Precision.DAY]
    if timed and not timeline.zone_stated and any(row.zone == timeline.zone for row in timed):
        reason = f"the page names no time zone; its {len(timed)} times were read as {timeline.zone}"
        yield Problem(
            origin=Origin(file=file, line=timed[0].line), reason=reason, remedy="add a line such as `All times in UTC`"
        )


# --- what the page states -----------------------------------------------------------------------------------------


def _page(lines: list[Line], file: str, source: str, timeline: Timeline) -> Iterator[Statement]:
    """Yield the title, labelled values, sections of one meaning, stated durations and action items."""
    at = timeline.rows[-1].at if timeline.rows else None

    def state(field: str, value: str, line: Line, last: Line | None = None) -> Statement:
        end = last.number if last else line.number
        return Statement(
            field=field, value=value, origin=Origin(file=file, line=line.number, line_end=end), source=source, at=at
        )

    prose = [line for line in lines if not line.code and not line.quote]
    if title := _title(prose):
        yield state("summary.title", title[1], title[0])
    section = ""
    for index, line in enumerate(prose):
        if line.heading:
            section = plain(line.body).strip(" :*#")
            section = re.sub(r"^[^\w]+", "", section)
            field = next((name for form, name in _SECTION_FORMS if form.match(section)), "")
            if (
                field
                and (found := _paragraph(prose, index + 1))
                and (field != "root_cause.primary" or is_cause(found[0]))
            ):
                yield state(field, found[0], found[1], found[2])
            continue
        if line.timeline or line.front or not line.body.strip():
            continue
        text = plain(line.body)
        if not line.bullet and heads_actions(text):
            section = text
            continue
        if (
            _ACTIONS.match(section)
            and line.bullet
            and line.indent < 2
            and not _PLACEHOLDER.match(text)
            and len(text) > 8
        ):
            whole = " ".join([text, *_continued(prose[index + 1 :], line)])
            yield from (state(field, value, line) for field, value in _noted(whole, section, at))
            continue
        yield from (state(field, value, line) for field, value in _of_line(text))
    yield from (state(told.field, told.value, told.line, told.last) for told in sections_told(prose))
    rows = frozenset(n for row in timeline.rows for n in range(row.line, row.line_end + 1))
    yield from (state(name, value, line, last) for name, value, line, last in stated_in_prose(prose, rows))
    for row, line in actions_tabled(prose):
        yield state("actions.short_term", row, line)


def _durations(lines: list[Line], file: str, source: str, timeline: Timeline) -> Iterator[Statement]:
    """Yield how long things took and the day of the title, as the page says; the timeline holds them against the rows."""
    told = {row.line for row in timeline.rows}
    for stated in stated_durations(lines):
        if stated.line.number not in told:
            place = Origin(file=file, line=stated.line.number, line_end=stated.line.number)
            yield Statement(field=f"duration.{stated.kind.value}", value=stated.text, origin=place, source=source)
    for line in lines:
        if line.heading == 1 and not line.code and line.number not in told:
            days = [
                day for written in dates_in(plain(line.body)) if written.year and (day := whole_date(written, None))
            ]
            if len(days) == 1:
                place = Origin(file=file, line=line.number, line_end=line.number)
                yield Statement(field="date.title", value=days[0].isoformat(), origin=place, source=source)
            return


def _continued(following: list[Line], bullet: Line) -> Iterator[str]:
    """Yield the lines that go on with a bullet's sentence."""
    for line in following:
        if not line.body.strip() or line.bullet or line.heading or line.indent <= bullet.indent:
            return
        yield plain(line.body)


def _title(lines: list[Line]) -> tuple[Line, str] | None:
    """Return the page's title without its date; a template's own title is none."""
    for line in lines:
        front = re.match(r"^title:\s*[\"']?(?P<title>.+?)[\"']?\s*$", line.text) if line.front else None
        if not front and line.heading != 1:
            continue
        title = plain(front["title"] if front else line.body)
        title = re.sub(
            r"^(?:incident date:\s*)?(?:\d{4}-\d\d-\d\d|[A-Z][a-z]+ \d{1,2}(?:st|nd|rd|th)?,? \d{4})(?:\s\d{1,2}:\d\d(?:[AP]M)?(?:\s[A-Z]{2,4})?)?[\s,:–-]*",
            "",
            title,
        )
        title = re.sub(r"[\s,:–-]+(?:on )?(?:\d{4}-\d\d-\d\d|[A-Z][a-z]+ \d{1,2}(?:st|nd|rd|th)?,? \d{4})$", "", title)
        generic = re.match(
            r"^(?:(?:(?:my|our|scratch|rough|raw|quick|personal|working|meeting|incident|on-?call|shift|debug\w*) )*"
            r"(?:notes?|scratch-?pad|log|time-?line|to-?dos?|diary|minutes)|post-?mortem(?: template)?|issue (?:name|summary)|incident(?: report)?(?: on [\d-]+)?|template.*|summary"
            r"|(?:pasted|copied|exported?|transcript|conversation|chat|messages|excerpt|scrollback)\b.*)$",
            title,
            re.IGNORECASE,
        )
        if title and not generic and not _PLACEHOLDER.match(title):
            return line, title
    return None


def _paragraph(lines: list[Line], start: int) -> tuple[str, Line, Line] | None:
    """Return the first paragraph or list below a heading, with its first and last line."""
    chosen: list[Line] = []
    for line in lines[start : start + 60]:
        if line.heading or line.text.lstrip().startswith("|"):
            break
        if not line.body.strip():
            if chosen:
                break
            continue
        chosen.append(line)
    text = " ".join(plain(line.body) for line in chosen)
    if not chosen or _PLACEHOLDER.match(text) or len(text) < 12:
        return None
    if _ANNOUNCES.search(text):
        # `These are ... For example,` announces the list below it
        later = start + (chosen[-1].number - lines[start].number) + 1
        return _paragraph(lines, later) if chosen[-1] is not lines[-1] and later < len(lines) else None
    return text, chosen[0], chosen[-1]


def _labels(text: str) -> Iterator[Phrase]:
    """Yield only what is labelled: running prose of a page is about many moments."""
    if re.match(r"^[\w /()-]{3,40}\s*(?::|=)", text) or re.match(r"^[\w ]{3,30}:\*\*", text):
        for phrase in phrases_in(text):
            if not phrase.field.startswith(("milestone.", "actions.")):
                yield phrase


def _of_line(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a line labels, and how long it says that something lasted."""
    yield from ((phrase.field, phrase.value) for phrase in _labels(text))
    if found := _LASTED.search(text):
        yield "summary.duration", found["value"]
        yield "executive_summary.impact.lasted", found["value"]


def _noted(whole: str, section: str, at: datetime | None) -> Iterator[tuple[str, str]]:
    """Yield an action below a heading: with its owner and date where the words give them, else as it stands."""
    horizon = next((name for form, name in _HORIZONS if re.search(form, section, re.IGNORECASE)), "")
    noted = list(actions_in(whole, said_on=at.date() if at else None, listed="all"))
    if len(noted) != 1 or not re.search(r" - (?:Owner|Due): ", noted[0].value) or " - Owner: " in whole:
        yield f"actions.{horizon or 'short_term'}", whole
        return
    yield f"actions.{horizon}" if horizon else noted[0].field, noted[0].value
