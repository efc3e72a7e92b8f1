"""Does the list of findings show a planted fault first? A template planted into real log lines, by kind of fault.

    python bench/logs_planted.py --data ../shared/data [--trials 10]

For each of six loghub sets: 16,000 baseline and 4,000 incident lines, drawn so that every template's rate wobbles
(lognormal 0.3). Planted: a template that the baseline lacks, 3 or 50 times; a template at eight times its rate; a
template gone silent. Peers: groups of drain3 (raw lines) ranked by the same score, and grep's lines in order. These
sets are among those that grouping was developed on.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import peers
from logs_generate import CLOCKS, fresh
from logs_grouping import loghub

from afteraction.evidence.logs import assign, compare_counted, count_file, survey
from afteraction.evidence.logs.comparison import Tally, score, sides_of
from afteraction.evidence.logs.severity import tells_failure
from afteraction.model.log import LogFile, LogShape

SETS = ("HDFS", "BGL", "OpenSSH", "Linux", "Hadoop", "Spark")
KINDS = ("new3", "new50", "burst", "gone")
BASELINE, INCIDENT = 16_000, 4_000


def log(name: str, lines: Sequence[str]) -> LogFile:
    data = "\n".join(lines).encode() + b"\n"
    return LogFile(name=name, open=partial(BytesIO, data), shape=LogShape.PLAIN, year_hint=2024)


def ours(before: Sequence[str], now: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the group of every line (baseline first) and the groups in the order that the engine ranks them."""
    counted = [count_file(log("incident", now)), count_file(log("baseline", before))]
    found = survey(counted)
    groups = list(assign(found))
    ranked = [signal.pattern.id for signal in compare_counted(found, incident=1).signals]
    return groups[len(now) :] + groups[: len(now)], list(dict.fromkeys(ranked))


def same_score(groups: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return a peer's groups in the order of our score."""
    before, now = Counter(groups[:BASELINE]), Counter(groups[BASELINE:])
    text = dict(zip(reversed(groups), reversed(lines), strict=True))
    tallies = [Tally(now[group], before[group]) for group in text]
    sides = sides_of(tallies, INCIDENT, BASELINE)
    weight = {
        group: score(now[group], before[group], sides) * (1.3 if now[group] and tells_failure(line) else 1)
        for group, line in text.items()
    }
    return sorted(text, key=lambda group: -weight[group])


def rank_of(planted: str, order: Sequence[str], groups: Sequence[str], labels: Sequence[str], kind: str) -> int:
    """Return the rank of the first group that is mostly the planted template (in the incident, unless it went silent)."""
    owner: dict[str, Counter[str]] = defaultdict(Counter)
    start = 0 if kind == "gone" else BASELINE
    for group, label in zip(groups[start:], labels[start:], strict=True):
        owner[group][label] += 1
    for rank, group in enumerate(order, 1):
        if owner[group] and owner[group][planted] * 2 > sum(owner[group].values()):
            return rank
    return 10**6


def trial(rng: np.random.Generator, pool: dict[str, list[str]], kind: str) -> tuple[str, list[str], list[str]] | None:
    """Return the planted template, 20,000 lines and their labels."""
    names = sorted(pool)
    share = np.array([len(pool[name]) for name in names], float)
    share /= share.sum()
    least = {"gone": 0.005, "burst": 0.001}.get(kind, 0.0)
    most = 0.3 if least else 0.05
    usable = [index for index, part in enumerate(share) if least <= part < most]
    if not usable:
        return None
    planted = int(rng.choice(usable))
    lines: list[str] = []
    labels: list[str] = []
    for now, size in ((False, BASELINE), (True, INCIDENT)):
        rates = share * np.exp(rng.normal(0, 0.3, len(names)))
        if kind.startswith("new") or (kind == "gone" and now):
            rates[planted] = 0
        if kind == "burst" and now:
            rates[planted] *= 8
        picks = rng.choice(len(names), size, p=rates / rates.sum())
        if kind.startswith("new") and now:
            picks[rng.choice(size, int(kind[3:]), replace=False)] = planted
        for pick in picks:
            rows = pool[names[pick]]
            lines.append(rows[int(rng.integers(len(rows)))])
            labels.append(names[pick])
    return names[planted], lines, labels


def pools(data: Path, name: str) -> dict[str, list[str]]:
    """Return lines by true template, each sample line in 30 versions with fresh numbers behind its clock."""
    import random  # noqa: PLC0415
    import re  # noqa: PLC0415

    from logs_generate import NUMBER  # noqa: PLC0415

    replace, clock = fresh(random.Random(11)), re.compile(CLOCKS[name][0])
    raw, labels = loghub(data, name)
    out: dict[str, list[str]] = defaultdict(list)
    for line, label in zip(raw, labels, strict=True):
        found = clock.search(line)
        end = found.end() if found else 0
        out[label] += [line[:end] + NUMBER.sub(replace, line[end:]) for _ in range(30)]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if not arguments.no_peers:
        peers.install()
    rng = np.random.default_rng(5)
    ranks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for name in SETS:
        pool = pools(arguments.data, name)
        for kind in KINDS:
            for _ in range(arguments.trials):
                made = trial(rng, pool, kind)
                if made is None:
                    continue
                planted, lines, labels = made
                groups, order = ours(lines[:BASELINE], lines[BASELINE:])
                ranks["ours", kind].append(rank_of(planted, order, groups, labels, kind))
                if arguments.no_peers:
                    continue
                theirs = peers.groups_of("drain3", lines)
                ranks["drain3 raw, same score", kind].append(
                    rank_of(planted, same_score(theirs, lines), theirs, labels, kind)
                )
                hits = [
                    label
                    for line, label in zip(lines[BASELINE:], labels[BASELINE:], strict=True)
                    if tells_failure(line)
                ]
                ranks["grep error words", kind].append(hits.index(planted) + 1 if planted in hits else 10**6)
    result: dict[str, dict[str, object]] = defaultdict(dict)
    for (who, kind), found in sorted(ranks.items()):
        top = {"n": len(found), **{f"top{k}": round(sum(rank <= k for rank in found) / len(found), 3) for k in (1, 5)}}
        result[who][kind] = top
        print(f"{who:24} {kind:6} {top}")
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
