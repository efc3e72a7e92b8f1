"""What a table is about, judged from its header and first rows: one answer for all sources, so that two never claim one.

In comes the head of a table, out goes its shape with the columns that matter. Names are compared folded (no case, no
punctuation); where names do not tell, the cells do. A table that fits nothing gets no shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from afteraction.formats.columns import TIME_NAMES, is_gap, is_measure, is_number, looks_like_times
from afteraction.formats.event_records import TEXT as EVENT_TEXT
from afteraction.formats.event_records import looks_like_happenings
from afteraction.formats.release_tables import release_table
from afteraction.formats.tables import TableHead, find_column, folded, peek_table
from afteraction.model.reading import RawInput


class TableShape(StrEnum):
    """The kinds of table that incidents leave behind."""

    SPANS = "spans"
    LOG = "log"
    CHANGES = "changes"
    LONG = "long"
    """Metrics, one sample a row: time, name of the metric, value."""
    WIDE = "wide"
    """Metrics, one column each beside one or more columns of time."""
    STACKED = "stacked"
    """Metrics, one column each under several rows of header (service, metric, statistic)."""
    ALERTS = "alerts"
    """Alerts, one a row: when it began, when it was over, what it is called."""
    EVENTS = "events"
    """What happened, one happening a row: time, text, perhaps who and what kind."""
    EDGES = "edges"
    MATRIX = "matrix"


TRACE_ID = ("traceid", "trace")
SPAN_ID = ("spanid", "span", "id")
PARENT_ID = ("parentid", "parentspanid", "parentspan", "parent", "parentspanidhex")
DURATION = ("duration", "durationms", "durationus", "durationns", "durations", "durationseconds", "durationnano",
            "durationmillis", "durationmicros", "durationnanos",
            "elapsed", "elapsedms", "elapsedtime", "latency", "latencyms", "took", "responsetime")  # fmt: skip
END = ("endtime", "end", "endtimeunixnano", "finishtime", "endat", "endtimestamp", "endedat", "stoptime")
START = ("starttime", "start", "starttimeunixnano", "starttimestamp", "startedat", "timestamp", "starttimems",
         "starttimeus", "starttimemillis", "starttimemicros", "starttimenanos", "startmillis", "startmicros", "startms", "startus",
         "startns", "time")  # fmt: skip
OPERATION = ("operationname", "operation", "spanname", "name", "resource", "resourcename", "method", "endpoint", "url")
SERVICE = ("service", "servicename", "servicenamelabel", "serviceid", "microservice", "app", "application",
           "processservicename", "localendpointservicename", "component", "job", "workload", "deployment")  # fmt: skip
INSTANCE = ("podname", "pod", "kubernetespodname", "instance", "instanceid", "cmdbid", "host", "hostname", "node",
            "nodename", "container", "containername", "server", "task")  # fmt: skip
METRIC = (
    "metric",
    "metricname",
    "measurename",
    "name",
    "measurement",
    "kpi",
    "kpiname",
    "indicator",
    "itemname",
    "counter",
    "series",
    "field",
    "signal",
    "measure",
)
VALUE = ("value", "val", "metricvalue", "kpivalue", "reading", "measure", "average", "avg", "mean", "v")
STATISTIC = ("statistic", "stat", "aggregation", "aggregate", "quantile", "percentile")
TEXT = (
    "message",
    "msg",
    "jsonpayloadmessage",
    "textpayload",
    "log",
    "logmessage",
    "logline",
    "body",
    "content",
    "line",
    "raw",
    "text",
)
AUTHOR = ("author", "authorname", "user", "username", "who", "actor", "channel", "deployedby", "committer", "by",
          "changedby", "deployer", "triggeredby", "updatedby", "requestedby", "implementer")  # fmt: skip
COMMIT = ("sha", "commit", "commitsha", "commitid", "commithash", "gitsha", "gitcommit", "hash", "revision")
FLAG = ("flag", "flagkey", "flagname", "featureflag", "feature", "toggle")
VERSION = ("version", "release", "tag", "releasename", "image", "build", "deployment", "deployid", "toversion", "imagetag",
           "appversion", "releaseversion", "newversion")  # fmt: skip
CHANGED = ("change", "changedescription", "changesummary", "changemade", "whatchanged", "changed")
LEVEL = ("level", "severity", "severitytext", "loglevel", "lvl", "priority", "stream", "logger", "thread", "pid")
CALLER = ("source", "caller", "from", "parent", "client", "src", "upstream", "sourceservice", "callerservice")
CALLEE = ("target", "callee", "to", "child", "server", "dst", "destination", "downstream", "dependency", "dest",
          "destinationservice", "targetservice", "calleeservice")  # fmt: skip

_ALERT_COLUMNS = {
    "fired_at": ("firedat", "triggeredat", "createdon", "createdat", "created", "startedat", "starttime", "start", "openedat", "opened",
                 "alerttime", "time", "timestamp", "date", "datetime"),
    "resolved_at": ("resolvedon", "resolvedat", "resolved", "recoverytime", "recoveredat", "closedat", "closed", "clearedat", "cleared",
                    "endedat", "endtime", "end", "okat"),
    "acknowledged_at": ("acknowledgedat", "acknowledgedon", "ackedat", "acktime"),
    "acknowledged_by": ("acknowledgedby", "ackedby", "ackby"),
    "title": ("description", "problem", "alert", "alertname", "title", "summary", "message", "monitor", "trigger", "name", "incident"),
    "severity": ("severity", "urgency", "priority", "criticality", "sev"),
    "service": ("service", "servicename", "host", "hostname", "component", "application", "app"),
    "status": ("status", "state"),
    "id": ("id", "incidentnumber", "alertid", "incidentid", "eventid", "number"),
}  # fmt: skip
"""What columns of exported alerts are called, folded, by the field of an alert."""


def alert_of_row(columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """Return a row of a list of alerts as the fields of one alert; columns of no meaning here keep their names."""
    left = {
        folded(column): cell.strip() for column, cell in reversed(list(zip(columns, row, strict=False))) if cell.strip()
    }
    known: dict[str, str] = {}
    for field, names in _ALERT_COLUMNS.items():
        name = next((name for name in names if name in left), "")
        if name:
            known[field] = left.pop(name)
    return {**left, **known}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that is understood: its shape, how it is written, its columns' names, and which of them are times."""

    shape: TableShape
    head: TableHead
    columns: tuple[str, ...]
    header_rows: int
    times: tuple[int, ...] = ()


