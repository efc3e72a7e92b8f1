"""Write the page of the evidence engine's measurements from the figures in `bench/results/`.

python docs/make_measurements.py
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
RESULTS = DOCS.parent / "bench" / "results"
SETS = ("frozen-incidents", "train-ticket", "online-boutique-metrics", "petshop")


def evidence() -> str:
    """Return the page: accuracy, what each part costs, calibration, leave-one-out, renaming, speed."""
    parts = [
        _INTRODUCTION, _accuracy(_result("evidence_cases")), _held_out(_result("evidence_heldout")),
        _pasted(_result("evidence_snapshots")), _ablations(_result("evidence_cases")),
        _left_out(_result("evidence_leave_one_out")), _renamed(_result("evidence_renamed")),
        _calibration(_result("evidence_calibration")), _single_series(_result("evidence_cases")),
        _logs(), _speed(_result("logs_speed"), _result("evidence_speed")),
    ]  # fmt: skip
    return "\n".join(parts)


_INTRODUCTION = """# What the evidence engine was measured to do

Every figure was written by the command above it into `bench/results/`; this page is made from those files. *Development
data*: the rules were written with it at hand, so that it shows what the engine can do and not how it fares elsewhere.
*Report data*: kept back while developing. The data sets and their licences stand in the bench scripts.
"""


def _result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def _accuracy(found: dict[str, Any]) -> str:
    rows = []
    for name in (*SETS, "petshop-normal"):
        one = found[name]
        first = f"{one['top1']['share']} {one['top1']['ci95']}"
        rows.append((name, one["cases"], first, one["top3"]["share"], one["seconds_median"], found["peers"][name]))
    return (
        f"## The true cause first\n\nDevelopment data, {found['date']}: `python bench/evidence_cases.py --ablations`. Shares with a 95 % bootstrap\n"
        "interval over cases; of `petshop-normal`, normal windows, the share in which nothing is blamed; seconds on a machine that\n"
        "ran other work. Decoy changes blamed: "
        f"{found['frozen-incidents']['decoys_blamed']}.\n\n"
        + _table(("cases", "n", "first", "first three", "seconds each", "published figures of peers"), rows)
    )


def _held_out(found: dict[str, Any]) -> str:
    batches = {name: one for name, one in found.items() if isinstance(one, dict)}
    rows = [
        (name, one["cases"], one["first_run"]["right"], one["first_run"]["decoys_blamed"], one["right"], one["right_renamed"])
        for name, one in batches.items()
    ]  # fmt: skip
    return (
        f"## Incidents that the rules were not written with\n\n{found['date']}: `python bench/evidence_heldout.py`. Incidents of the kind of `frozen-incidents`, written by hand in\n"
        "other languages, formats and wordings (a guilty commit, or none), each with innocent deploys at the onset. Each batch was\n"
        "written before the engine had run on any of it; the first run is the honest figure. Then the general faults that it showed\n"
        "were mended, which makes it *development data*: the last columns say only that nothing was lost since. The author of the\n"
        "incidents knew the engine.\n\n"
        + _table(("batch", "n", "right on the first run", "decoys blamed then", "right now", "right now, services renamed"), rows)
    )  # fmt: skip


def _pasted(found: dict[str, Any]) -> str:
    first = found["first_run"]
    rows = [
        (label, one["faulty"], one["object_first"], one["object_and_cause_first"], f"{one['healthy_and_silent']} of {one['healthy']}")
        for label, one in (("first run", first), ("now (development data)", found))
    ]  # fmt: skip
    return (
        f"## Pasted states of clusters\n\n{found['date']}: `python bench/evidence_snapshots.py`. Small states as people paste them (get, describe, YAML, JSON, events), one\n"
        "fault each or none, written before the engine had run on any of them.\n\n"
        + _table(("", "faulty", "object first", "object and cause class first", "healthy and silent"), rows)
    )


def _ablations(found: dict[str, Any]) -> str:
    rows = [(label, *(row[name] for name in SETS)) for label, row in found["ablations_top1"].items()]
    everything = ("everything", *(found[name]["top1"]["share"] for name in SETS))
    return (
        "## What each part is worth\n\nShare right at first with a part switched off, and with one kind of signal alone (the call graph, changes and\n"
        "outside causes stay on).\n\n" + _table(("", *SETS), [everything, *rows])
    )


def _left_out(found: dict[str, Any]) -> str:
    without = "; ".join(f"`{rule}` loses {', '.join(names)}" for rule, names in found["lost without a rule"].items())
    moved = found["lost with a value halved or half more"]
    spread = found["all values spread by a third"]
    return (
        f"## Whether a rule rests on one case\n\nDevelopment data, {found['date']}: `{found['command']}`, the {found['cases']} incidents with a labelled commit or none.\n\n"
        f"- As it is: {found['as it is']} of {found['cases']} right.\n"
        f"- One of {found['rules']} rules switched off: {found['rules whose loss costs nothing']} cost nothing; {without}.\n"
        f"- One value halved or half more: {len(moved)} of these changes lose a case.\n"
        f"- All values multiplied at random by about a third, {spread['draws']} times: {spread['mean right']} right on average, {spread['least']} at least.\n"
        f"- Only the signs of the rules kept, all worth the same: {found['only the signs']} right.\n"
        f"- Each case left out, values chosen anew on the others from equal ones: {found['left out and asked']} right.\n"
    )


def _renamed(found: dict[str, Any]) -> str:
    rows = [(name, found[name]["names replaced"], found[name]["as they are"]["first"], found[name]["renamed"]["first"],
             len(found[name]["cases whose rank changed"])) for name in SETS]  # fmt: skip
    return (
        f"## With every service's name replaced by eight random letters\n\nDevelopment data, {found['date']}: `{found['command']}`.\n\n"
        + _table(("cases", "names", "first", "first, renamed", "ranks that changed"), rows)
    )


def _calibration(found: dict[str, Any]) -> str:
    every = found["all suspects"]
    rows = [
        (f"{row['from']} to {row['to']}", row["n"], row["mean score"], row["right"])
        for row in every["raw score"]["table"]
    ]
    return (
        f"## How often a score is right\n\nDevelopment data, {found['date']}: `{found['command']}`, all {every['suspects']} suspects of {every['cases']} cases. Brier score\n"
        f"{every['raw score']['brier']}; with a curve fitted without the case that is judged {every['curve, left out by case']['brier']}, so none is added.\n\n"
        + _table(("score", "suspects", "mean", "share right"), rows)
    )


def _single_series(found: dict[str, Any]) -> str:
    one = found["cloudwatch"]
    return (
        f"## Single series, with no hint when\n\nDevelopment data: {one['series']} series of a monitoring service with {one['windows']} labelled windows. "
        f"An episode begins inside {one['windows_hit']}\nof them; {one['false_alarms']} episodes lie outside of any; the most surprising one "
        f"lies inside in {one['strongest_inside_a_window']} of the {one['series_with_episode']} series\nthat have one. Weak: labels "
        "mark changes of shape and of season too, which a test of levels does not see.\n"
    )


def _logs() -> str:
    grouping, planted, failing = _result("logs_grouping"), _result("logs_planted"), _result("failure_logs")["figures"]
    rows = [(data, name, one["GA"], one["FGA"]) for data, all_of in grouping.items()
            for name, one in all_of.items() if isinstance(one, dict)]  # fmt: skip
    kinds = ("new3", "new50", "burst", "gone")
    faults = [
        (name, *(f"{one[kind]['top1']} / {one[kind]['top5']}" for kind in kinds)) for name, one in planted.items()
    ]
    lines = [(name, one["mean"], f"{one['interval'][0]} to {one['interval'][1]}") for name, one in failing.items()]
    return (
        "## Logs\n\nGrouping of raw lines, one setting for all (`python bench/logs_grouping.py`). The hold-out are format strings of logging\n"
        "calls in installed packages, so that its figures move a little with what is installed.\n\n"
        + _table(("data", "who", "GA", "FGA"), rows)
        + "\nPlanted faults, share found first / among five (`python bench/logs_planted.py`, development data): a line new three times,\n"
        "fifty times, a burst, a template gone silent.\n\n"
        + _table(("who", "new, 3", "new, 50", "burst", "gone"), faults)
        + "\nLines of failing CI logs, the half kept for reporting (`python bench/failure_logs.py`).\n\n"
        + _table(("who", "mean", "95 % interval"), lines)
    )


def _speed(logs: dict[str, Any], engine: dict[str, Any]) -> str:
    rows = [(kind, name, one["MB/s"], one["peak MB"]) for kind in ("friendly", "hostile")
            for name, one in logs[kind]["runs"].items()]  # fmt: skip
    grown = [
        (row["megabytes"], row["lines"], row["seconds"], row["CPU seconds"], row["peak MB"]) for row in logs["growth"]
    ]
    fifty, spans, many = engine["50x8x1440"], engine["1,000,000 spans"], engine["5000 series x 1440"]
    return (
        "## Speed\n\nFrom the raw file to ranked, cited excerpts, each in a process of its own (`python bench/logs_speed.py --growth`).\n\n"
        + _table(("log", "who", "MB/s", "peak MB"), rows)
        + "\n"
        + _table(("MB", "lines", "seconds", "CPU seconds", "peak MB"), grown)
        + f"\n50 services x 8 metrics x 1,440 points are ranked in {fifty['seconds_median']} s, 5,000 series in {many['seconds']} s, 1,000,000 spans in\n"
        f"{spans['seconds']} s, within {engine['peak_rss_mb']} MB (`python bench/evidence_speed.py`).\n"
    )


def webhooks() -> str:
    """Return the page: what a killed service kept, how many deliveries it takes in a second."""
    killed, load = _result("service_kill"), _result("service_load")
    kept = [
        (name, killed[name]["kills"], killed[name]["acknowledged"], killed[name]["lost"], killed[name]["doubled"],
         killed[name]["in_search"], killed[name]["in_audit_trail"], killed[name]["seconds"])
        for name in ("sqlite", "postgresql")
    ]  # fmt: skip
    taken = [
        (name, one["workers"], one["deliveries_per_second"], one["events_per_second"], one["p50_ms"], one["p99_ms"],
         one["bare_insert_loop"]["deliveries_per_second"], one["bare_insert_loop"]["p99_ms"], one["share_of_the_limit"])
        for name, one in load.items() if isinstance(one, dict)
    ]  # fmt: skip
    return "\n".join([
        _WEBHOOKS,
        f"## Killed under load\n\n{killed['date']}: `{killed['command']}`; {killed['machine']}, since other work ran on the machine.\n\n"
        + _table(("database", "kills", "acknowledged", "lost", "there twice", "found by search", "in the audit trail", "seconds"), kept),
        f"## Deliveries in a second\n\n{load['date']}: `{load['command']}`; {load['machine']}, since other work ran on the machine.\n\n"
        + _table(("what", "processes", "deliveries/s", "events/s", "p50 ms", "p99 ms", "bare loop, deliveries/s", "its p99 ms", "share"), taken),
    ])  # fmt: skip


_WEBHOOKS = """# What the webhooks were measured to do

