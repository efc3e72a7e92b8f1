"""Whether a statement is carried by what it cites: its numbers, times and names have to stand there.

A sentence and the text of what it cites come in, what stands in the one and not in the other comes out. What it says with
these words nobody but a person can judge.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(
    r"(?<![.!?:] )(?<!^)\b[A-Z][\w-]*|\b\w*(?:[_/@.]\w+|[a-z][A-Z]|\d[A-Za-z]|[A-Za-z]\d)[\w./@-]*|\b[A-Z]{2,}\b"
)
_COMMON = frozenset(["utc", "i", "sev", "slo", "api", "http", "kpi", "cpu"])
"""Words that look like names, and which every engineer may use."""


def unsupported(text: str, said: str) -> list[str]:
    """Return the numbers, times and names of a text that do not occur in what was said, in order, each once."""
    told = said.lower()
    loose = [n for n in _NUMBER.findall(text) if not re.search(rf"(?<![\d.,:]){re.escape(n)}(?![\d])", told)]
    for name in _NAME.findall(text):
        bare = name.strip(".-/").lower()
        if bare and bare not in _COMMON and bare not in told:
            loose.append(name.strip("."))
    return list(dict.fromkeys(loose))