def table_of(raw: RawInput) -> Table | None:
    """Return what table `raw` is, or None when it is none that is known."""
    return _table_of(_Sample(raw))


class _Sample:
    """A raw input compared by its first bytes: every source asks the same question about the same file."""

    def __init__(self, raw: RawInput) -> None:
        self.raw = raw

    def __hash__(self) -> int:
        return hash((self.raw.head, self.raw.size))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sample) and (self.raw.head, self.raw.size) == (other.raw.head, other.raw.size)


@lru_cache(maxsize=4)
def _table_of(sample: _Sample) -> Table | None:
    head = peek_table(sample.raw) if release_table(sample.raw.head) is None else None
    if head is None:
        return None
    return _graph(head) or _stacked(head) or _named(head) or _bare(head)


def _graph(head: TableHead) -> Table | None:
    first, body = head.rows[0], [row for row in head.rows[1:] if len(row) == len(head.rows[0])]
    names = {cell for cell in first[1:] if cell}
    if len(names) >= 2 and body and all(row[0] in names or row[0] in first for row in body):
        cells = [cell for row in body for cell in row[1:]]
        if all(is_number(cell) or is_gap(cell) or cell.lower() in {"true", "false"} for cell in cells):
            return Table(shape=TableShape.MATRIX, head=head, columns=first, header_rows=1)
    caller, callee = find_column(first, CALLER), find_column(first, CALLEE)
    timed = find_column(first, TIME_NAMES) is not None or find_column(first, TRACE_ID) is not None
    if caller is not None and callee is not None and caller != callee and not timed:
        return Table(shape=TableShape.EDGES, head=head, columns=first, header_rows=1)
    return None


def _stacked(head: TableHead) -> Table | None:
    """Find several rows of names above rows of numbers; rows that name the index alone may stand between."""
    rows = head.rows
    start = next((at for at, row in enumerate(rows[:8]) if _is_samples(row)), 0)
    names = [row for row in rows[:start] if any(row[1:])]
    if len(names) < 2 or any(is_number(cell) for row in names for cell in row):
        return None
    return Table(shape=TableShape.STACKED, head=head, columns=rows[0], header_rows=start, times=(0,))


def _is_samples(row: Sequence[str]) -> bool:
    filled = [cell for cell in row[1:] if not is_gap(cell)]
    return bool(filled) and all(is_number(cell) for cell in filled) and looks_like_times(row[:1])


def _named(head: TableHead) -> Table | None:
    """Judge a table with one row of header by its columns' names, then by their cells."""
    columns, body = head.rows[0], head.rows[1:]
    if any(is_number(cell) for cell in columns) or not body or len(set(columns)) < 2:
        return None
    cells = {index: [row[index] for row in body if index < len(row)] for index in range(len(columns))}
    times = _times(columns, cells)
    shape = _shape(columns, cells, times)
    if shape is None:
        return None
    return Table(shape=shape, head=head, columns=columns, header_rows=1, times=times)


