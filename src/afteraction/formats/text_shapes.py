"""Whether a text is a log, judged from its first bytes: one answer, so that sources of other texts can rely on it.

A log is a text whose lines mostly begin with a machine's stamp, a level or a known prefix. Chat, notes, Markdown,
terminal sessions and tables of commands are none: people's stamps stand in bullets and prompts, and have no seconds.
"""

from __future__ import annotations

import re
from functools import lru_cache

from afteraction.formats.exposition import is_exposition
from afteraction.formats.git_dates import is_oneline_log
from afteraction.formats.histories import history_form
from afteraction.formats.kubectl import looks_like_kubectl
from afteraction.formats.products import product_of
from afteraction.formats.release_tables import release_table
from afteraction.formats.sessions import prompt_at
from afteraction.formats.stamps import detect
from afteraction.formats.tables import encoding_of
from afteraction.formats.transcripts import is_transcript
from afteraction.model.log import LogShape
from afteraction.model.origin import Precision
from afteraction.model.reading import RawInput

_LINES = 200
_KLOG = re.compile(r"[IWEF](?:\d{4})?\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w./-]+:\d+\]")
_SYSLOG = re.compile(r"(?:<\d{1,3}>\d? ?)?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d"
                     r"|<\d{1,3}>1 \d{4}-\d\d-\d\dT\S+) \S+ \S+")  # fmt: skip
_SYSLOG_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* [\w.-]+ [\w./()-]+(?:\[\d+\])?: ")
_ACCESS = re.compile(r"\S+ \S+ .{1,80}\[\d\d/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d:\d\d")
_LOGFMT = re.compile(r"(?:[\w.@-]+=(?:\"(?:[^\"\\]|\\.)*+\"|\S*)\s+){2,}|(?:time|ts|t|level|lvl|msg)=\S+ ")
_LEVEL = re.compile(r"^.{0,60}?\b(?:TRACE|DEBUG|TRC|DBG|INF|WRN|FTL|PNC|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|PANIC)\b"
                    r"|^\[?(?:trace|debug|info|notice|warn(?:ing)?|error|fatal|critical)\]?[:\s\]]"
                    r"|\[(?:debug|info|notice|warn(?:ing)?|error|crit|alert|emerg)\]")  # fmt: skip
_OUTCRY = re.compile(
    r"^(?:\s+at [\w.$<>]+\(|Traceback \(most recent|\s+File \".+\", line \d+|panic: |goroutine \d+ \[|Caused by: |"
    r"[\w.]+(?:Exception|Error): |npm ERR!|make(?:\[\d+\])?: \*\*\*|--- FAIL|FAIL\t|ok  \t|##\[|\s*\^+$|error(?:\[\w+\])?: |"
    r"fatal: |FAILED|BUILD FAILED|\+ [a-z./]+ )",
)
_BULLET = re.compile(r"\s{0,8}(?:[-*•+]\s|\d+[.)]\s|\||>|#{1,6}\s|:[a-z_]+:)")
_PREFIXED = re.compile(r"\[(?:pod/)?[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*\] ?\S")
"""What `kubectl logs --prefix` puts before each line."""
_RUNTIME = re.compile(
    r"(?:START|END|REPORT|INIT_START) (?:RequestId: |Runtime )|\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{3,36}\t|(?:trce|dbug|info|warn|fail|crit): [\w.]+\[\d+\]"
)
"""How a runtime of functions frames what a call wrote (AWS Lambda), and how .NET's console logger begins a record."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_UPTIME = re.compile(r"(?:<\d{1,3}>)?\[ *\d{1,8}\.\d{3,9}\](?:\[ *[TC]\d+\])? \S")
"""The kernel's ring buffer: seconds since the machine was started."""
_SPOKEN = re.compile(r"\u200e?(?:\[?[\d:\-T., ]{4,30}Z?(?: ?[AP]M)?\]?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)\s*"
                     r"(?:<[^<>\s]{1,40}>|\* \w|\*{3} |\*\t|-!-|[-–] (?!.{0,60}?\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\b)[^:]{1,40}:)\s?"
                     r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t(?:-->|<--|--| \*|[@+%&~]?[^\s<>=]{1,30})\t"
                     r"|\u200e?\[[\d/.-]{6,10},? \d{1,2}:\d\d(?::\d\d)?(?:[ \u202f]?[APap][Mm])?\] [^:\n]{1,40}: "
                     r"|--- (?:Log|Day) |\*{4} BEGIN LOGGING")  # fmt: skip
"""A stamp and a nick: IRC and the chat exports that copy its form; a level there makes it a log's line."""
_NAMED_LOG = re.compile(r"(?:^|[/._-])(?:logs?|out|err|stdout|stderr|syslog|messages|journal|console|build)(?:[._-]?\d+)?"
                        r"(?:\.(?:txt|log|gz|zst|bz2|xz|\d+))*$", re.IGNORECASE)  # fmt: skip
