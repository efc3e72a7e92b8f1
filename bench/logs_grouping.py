"""How well lines are grouped: on loghub samples and on format strings of real logging calls, raw lines, one setting.

    python bench/logs_grouping.py --data ../shared/data [--half develop|report] [--no-peers] [--seeds 3]

GA is the share of lines whose group is exactly the true group, FGA the F1 over groups (Khan et al., ICSE 2022; Jiang et
al., ISSTA 2024). loghub was developed on, so its figures are in-sample. The hold-out: format strings of logging calls
in installed packages, filled with fresh values by Zipf's law behind a header; half of the strings (by checksum) was
developed on, the other half is for reporting. Peers get the same raw lines; Brain and Drain get the message alone.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import random
import re
import site
import sys
import sysconfig
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import peers

from afteraction.evidence.logs import assign, patterns
from afteraction.model.log import LogFile, LogShape

SETS = ("Apache", "BGL", "HDFS", "Hadoop", "Linux", "OpenSSH", "Spark", "Zookeeper")
METHODS = {"debug", "info", "warning", "error", "critical", "exception"}
LINES = 20_000
Table = dict[str, list[tuple[float, float]]]
WORDS = [
    "alice",
    "bob",
    "carol",
    "redis",
    "postgres",
    "billing",
    "checkout",
    "orders",
    "us-east",
    "eu-west",
    "primary",
    "replica",
    "alpha",
    "beta",
    "canary",
    "stable",
    "nightly",
    "GET",
    "POST",
    "main",
    "worker",
    "scheduler",
    "frontend",
    "gateway",
]


def ours(lines: Sequence[str]) -> list[str]:
    data = "\n".join(lines).encode() + b"\n"
    found = patterns([LogFile(name="x.log", open=partial(BytesIO, data), shape=LogShape.PLAIN, year_hint=2024)])
    return list(assign(found))


def scores(truth: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """Return GA and FGA."""
    true, got = defaultdict(set), defaultdict(set)
    for number, (label, group) in enumerate(zip(truth, found, strict=True)):
        true[label].add(number)
        got[group].add(number)
    groups = {frozenset(members) for members in true.values()}
    right = [members for members in got.values() if frozenset(members) in groups]
    precision, recall = len(right) / len(got), len(right) / len(true)
    return sum(map(len, right)) / len(truth), 2 * precision * recall / (precision + recall) if right else 0.0


def loghub(data: Path, name: str) -> tuple[list[str], list[str]]:
    folder = data / "loghub-2k" / name
    with (folder / f"{name}_2k.log_structured.csv").open(encoding="utf-8", errors="replace", newline="") as rows:
        labels = [row["EventId"] for row in csv.DictReader(rows)]
    text = (folder / f"{name}_2k.log").read_bytes().decode("utf-8", "replace")
    return [line.rstrip("\r") for line in text.split("\n")[: len(labels)]], labels


def places() -> list[Path]:
    """Return where Python packages are installed on this machine."""
    found = {
        Path(sysconfig.get_path("stdlib")),
        *map(Path, site.getsitepackages()),
        Path("/usr/lib/python3/dist-packages"),
    }
    found |= set(peers.FOLDER.glob("lib/python*/site-packages"))
    found.add(Path(sys.base_prefix, "lib", f"python{sys.version_info.major}.{sys.version_info.minor}"))
    return sorted(place for place in found if place.is_dir())


def format_strings() -> Iterator[tuple[str, str]]:
    """Yield level and format string of every logging call that can be read off the syntax tree."""
    for place in places():
        for path in sorted(place.rglob("*.py")):
            if "test" in str(path):
                continue
            try:
                tree = ast.parse(path.read_text(encoding="utf-8"))
            except (SyntaxError, ValueError, RecursionError):
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (text := _logged(node)):
                    yield text


def _logged(node: ast.Call) -> tuple[str, str] | None:
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in METHODS or not node.args:
        return None
    if not re.search("log", ast.dump(node.func.value), re.IGNORECASE):
        return None
    argument, text = node.args[0], ""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        text = re.sub(r"%\(\w+\)([sdrf])", r"%\1", argument.value)
    elif isinstance(argument, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "%s" for part in argument.values)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"%[sdrf.\d]*\w", "", text))
    return (node.func.attr.upper(), text) if "\n" not in text and len(words) >= 2 else None


def values(rnd: random.Random) -> list[Callable[[], str]]:
    def hexed(digits: int) -> str:
        return f"{rnd.getrandbits(4 * digits):0{digits}x}"

    return [
        lambda: rnd.choice(WORDS),
        lambda: str(rnd.randrange(10 ** rnd.randrange(1, 7))),
        lambda: f"/var/lib/{rnd.choice(WORDS)}/{rnd.choice(WORDS)}.{rnd.choice(['db', 'json', 'log'])}",
        lambda: f"10.{rnd.randrange(256)}.{rnd.randrange(256)}.{rnd.randrange(256)}:{rnd.randrange(9999)}",
        lambda: "-".join(map(hexed, (8, 4, 4, 4, 12))),
        lambda: f"{rnd.choice(WORDS)}.example.com",
        lambda: f"<{rnd.choice(WORDS)} at 0x{hexed(10)}>",
        lambda: f"'{rnd.choice(WORDS)}'",
        lambda: f"{rnd.random() * 100:.3f}",
        lambda: f"{rnd.choice(WORDS)} {rnd.choice(WORDS)}",
        lambda: f"[Errno {rnd.randrange(120)}] Connection refused",
    ]


def holdout(half: str, seed: int, strings: Sequence[tuple[str, str]]) -> tuple[list[str], list[str], list[str]]:
    """Return raw lines, messages and labels made from one half of the format strings."""
    wanted = {"develop": 0, "report": 1}[half]
    level_of = {text: level for level, text in strings if zlib.crc32(text.encode()) % 2 == wanted}
    texts, rnd = sorted(level_of), random.Random(seed)
    rnd.shuffle(texts)
    made = values(rnd)
    slot_kind: dict[tuple[int, int], int] = {}

    def fill(index: int) -> str:
        slot = 0

        def one(match: re.Match[str]) -> str:
            nonlocal slot
            slot += 1
            letter = match[0][-1]
            if letter == "%":
                return "%"
            if letter in "dixg":
                return str(rnd.randrange(10 ** rnd.randrange(1, 6)))
            if letter == "f":
                return f"{rnd.random() * 1000:.2f}"
            shares = (4, 4, 2, 2, 2, 1, 1, 2, 1, 0.5, 0.5)
            return made[slot_kind.setdefault((index, slot), rnd.choices(range(len(made)), shares)[0])]()

        return re.sub(r"%[-+.\d]*[sdrifxg%]", one, texts[index])

    weights = [1 / (rank + 1) ** 1.1 for rank in range(len(texts))]
    picks = rnd.choices(range(len(texts)), weights, k=LINES)
    messages = [fill(index) for index in picks]
    component = [rnd.choice(["app.core", "net.http", "store.kv", "auth"]) for _ in texts]
    raw = [
        f"2024-12-03T{number // 3600000 % 24:02}:{number // 60000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}Z "
        f"{level_of[texts[index]]} [Thread-{rnd.randrange(40)}] {component[index]}: {message}"
        for number, (index, message) in enumerate(zip(picks, messages, strict=True))
    ]
    return raw, messages, [texts[index] for index in picks]


def measure(name: str, truth: Sequence[str], run: Callable[[], list[str]], out: Table) -> None:
    start = time.perf_counter()
    found = run()
    out[name].append(scores(truth, found))
    print(
        f"    {name:28} GA {out[name][-1][0]:.3f}  FGA {out[name][-1][1]:.3f}  {time.perf_counter() - start:.1f} s",
        flush=True,
    )


def on_loghub(data: Path, *, with_peers: bool) -> dict[str, object]:
    """Measure on the loghub samples."""
    table: Table = defaultdict(list)
    for name in SETS:
        raw, labels = loghub(data, name)
        print(name)
        measure("ours, raw", labels, partial(ours, raw), table)
        for peer in ("drain3", "drain3-masked") if with_peers else ():
            measure(f"{peer}, raw", labels, partial(peers.groups_of, peer, raw), table)
    return means(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=("develop", "report"), default="report")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-loghub", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if not arguments.no_peers:
        peers.install()
    result: dict[str, object] = {}
    if not arguments.no_loghub:
        result["loghub (developed on)"] = on_loghub(arguments.data, with_peers=not arguments.no_peers)
    strings = sorted(set(format_strings()))
    table: Table = defaultdict(list)
    for seed in range(arguments.seeds):
        raw, messages, labels = holdout(arguments.half, seed, strings)
        print(f"hold-out {arguments.half}, seed {seed}: {len(set(labels))} format strings; {raw[5][:140]}")
        measure("ours, raw", labels, partial(ours, raw), table)
        if not arguments.no_peers:
            for peer in ("drain3", "drain3-masked"):
                measure(f"{peer}, raw", labels, partial(peers.groups_of, peer, raw), table)
            for peer in ("drain3", "drain", "brain"):
                measure(f"{peer}, message", labels, partial(peers.groups_of, peer, messages), table)
    levels = Counter(level for level, _ in strings)
    result[f"hold-out, {arguments.half} half"] = means(table) | {"format strings": sum(levels.values())}
    print(json.dumps(result, indent=1))
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def means(table: Table) -> dict[str, object]:
    return {
        name: {
            "GA": round(sum(ga for ga, _ in rows) / len(rows), 3),
            "FGA": round(sum(fga for _, fga in rows) / len(rows), 3),
        }
        for name, rows in table.items()
    }


if __name__ == "__main__":
    main()
