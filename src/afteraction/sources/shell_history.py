"""Shell histories: the history files of bash, zsh and fish, and what `history` and `fc -l` list with times.

Every command with a time becomes an event with what it does to the system; a history tells no output, and no person.
Commands without a time have no place in the timeline and are counted in one problem.
"""

from __future__ import annotations

from afteraction.formats.command_events import Typed, command_event, is_silent
from afteraction.formats.histories import HistoryEntry, history_entries, history_form
from afteraction.model.event import Event
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading


class ShellHistory:
    """The source."""

    name = "shell-history"
    summary = "Shell histories of bash, zsh and fish, and what `history` lists with times: commands."

    def claims(self, raw: RawInput) -> bool:
        """Claim what is written as shells write their history, and files called so."""
        return history_form(raw) is not None

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all commands."""
        form = history_form(raw)
        if form is None:
            return Reading()
        data = raw.read()
        entries = list(history_entries(data, form, zone=context.zone))
        timeless = [entry for entry in entries if entry.stamp is None]
        return Reading(
            events=tuple(self._events(entries, raw.name)),
            problems=tuple(_problems(timeless, len(entries), raw.name)),
            lines=data.count(b"\n"),
        )

    def _events(self, entries: list[HistoryEntry], file: str) -> list[Event]:
        return [
            command_event(
                Typed(command=entry.command, seconds=entry.seconds),
                at=entry.stamp.at,
                precision=entry.stamp.precision,
                origin=Origin(file=file, line=entry.line, line_end=entry.line_end),
                source=self.name,
                zone=entry.stamp.zone,
            )
            for entry in entries
            if entry.stamp is not None and not is_silent(entry.command)
        ]


def _problems(timeless: list[HistoryEntry], whole: int, file: str) -> list[Problem]:
    if not timeless:
        return []
    told = f"{len(timeless)} of {whole} commands" if len(timeless) < whole else f"all {whole} commands"
    return [
        Problem(
            origin=Origin(file=file, line=timeless[0].line),
            reason=f"the history tells no time for {told}, so they have no place in the timeline",
            remedy="set HISTTIMEFORMAT (bash) or EXTENDED_HISTORY (zsh) from now on",
        )
    ]
