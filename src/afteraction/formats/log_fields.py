"""What one structured log record says: fields under anybody's names come in, one form comes out.

The names are those of zap, logrus, slog, zerolog, bunyan, pino, winston, structlog, python-json-logger, loguru, Logback
and Log4j2, ECS, the OpenTelemetry log data model, GELF, journald, Serilog and of what container platforms wrap around a
line. Levels become words, also where they are numbers: of syslog (0 to 7), of pino and bunyan (10 to 60), of
OpenTelemetry (1 to 24), of Logback (5,000 to 50,000). Nothing is refused; what is absent stays empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from afteraction.formats.pods import service_of_pod

MESSAGE = (
    "record.message", "msg", "message", "log", "event", "body", "text", "line", "shortmessage", "content", "fields.message", "m", "mt",
    "body.stringvalue", "jsonpayload.message", "jsonpayload.msg", "textpayload", "raw",
)  # fmt: skip
LEVEL = (
    "severitytext", "level", "severity", "lvl", "loglevel", "log.level", "levelname", "l", "status", "record.level.name",
    "labels.level", "severitynumber", "severitylevel", "levelvalue", "levelno", "priority",
)  # fmt: skip
SERVICE = (
    "service", "service.name", "servicename", "svc", "app", "application", "appname", "resource.service.name",
    "labels.app", "labels.servicename", "kubernetes.labels.app", "labels.appkubernetesioname", "cloudrolename", "podname", "pod",
    "kubernetes.podname", "kubernetes.pod.name", "resource.k8s.pod.name", "resource.labels.podname", "labels.pod",
    "container", "containername", "kubernetes.containername", "kubernetes.container.name", "component",
    "systemdunit", "syslogidentifier", "comm",
)  # fmt: skip
COMPONENT = (
    "logger", "loggername", "log.logger", "target", "scope", "scope.name", "component", "module", "caller",
    "sourcecontext", "record.name", "jsonpayload.logger", "category",
)  # fmt: skip
THREAD = ("thread", "threadname", "process.thread.name", "record.thread.name", "goroutine", "thread.name")
TRACE = (
    "traceid", "trace.id", "trace", "contextmap.traceid", "mdc.traceid", "requestid", "correlationid", "xrequestid", "reqid",
)  # fmt: skip
TIME = (
    "timestamp", "time", "ts", "t.date", "datetime", "date", "asctime", "eventtime", "timeunixnano", "created", "t",
    "realtimetimestamp", "sourcerealtimetimestamp", "record.time.timestamp", "instant.epochsecond", "observedtimestamp",
    "observedtimeunixnano", "timemillis",
)  # fmt: skip
CAUSE = (
    "error", "err", "exception", "error.message", "excinfo", "err.message", "error.type", "stack", "stacktrace", "err.stack",
    "errorverbose", "cause", "reason", "thrown.message", "thrown.name", "fields.error", "x", "error.stacktrace",
    "attributes.exception.message", "attributes.exception.type", "record.exception.value",
)  # fmt: skip
_HOST = ("host", "hostname", "host.name")
_DEPTH = 3
_SYSLOG = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
_TENS = {10: "trace", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "fatal"}
_PYTHON = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
_LOGBACK = {5000: "trace", 10000: "debug", 20000: "info", 30000: "warning", 40000: "error", 50000: "fatal"}
_MONGO = {"D": "debug", "I": "info", "W": "warning", "E": "error", "F": "fatal"}
_AZURE = ("debug", "info", "warning", "error", "critical")
_OTEL = ("trace", "debug", "info", "warning", "error", "fatal")
_LEVEL_PAIR = re.compile(r"\b(?:level|lvl|severity)=\"?([A-Za-z]+)")
_LEADING_LEVEL = re.compile(
    r"^(?:\S{1,40}\s+){0,2}?[\[(<]?(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL|PANIC)[\])>:]*(?=\s|$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFields:
    """A record: `level` is a word as written or the word for its number; `time` the field's text; others as written."""

    message: str = ""
    level: str = ""
    service: str = ""
    component: str = ""
    thread: str = ""
    trace: str = ""
    time: str = ""
    cause: str = ""
    host: str = ""