_FOREIGN = re.compile(r"\.(?:md|markdown|rst|adoc|ya?ml|json|toml|ini|html?|xml|py|go|java|js|ts|rb|c|h|rs|sh|sql|tf|ics|vtt|srt)$",
                      re.IGNORECASE)  # fmt: skip
"""Endings of pages, settings and programs, which may quote a log; only stamps throughout make them one."""


def log_shape(raw: RawInput) -> LogShape | None:
    """Return how a text log is written, or None when `raw` is no text log (JSON lines and CSV are judged elsewhere)."""
    if (
        product_of(raw) is not None
        or release_table(raw.head) is not None
        or is_oneline_log(raw.head)
        or is_exposition(raw.head)
        or is_transcript(raw.head)
        or history_form(raw) is not None
    ):
        return None
    return _log_shape(raw.head, bool(_NAMED_LOG.search(raw.name)), bool(_FOREIGN.search(raw.name)))


@lru_cache(maxsize=4)
def _log_shape(head: bytes, named: bool, foreign: bool) -> LogShape | None:
    encoding = encoding_of(head)
    if not head.strip() or (b"\0" in head[:4096] and encoding != "utf-16"):
        return None
    text = _COLOUR.sub("", head.decode(encoding, "replace"))
    lines = [line for line in text.splitlines()[: 4 * _LINES] if line.strip()][:_LINES]
    if not lines or _is_other(text, lines):
        return None
    if _share(lines, _SPOKEN) > 0.4 and _share(lines, _ACCESS) < 0.5:
        return None
    if shape := _known(lines):
        return shape
    if _share(lines, _BULLET) > 0.5:
        return LogShape.PLAIN if _is_finely_stamped(lines) else None
    if _is_stamped(lines) and (not foreign or _is_finely_stamped(lines)):
        return LogShape.PLAIN
    if foreign:
        return None
    spoken = sum(bool(_LEVEL.search(line) or _OUTCRY.search(line)) for line in lines)
    if spoken >= (2 if named else 3) and spoken >= (0.05 if named else 0.3) * len(lines):
        return LogShape.PLAIN
    return LogShape.PLAIN if named and len(lines) > 3 and not _is_prose(lines) else None


def _is_other(text: str, lines: list[str]) -> bool:
    """Whether the text is output of kubectl, a terminal session, a page, JSON or a program."""
    first = lines[0]
    if first.lstrip()[:1] == "{" or first.startswith(("Script started", "#!", "<?xml", "<!", "<html", "---", "%PDF")):
        return True
    if sum(line.startswith("{") for line in lines) >= 0.6 * len(lines):
        return True
    if re.match(r"\[\s*[\[{\"]|\[\s*$", first) or re.match(r"commit [0-9a-f]{7,64}\b", first):
        return True
    return prompt_at(first) is not None or looks_like_kubectl(text)


def _share(lines: list[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.match(line)) for line in lines) / len(lines)


def _known(lines: list[str]) -> LogShape | None:
    """Recognise the forms whose prefix is fixed; continuation lines may stand between."""
    if _share(lines, _KLOG) >= 0.3:
        return LogShape.KLOG
    if _share(lines, _SYSLOG) >= 0.5 or _share(lines, _SYSLOG_ISO) >= 0.6:
        return LogShape.SYSLOG
    if any(_share(lines, known) >= 0.5 for known in (_ACCESS, _LOGFMT, _PREFIXED, _UPTIME, _RUNTIME)):
        return LogShape.PLAIN
    return None


def _is_stamped(lines: list[str]) -> bool:
    layout = detect(lines, year_hint=2000)
    if layout is None and re.match(r"\D{0,20}\d\d:\d\d:\d\d", lines[0]):
        clock = sum(bool(re.match(r"\W{0,3}\d\d:\d\d:\d\d[.,\s\]|]", line)) for line in lines)
        return clock >= 0.4 * len(lines)
    if layout is None or layout.columns[0] > 60:
        return False
    near = sum(bool((found := layout.find(line)) and found.start() <= 60) for line in lines)
    seconds = layout.precision.seconds <= Precision.SECOND.seconds
    leveled = sum(bool(_LEVEL.search(line)) for line in lines)
    return near >= 0.3 * len(lines) and (seconds or leveled >= 0.3 * len(lines))


def _is_finely_stamped(lines: list[str]) -> bool:
    """Whether nearly every line carries a time finer than people write: fractions, epoch numbers, date with seconds."""
    layout = detect(lines, year_hint=2000)
    if layout is None or layout.precision.seconds > Precision.SECOND.seconds or layout.form == "time":
        return False
    return sum(bool(layout.find(line)) for line in lines) >= 0.9 * len(lines)


def _is_prose(lines: list[str]) -> bool:
    """Whether most lines are sentences of running text or headings of a page."""
    ends = sum(line.rstrip().endswith((".", "!", "?", ":", ",")) for line in lines)
    return ends > 0.5 * len(lines) or any(line.startswith(("# ", "## ", "==", "--")) for line in lines[:10])
