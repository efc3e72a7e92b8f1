"""How bad a log line is, by the words that programs of all kinds use; text comes in, a rank and signs go out.

General vocabulary only: levels of logging libraries, words of failure, and the signs of well-known ways to fail.
"""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum

FAILURE_WORD = re.compile(
    r"(?i)error|fail|exception|fatal|panic|refus|denied|timeout|abort|invalid|illegal|critical|corrupt|lost|unable|cannot|"
    r"no\b|not\b"
)
"""Words of failure in the wide sense; text that holds one is never taken for a variable."""

ERROR_WORD = re.compile(
    r"(?i)(?<![a-z/@\-])(?:[a-z]*errors?|[a-z]*exceptions?|fail(?:ed|ure|ures|s|ing)?|fatal|panic(?:ked)?|refused|denied|"
    r"time[d]?[ -]?out|timeouts?|abort(?:ed|ing)?|corrupt(?:ed|ion)?|unable|cannot|critical|segfault|killed|unreachable|"
    r"crash(?:ed|ing)?|undefined|unhealthy|rejected|exhausted|overload(?:ed)?|deadlock|violation|traceback)(?![a-z/@\-])"
    r"|(?-i:(?<=[a-z])(?:Error|Exception)s?(?![a-z]))"
)
"""Words of failure in the narrow sense; a line that holds one reports a failure."""

_HARMLESS = re.compile(
    r"(?i)\b(?:0|no|zero|without|any)[ _-]+(?:errors?|failures?|failed|warnings?|exceptions?)\b|\b(?:errors?|failed|failures?)\s*[:=]\s*(?:0\b|none\b|null\b|false\b|\[\]|\"\"|'')"
)
"""Ways to say that nothing failed."""

_QUOTED_CODE = re.compile(r"\b(?:echo|printf?|puts|raise|throw|console\.\w+|log(?:ger)?\.\w+)\b[ (].*")
"""Code that would report a failure, shown in a log before it runs."""


class Severity(IntEnum):
    """How bad a line is, in its own words."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3
    FATAL = 4


_LEVELS = {
    "trace": Severity.DEBUG, "verbose": Severity.DEBUG, "v": Severity.DEBUG, "debug": Severity.DEBUG, "d": Severity.DEBUG,
    "info": Severity.INFO, "i": Severity.INFO, "notice": Severity.INFO, "information": Severity.INFO,
    "trc": Severity.DEBUG, "dbg": Severity.DEBUG, "inf": Severity.INFO, "wrn": Severity.WARNING, "ftl": Severity.FATAL, "pnc": Severity.FATAL,
    "warn": Severity.WARNING, "warning": Severity.WARNING, "w": Severity.WARNING,
    "err": Severity.ERROR, "error": Severity.ERROR, "e": Severity.ERROR, "severe": Severity.ERROR, "failure": Severity.ERROR,
    "crit": Severity.FATAL, "critical": Severity.FATAL, "fatal": Severity.FATAL, "f": Severity.FATAL, "alert": Severity.FATAL,
    "emerg": Severity.FATAL, "emergency": Severity.FATAL, "panic": Severity.FATAL,
}  # fmt: skip


class Sign(StrEnum):
    """A well-known way to fail that a line tells of."""

    EXCEPTION = "exception"
    OUT_OF_MEMORY = "out_of_memory"
    TIMEOUT = "timeout"
    REFUSED = "connection_refused"
    EXIT = "exit_code"
    RETRY = "retry"
    DENIED = "permission_denied"
    EXHAUSTED = "exhausted"
    CERTIFICATE = "certificate"
    DISK = "disk"
    NAME = "name_resolution"


_SIGNS = tuple(
    (sign, re.compile(pattern, re.IGNORECASE))
    for sign, pattern in (
        (Sign.OUT_OF_MEMORY, r"out ?of ?memory|oom[ -]?kill|\boom\b|cannot allocate memory|heap space|exit(?:ed)?\b.{0,20}\b137\b|memory limit"),
        (Sign.TIMEOUT, r"time[d]?[ -]?out|deadline exceeded|i/o timeout|etimedout"),
        (Sign.REFUSED, r"connection refused|econnrefused|connection reset|econnreset|broken pipe|no route to host|connect failed|unreachable"),
        (Sign.CERTIFICATE, r"x509|certificate|tls handshake|ssl"),
        (Sign.NAME, r"no such host|name resolution|could not resolve|nxdomain|unknown host|dns"),
        (Sign.DENIED, r"permission denied|access denied|forbidden|unauthori[sz]ed|\b40[13]\b.{0,3}(?:status|forbidden|unauth)"),
        (Sign.EXHAUSTED, r"pool.{0,30}(?:exhaust|timeout|full)|too many|exhausted|no (?:free|available) |limit (?:reached|exceeded)|quota|rate.?limit|throttl"),
        (Sign.DISK, r"no space left|disk full|read-only file system|i/o error"),
        (Sign.EXIT, r"exit(?:ed)?(?: with)?(?: status| code)+\W{0,3}[1-9]|\bsig(?:kill|segv|abrt|term)\b|segmentation fault|core dumped"),
        (Sign.RETRY, r"\bretry|retrying|retries|back-?off|attempt \S+ of"),
        (Sign.EXCEPTION, r"exception|traceback|panic:|stack ?trace|caused by|\berror:"),
    )
)  # fmt: skip


def severity_of(level: str, text: str) -> Severity:
    """Return the severity by the line's own level, else by its words (an error word in a line without level)."""
    if (found := _LEVELS.get(level.lower().strip("[]()<>:,"))) is not None:
        return found
    return Severity.ERROR if tells_failure(text) else Severity.INFO


def tells_failure(text: str) -> bool:
    """Say whether the text reports a failure in words; `0 errors` does not."""
    return bool(ERROR_WORD.search(_QUOTED_CODE.sub("", _HARMLESS.sub("", text))))


def sign_of(text: str) -> Sign | None:
    """Return the best known way to fail that the text tells of."""
    return next((sign for sign, pattern in _SIGNS if pattern.search(text)), None)