def spread(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the plain fields of a record as text by folded name, nested ones joined by dots (`service.name`)."""
    out: dict[str, str] = {}
    _spread(record, "", _DEPTH, out)
    return out


def _spread(record: Mapping[str, Any], prefix: str, depth: int, out: dict[str, str]) -> None:
    for key, value in record.items():
        name = prefix + fold(str(key))
        if isinstance(value, Mapping):
            if depth > 1:
                _spread(value, f"{name}.", depth - 1, out)
        elif isinstance(value, list):
            if text := _text_of_bytes(value):
                out.setdefault(name, text)
        elif value is not None and value != "":
            out.setdefault(name, str(value).lower() if isinstance(value, bool) else str(value))


@lru_cache(maxsize=8192)
def fold(key: str) -> str:
    """Return a field's name in small letters, without any sign but the dot and without a unit in brackets behind it."""
    return re.sub(r"[^a-z0-9.]", "", re.sub(r"(?<=\w)\s*[\[(][^\])]{1,20}[\])]\s*$", "", key).lower())


def _text_of_bytes(value: list[Any]) -> str:
    """Return the text that journald writes as a list of bytes where it holds anything unprintable."""
    if not value or len(value) > 65_536 or not all(type(byte) is int and 0 <= byte < 256 for byte in value):
        return ""
    return bytes(value).decode("utf-8", "replace")


def read_fields(record: Mapping[str, Any]) -> LogFields:
    """Return what a record says. A line inside (a container runtime's envelope) is read in turn."""
    return fields_of(spread(record))


def fields_of(fields: Mapping[str, str]) -> LogFields:
    """Return what the fields of a record, as `spread` names them, say."""
    message = first(fields, MESSAGE)
    if message.startswith("{") and (inner := _object(message)):
        within = spread(inner)
        return fields_of({**fields, "log": "", "message": "", "line": "", **within})
    service = first(fields, SERVICE)
    component = first(fields, COMPONENT)
    if "pid" in fields and "hostname" in fields and "name" in fields:  # pino and bunyan
        service = service or fields["name"]
    elif not component:
        component = fields.get("name", "")
    if "ctx" in fields and fields.get("s") in _MONGO:  # MongoDB: severity, component and context by a letter each
        level, component, thread = _MONGO[fields["s"]], fields.get("c", ""), fields["ctx"]
    else:
        level, thread = _level(fields, message), first(fields, THREAD)
    return LogFields(
        message=message.rstrip("\n"), level=level, service=service_of_pod(service.removesuffix(".service")),
        component=component, thread=thread, trace=first(fields, TRACE), time=_time(fields),
        cause=first(fields, CAUSE), host=first(fields, _HOST),
    )  # fmt: skip


def first(fields: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the first of `names` that is filled."""
    return next((fields[name] for name in names if fields.get(name)), "")


def _time(fields: Mapping[str, str]) -> str:
    """Return the text of the record's time; Log4j2 splits it into seconds and nanoseconds."""
    nanos = fields.get("instant.nanoofsecond", "")
    if "instant.epochsecond" in fields and nanos.isdigit():
        return f"{fields['instant.epochsecond']}.{nanos.zfill(9)}"
    return first(fields, TIME)


def _level(fields: Mapping[str, str], message: str) -> str:
    name = next((name for name in LEVEL if fields.get(name)), "")
    value = fields.get(name, "")
    if name == "labels.level" and (found := _LEVEL_PAIR.search(message[:300])):
        return found[1]  # a label of Loki stands for a whole stream
    if value.isdigit():
        return _number(name, int(value)) or value
    if value:
        return value if len(value) <= 20 else ""
    if "mt" in fields or "m" in fields:  # Serilog leaves the usual level out
        return "info"
    if found := _LEVEL_PAIR.search(message[:300]):
        return found[1]
    return leading_level(message)


def leading_level(message: str) -> str:
    """Return the level that stands in capitals among the first words of a message, else nothing."""
    found = _LEADING_LEVEL.match(message[:160])
    return found[1] if found else ""


def _number(name: str, value: int) -> str:
    """Return the word for a level that is a number, by the field's name and the number's size."""
    if name == "severitynumber":
        return _OTEL[(value - 1) // 4] if 1 <= value <= 24 else ""
    if name == "severitylevel":
        return _AZURE[value] if value < len(_AZURE) else ""
    if value < len(_SYSLOG):
        return _SYSLOG[value]
    return (_PYTHON if name == "levelno" else _TENS).get(value) or _LOGBACK.get(value, "")


def syslog_level(priority: int) -> str:
    """Return the word for the severity in a syslog priority (`<11>` is `error`)."""
    return _SYSLOG[priority % 8]


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) else None
