"""Recordings of `afteraction record`: the spool files that the flight recorder keeps, over stdio and over HTTP.

In comes one spool file; out goes one event per `tools/call` with its arguments, result, duration, progress and failure, as
MCP transcripts give them. What the tools are was perhaps told in an earlier file of the same recording, and an answer may
stand in the next one; both are looked for beside the file. A damaged stretch becomes a problem, the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from afteraction.formats.agent_calls import events_of
from afteraction.formats.json_documents import text_of
from afteraction.formats.mcp_pairing import Passed, pair, unanswered
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import Product, product_of
from afteraction.formats.session_clock import fallback_time
from afteraction.formats.spool_messages import server_of, spool_content
from afteraction.model.reading import Context, RawInput, Reading

_NUMBERED = re.compile(r"^(?P<run>.+)\.(?P<number>\d{4})\.spool$")
_KEPT_FILES = 8
"""So many files of one recording exist at a time; see `FILES` of the recorder."""
_SIDES = (b'"tools"', b'"initialize"', b"serverInfo", b"clientInfo")


class McpSpool:
    """Reads the flight recorder's spool."""

    name = "mcp-spool"
    summary = (
        "Recordings of `afteraction record` (spool files): tool calls with arguments, results, failures, durations"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim files that are laid out as the recorder lays them out."""
        return product_of(raw) is Product.MCP_SPOOL

    def read(self, raw: RawInput, context: Context) -> Reading:  # noqa: ARG002  (frames tell their time in UTC)
        """Pair the calls that begin in this file with their answers."""
        problems = ProblemList(raw.name)
        content = spool_content(raw.read(), raw.name, problems)
        later = _later_answers(raw, content.passed)
        paired = pair([*content.passed, *later], tools=_earlier_sides(raw), server=server_of(content.note))
        incident = text_of(content.note, "incident")
        calls = [replace(one.call, incident=incident, unsorted=True) for one in paired]
        events, untimed = events_of(calls, source=self.name, fallback=fallback_time(raw))
        problems.extend(unanswered(paired, "the recording, the client or the server ended before the answer came"))
        problems.extend(untimed)
        return Reading(events=tuple(events), problems=problems.close(), lines=content.frames)


def _neighbours(raw: RawInput, numbers: range, name: str) -> Iterator[bytes]:
    for number in numbers:
        if raw.beside is not None and (data := raw.beside(f"{name}.{number:04d}.spool")) is not None:
            yield data


def _numbered(raw: RawInput) -> tuple[str, int]:
    found = _NUMBERED.match(raw.name.rpartition("/")[2])
    return (found["run"], int(found["number"])) if found else ("", 0)


def _earlier_sides(raw: RawInput) -> list[Passed]:
    """Return the messages of earlier files of the recording that list tools or name client and server."""
    run, number = _numbered(raw)
    found: list[Passed] = []
    for data in _neighbours(raw, range(max(1, number - _KEPT_FILES), number), run):
        if any(word in data for word in _SIDES):
            found += [p for p in spool_content(data, raw.name, ProblemList("")).passed if _tells_sides(p)]
    return found


def _tells_sides(passed: Passed) -> bool:
    params, result = passed.message.get("params"), passed.message.get("result")
    return any(
        isinstance(part, dict) and {"clientInfo", "serverInfo", "tools"} & part.keys() for part in (params, result)
    )


def _later_answers(raw: RawInput, passed: list[Passed]) -> list[Passed]:
    """Return the answers in the next file of the recording, when a call of this one is still without."""
    run, number = _numbered(raw)
    asked = {repr(p.message.get("id")) for p in passed if p.message.get("method") == "tools/call"}
    open_ids = asked - {repr(p.message.get("id")) for p in passed if "method" not in p.message}
    if not open_ids:
        return []
    found: list[Passed] = []
    for data in _neighbours(raw, range(number + 1, number + 2) if run else range(0), run):
        later = spool_content(data, raw.name, ProblemList("")).passed
        found += [p for p in later if "method" not in p.message and repr(p.message.get("id")) in open_ids]
    return [replace(p, origin=replace(p.origin, record=f"{p.origin.record} of the next file")) for p in found]