def _times(columns: Sequence[str], cells: dict[int, list[str]]) -> tuple[int, ...]:
    """Return the columns of time: by name, and by their cells where these are text stamps."""
    found = [
        index
        for index in range(len(columns))
        if looks_like_times(cells[index], 0.5 if folded(columns[index]) in TIME_NAMES else 0.9)
        and (folded(columns[index]) in TIME_NAMES or not columns[index] or not is_number(cells[index][0]))
    ]
    if not found:
        # A column without a known name may still be the clock: the first one, rising, of epoch size.
        found = [0] if looks_like_times(cells[0]) else []
    return tuple(sorted(found, key=lambda index: (_rank(columns[index]), index)))


def _rank(column: str) -> int:
    name = folded(column)
    return TIME_NAMES.index(name) if name in TIME_NAMES else len(TIME_NAMES)


def _shape(columns: Sequence[str], cells: dict[int, list[str]], times: tuple[int, ...]) -> TableShape | None:
    def has(names: tuple[str, ...]) -> bool:
        return find_column(tuple(columns), names) is not None

    numeric = [i for i in cells if i not in times and _mostly_numbers(cells[i])]
    value = find_column(tuple(columns), VALUE)
    metric = find_column(tuple(columns), METRIC)
    if has(TRACE_ID[:1]) and has(SPAN_ID[:1]) and (has(DURATION) or has(END)) and not has(TEXT):
        return TableShape.SPANS
    if not times:
        return None
    if _is_alerts(columns, cells):
        return TableShape.ALERTS
    if _is_changes(columns, numbers=bool(numeric)):
        return TableShape.CHANGES
    if metric is not None and value in numeric and metric not in numeric:
        return TableShape.LONG
    if not has(LEVEL[:6]) and not has(INSTANCE) and _tells(columns, cells, times):
        return TableShape.EVENTS
    text = find_column(tuple(columns), TEXT)
    if text is not None and text not in numeric and (has(LEVEL) or has(INSTANCE) or has(SERVICE) or not has(AUTHOR)):
        return TableShape.LOG
    others = [i for i in cells if i not in times and i not in numeric]
    return TableShape.WIDE if numeric and all(_is_identity(cells[i]) for i in others) else None


def _is_changes(columns: Sequence[str], *, numbers: bool) -> bool:
    """Whether the columns are those of a list of commits, deploys or flags."""

    def has(names: tuple[str, ...]) -> bool:
        return find_column(tuple(columns), names) is not None

    if has(LEVEL):
        return False
    if has(COMMIT) or has(FLAG) or (has(VERSION) and not numbers and not has(TEXT)):
        return True
    return has(CHANGED) and (has(AUTHOR) or has(SERVICE)) and not has(TEXT)


def _is_alerts(columns: Sequence[str], cells: dict[int, list[str]]) -> bool:
    """Whether the rows are alerts or incidents of a pager: a begin, an end, a name, and how grave it is or who took it."""
    places = {name: find_column(tuple(columns), names) for name, names in _ALERT_COLUMNS.items()}
    begun, over = places["fired_at"], places["resolved_at"]
    if begun is None or over is None or places["title"] is None:
        return False
    if places["severity"] is None and places["acknowledged_by"] is None and places["acknowledged_at"] is None:
        return False
    return looks_like_times(cells[begun]) and (
        looks_like_times(cells[over]) or all(is_gap(cell) for cell in cells[over])
    )


def _tells(columns: Sequence[str], cells: dict[int, list[str]], times: tuple[int, ...]) -> bool:
    """Whether the columns are those of a list of events, with sentences in the column of text."""
    names = {folded(column): index for index, column in reversed(list(enumerate(columns)))}
    told = next((names[name] for name in EVENT_TEXT if name in names), None)
    if told is None or told in times or not looks_like_happenings(names):
        return False
    filled = [cell for cell in cells[told] if not is_gap(cell)]
    return bool(filled) and sum(" " in cell for cell in filled) >= 0.5 * len(filled)


def _mostly_numbers(cells: list[str]) -> bool:
    filled = [cell for cell in cells if not is_gap(cell)]
    return sum(is_measure(cell) for cell in filled) >= 0.8 * len(filled) if filled else True


def _is_identity(cells: list[str]) -> bool:
    """Whether the cells name things rather than tell what happened: hardly a blank in them."""
    filled = [cell for cell in cells if not is_gap(cell)]
    return sum(cell.count(" ") for cell in filled) <= 1.5 * len(filled)


def _bare(head: TableHead) -> Table | None:
    """Recognise rows of time and numbers without any header."""
    rows = head.rows
    if len(rows) >= 3 and all(_is_samples(row) for row in rows) and looks_like_times([row[0] for row in rows]):
        columns = ("time", *(f"column {index}" for index in range(2, head.width + 1)))
        return Table(shape=TableShape.WIDE, head=head, columns=columns, header_rows=0, times=(0,))
    return None
