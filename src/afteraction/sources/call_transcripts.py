"""Transcripts of calls (WebVTT, SRT) as Zoom, Teams and Meet write them: what people said, and what they state in it.

Offsets count from the beginning of the recording: from a note or header of the file, or the time in its name. Where only
the day is known, or nothing, the offset is kept in the text, the time is as imprecise as that, and a problem says so.
"""

from __future__ import annotations

from datetime import timedelta

from afteraction.formats.json_documents import decode_text
from afteraction.formats.session_clock import fallback_time, time_in_name
from afteraction.formats.stamps import Stamp
from afteraction.formats.statements import statements_in
from afteraction.formats.transcripts import Utterance, begun_at, is_transcript, offset_shown, utterances_in
from afteraction.model.event import Actor, ActorKind, Event, EventKind, Message
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Context, Problem, RawInput, Reading, Statement


class CallTranscripts:
    """The source."""

    name = "call-transcript"
    summary = "Transcripts of calls (WebVTT, SRT) with speakers: what was said, and what people state in it"

    def claims(self, raw: RawInput) -> bool:
        """Claim files that begin as WebVTT or SubRip does."""
        return is_transcript(raw.head)

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all utterances."""
        text = decode_text(raw.read())
        said = utterances_in(text)
        begun = begun_at(text, context.zone) or time_in_name(raw.name, context.zone)
        known = begun or fallback_time(raw)
        problems: list[Problem] = []
        origin = Origin(file=raw.name, line=said[0].line if said else 1)
        if not said:
            remedy = "export the transcript again"
            problems.append(
                Problem(origin=origin, reason="the transcript holds no cue that could be read", remedy=remedy)
            )
        elif begun is None:
            reason = f"nothing says when the recording began; {len(said)} utterances are kept with their offset only"
            remedy = "put the time into the file's name, for instance call-2026-03-04T10-42Z.vtt"
            problems.append(Problem(origin=origin, reason=reason, remedy=remedy))
        events = [_event(one, known, raw.name, exact=begun is not None) for one in said if known is not None]
        statements: list[Statement] = []
        for event in events:
            statements += statements_in(
                event.text.split("] ", 1)[-1] if begun is None else event.text, origin=event.origin, source=self.name,
                at=event.at if begun else None, actor=event.actor.name if event.actor else "", zone=context.zone,
            )  # fmt: skip
        return Reading(
            events=tuple(events), statements=tuple(statements), problems=tuple(problems), lines=text.count("\n") + 1
        )


def _event(said: Utterance, begun: Stamp, file: str, *, exact: bool) -> Event:
    """Make the event of an utterance; without an exact beginning all stand at what is known, with their offset."""
    precision = begun.precision
    if exact and precision.seconds < Precision.SECOND.seconds:
        precision = Precision.SECOND
    return Event(
        at=begun.at + timedelta(seconds=min(said.start, 1e7)) if exact else begun.at,
        precision=precision,
        kind=EventKind.MESSAGE,
        text=said.text if exact else f"[{offset_shown(said.start)}] {said.text}",
        source=CallTranscripts.name,
        origin=Origin(file=file, line=said.line, line_end=said.line_end),
        basis=Basis.REPORTED,
        actor=Actor(name=said.speaker, kind=ActorKind.PERSON) if said.speaker else None,
        zone=begun.zone,
        detail=Message(channel=file.rpartition("/")[2].partition(".")[0]),
    )
