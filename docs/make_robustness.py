"""Write the pages on how fast sources read and how they were fuzzed, from the figures in `bench/results/`.

python docs/make_robustness.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
RESULTS = DOCS.parent / "bench" / "results"


def _result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


_SPEED = """# How fast each source reads

Written by `bench/sources_throughput.py --mb {mb:g}`: a file of that size, grown from a golden case, read by one source in a
process of its own. *Facts* are events, objects, samples, spans and statements. The *peer* is a plain reader (`json.loads`,
`csv.reader`, the text split into words) on the same bytes in the same run. *Memory* is what came on top of the loaded
program, per MB of the file. Seconds are those of the processor, on two cores shared with other work.

- Logs are handed over as streams, so theirs is the time of deciding; the log engine is measured on the page of the
  evidence engine.
- A table or a session of short lines has many facts in few bytes: look at its facts per second.
- Chats, notes and post-mortems are read sentence by sentence, for what people state in them; in a page that gives no date
  twice, once its day is known. The chat or page of a long incident (100 KB) takes up to a second; the time grows as the text does.

| source | MB/s | facts/s | memory, MB per MB | peer | times as slow |
| --- | ---: | ---: | ---: | --- | ---: |
"""


def throughput() -> str:
    """Return the page of throughput, slowest source first."""
    found = _result("sources_throughput")
    rows = []
    for one in sorted(found["sources"], key=lambda one: one.get("mb_per_second", 0.0)):
        if "mb_per_second" in one:
            rows.append(
                f"| `{one['source']}` | {one['mb_per_second']} | {one['facts_per_second']:,} | {one['peak_per_mb']} | "
                f"{one['peer']} | {one['times_as_slow_as_peer']} |"
            )
        else:
            rows.append(f"| `{one['source']}` | {one.get('note', '')} | | | | |")
    return _SPEED.format(mb=found["mb"]) + "\n".join(rows) + "\n"


_FUZZED = """# What was fuzzed, and what it found

`tests/fuzz/` runs in every check, in about a minute: mutations of every sample, page, archive and session; every sample in
eight encodings and line ends and cut off at six places; and hostile sizes in a process with little memory (a line of a
gigabyte, a hundred thousand levels of JSON, zip, gzip and zstd bombs, archives in archives).

`bench/fuzz.py --minutes N` is the coverage-guided run (atheris, libFuzzer for Python; `pip install afteraction[fuzz]`,
Linux and CPython 3.11 to 3.13). The figures add up two runs: the first until 2026-11-23, the second on 2026-11-29 while other
work ran beside it, in which nothing was found. An exception, an input of a few KB that takes two seconds, and one that takes 300 MB are
findings. Each that was mended is kept, made small, in `tests/fuzz/cases/`.

| target | what it runs | executions | minutes | branches reached |
| --- | --- | ---: | ---: | ---: |
"""
_TARGETS = {
    "sources": "every source, on what it claims and on one more; masking of secrets; counting of logs",
    "drafts": "the whole way from bytes to the document: timeline, evidence, KPIs, draft",
    "archives": "the opener of zip, tar, gzip, zstd, bzip2 and xz",
    "markdown": "parse, render, parse again; all checks",
    "rescue": "the import of pages and of JSON records",
    "commands": "judging commands and SQL, terminal sessions, masking twice",
}


def fuzzing() -> str:
    """Return the page of fuzzing: figures added up over all runs, and the cases that were kept."""
    found = _result("fuzz")
    rows = [
        f"| `{name}` | {_TARGETS[name]} | {one['executions']:,} | {one['minutes']} | {one['branches']:,} |"
        for name, one in found["targets"].items()
    ]
    cases = sorted(path for path in (DOCS.parent / "tests" / "fuzz" / "cases").glob("*/*") if path.is_file())
    kept = [f"- `{path.parent.name}`: {path.stem.replace('-', ' ')}" for path in cases]
    total = found["total"]
    return (
        _FUZZED
        + "\n".join(rows)
        + f"\n\nTogether {total['executions']:,} executions in {total['minutes']} minutes of one core. Findings that were mended, by\n"
        "this run, by the tests of mutations and by hostile input written by hand, are kept as cases:\n\n"
        + "\n".join(kept)
        + "\n\nOne finding is open: a torn page of 3 KB whose import takes half a second, because each of 76 stray paragraphs is tried\n"
        "alone where it stands. It grows no faster than the page.\n"
    )


PAGES = {"measurements/throughput.md": throughput, "measurements/fuzzing.md": fuzzing}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