Every figure was written by the command above it into `bench/results/`; this page is made from those files. Deliveries are like
Alertmanager's. A delivery is answered when it, its events, their places in the search, its alerts and its entry of the audit trail
are committed (SQLite with `synchronous=FULL`, PostgreSQL with `fsync` and `synchronous_commit`). The bare loop inserts the very same
rows into another database of the same shape by the driver alone, one transaction for each delivery, in turns with the service; it
reads, proves and masks nothing. A killed service (one process) was sent SIGKILL within a second of its first answer and forked again from a process
that had loaded it; clients send each delivery until it is acknowledged, as Alertmanager does.
"""


def record() -> str:
    """Return the page: how fast a record of a million events answers."""
    found = _result("store_scale")
    rows = [
        (
            name,
            *(cell for database in ("sqlite", "postgresql") for cell in _answered(found[database]["questions"][name])),
        )
        for name in found["sqlite"]["questions"]
    ]
    head = _RECORD.format(
        date=found["date"], command=found["command"], events=found["sqlite"]["events"],
        incidents=found["sqlite"]["incidents"], sqlite=found["sqlite"]["events written a second"],
        postgresql=found["postgresql"]["events written a second"],
    )  # fmt: skip
    return head + "\n" + _table(("question", "SQLite", "bare select", "PostgreSQL", "bare select"), rows)


def _answered(one: dict[str, Any]) -> tuple[str, object]:
    return f"{one['p50_ms']} / {one['p99_ms']}", one["bare select"]["p50_ms"] if "bare select" in one else ""


_RECORD = """# How fast a large record answers

{date}: `{command}`; {incidents} incidents, {events} events, one incident of 100,000. Milliseconds at the median and at the
99th percentile; beside them the median of a bare `SELECT` of the same rows by the driver. Writing, with search: {sqlite} events a
second on SQLite, {postgresql} on PostgreSQL, in transactions of 50 incidents.
"""

PAGES = {
    "measurements/evidence.md": evidence,
    "measurements/webhooks.md": webhooks,
    "measurements/record.md": record,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
