"""Log mining: files are counted in one pass, lines merged into patterns, compared with normal times, and excerpted.

`compare` gives a `Comparison` with ranked `signals`; `log_findings`, `first_speakers` and `excerpts_of` read from it.
"""

from afteraction.evidence.logs.comparison import (
    Comparison,
    LogSignal,
    SignalKind,
    compare,
    compare_counted,
    count_window,
)
from afteraction.evidence.logs.counting import count
from afteraction.evidence.logs.counts import Counts, merge, merge_all
from afteraction.evidence.logs.excerpts import Excerpt, excerpts, excerpts_of
from afteraction.evidence.logs.findings import first_speakers, log_findings
from afteraction.evidence.logs.patterns import Counted, Pattern, Survey, assign, count_file, patterns, survey
from afteraction.evidence.logs.severity import Severity, Sign

__all__ = [
    "Comparison",
    "Counted",
    "Counts",
    "Excerpt",
    "LogSignal",
    "Pattern",
    "Severity",
    "Sign",
    "SignalKind",
    "Survey",
    "assign",
    "compare",
    "compare_counted",
    "count",
    "count_file",
    "count_window",
    "excerpts",
    "excerpts_of",
    "first_speakers",
    "log_findings",
    "merge",
    "merge_all",
    "patterns",
    "survey",
]
