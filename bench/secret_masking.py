"""Masking of secrets: recall and false masks on the fixtures of well-known detectors, masks on clean text, MB/s; beside a peer.

    python bench/secret_masking.py --corpus FOLDER   # FOLDER holds checkouts: gitleaks/, detect-secrets/, trufflehog/

The rules of each project are split by a hash of their name into two halves: `develop` was looked at while our rules were
written, `report` was only counted. A fixture is caught when every secret that it names is gone from the masked text, or,
when it names none, when anything was masked. Recall is given over rules (the mean of each rule's share, so that a rule
with forty spellings of one secret counts once) and over fixtures. False masks: of what gitleaks and detect-secrets call no
secret, how much was masked (trufflehog's negatives are left out: most hold a real-looking key that another detector is to
find). Clean text: post-mortems, source code of installed packages, log lines. The peer is detect-secrets with its
default plugins and filters, run on the same texts in the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from peers import PYTHON
from secret_fixtures import Fixture, detect_secrets, gitleaks, trufflehog

from afteraction.formats.secrets import Masker

HERE = Path(__file__).parent
RESULT = HERE / "results" / "secrets.json"
PAGE = HERE.parent / "docs" / "measurements" / "secrets.md"
MARK = "<!-- made by bench/secret_masking.py --page -->"
PACKAGES = ("click", "pydantic", "yaml", "markdown_it", "hypothesis")
CODE_BYTES = 4_000_000
PEER_BYTES = 1_000_000
HOSTILE = 1_000_000
SUFFIX = {"post-mortems": ".md", "source code": ".py", "log lines": ".log"}
FALSE_FROM = {"gitleaks", "detect-secrets"}

_PEER = """
import json, sys, tempfile, time
from pathlib import Path
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings
given = json.load(sys.stdin)
found = []
seconds = 0.0
with default_settings(), tempfile.TemporaryDirectory() as folder:
    for number, text in enumerate(given["texts"]):
        file = Path(folder, f"{number}{given['suffix']}")
        file.write_text(text, encoding="utf-8")
        start = time.process_time()
        found.append([s.secret_value or "" for s in scan_file(str(file))])
        seconds += time.process_time() - start
        file.unlink()
json.dump({"found": found, "seconds": seconds}, sys.stdout)
"""


def half(fixture: Fixture) -> str:
    return ("develop", "report")[hashlib.sha256(f"{fixture.source}/{fixture.rule}".encode()).digest()[0] % 2]


def peer(texts: list[str], suffix: str = ".txt") -> tuple[list[list[str]], float]:
    done = subprocess.run(
        [str(PYTHON), "-c", _PEER],
        input=json.dumps({"texts": texts, "suffix": suffix}),
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    read = json.loads(done.stdout)
    return read["found"], read["seconds"]


def ours(fixture: Fixture) -> bool:
    shown = Masker().mask(fixture.text)
    return all(value not in shown for value in fixture.values) if fixture.values else shown != fixture.text


def theirs(fixture: Fixture, found: list[str]) -> bool:
    if not fixture.values:
        return bool(found)
    return all(any(value in one or (len(one) > 7 and one in value) for one in found) for value in fixture.values)


def recall(fixtures: list[Fixture], caught: dict[Fixture, bool]) -> dict[str, Any]:
    """Return shares over rules and over fixtures of what is secret, and the share of false masks."""
    rules: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for fixture in fixtures:
        if fixture.secret:
            rules[fixture.source, fixture.rule].append(caught[fixture])
    said = [one for found in rules.values() for one in found]
    clean = [caught[fixture] for fixture in fixtures if not fixture.secret and fixture.source in FALSE_FROM]
    return {
        "rules": len(rules),
        "recall_rules": round(sum(sum(found) / len(found) for found in rules.values()) / max(1, len(rules)), 4),
        "fixtures": len(said),
        "recall_fixtures": round(sum(said) / max(1, len(said)), 4),
        "no_secrets": len(clean),
        "false": sum(clean),
    }


def clean_texts(data: Path) -> dict[str, list[str]]:
    """Return texts in which hardly anything is secret, by what they are."""
    posts = [file.read_text("utf-8", "replace") for file in sorted((data / "post-mortems").rglob("*.md*"))]
    logs = [file.read_text("utf-8", "replace") for file in sorted((data / "loghub-2k").rglob("*.log"))]
    site = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    code: list[str] = []
    for package in PACKAGES:
        code += [file.read_text("utf-8", "replace") for file in sorted((site / package).rglob("*.py"))]
    while sum(map(len, code)) > CODE_BYTES:
        code.pop()
    return {"post-mortems": posts, "source code": code, "log lines": logs}


def masks(texts: Iterable[str]) -> tuple[Counter[str], list[str]]:
    """Return how many masks of which kind, and the lines that they stand in."""
    masker, lines = Masker(), []
    for text in texts:
        shown = masker.mask(text)
        lines += [line for line in shown.split("\n") if "[masked:" in line]
    return Counter(dict(masker.counts())), lines


def speed(texts: list[str]) -> dict[str, float]:
    """Return MB/s of masking whole texts and of masking line by line, and the peer's, on ordinary log lines."""
    joined = "\n".join(texts)
    size = len(joined.encode()) / 1e6
    result = {"megabytes": round(size, 2)}
    for name, parts in (("whole", [joined]), ("line by line", joined.split("\n"))):
        best = float("inf")
        for _ in range(3):
            masker = Masker()
            start = time.process_time()
            for part in parts:
                masker.mask(part)
            best = min(best, time.process_time() - start)
        result[f"{name}, MB/s"] = round(size / best, 2)
    small = joined[:PEER_BYTES]
    _, seconds = peer([small])
    result["detect-secrets, MB/s"] = round(len(small) / 1e6 / seconds, 3)
    result["ratio to detect-secrets"] = round(result["whole, MB/s"] / result["detect-secrets, MB/s"], 1)
    return result


def hostile() -> dict[str, dict[str, float]]:
    """Return the seconds for lines of half a megabyte and a megabyte that are made to be slow; linear is about 2.

    Times below 50 ms are noise and count as 50 ms.
    """
    shapes = {
        "password=": "password=", "quotes": '"', "one letter": "a", "token: aaa": "token: " + "a" * 200, "colons": ":@", "urls": "http://a:b", "jwt": "eyJ.",
        "cookies": "cookie: a=b;", "armour": "-----BEGIN PRIVATE KEY-----", "kinds": "kind: Secret ", "curl": "curl -u a ", "bearer": "bearer ",
        "keys": "api_key: ", "escaped": '\\"password\\":\\"', "base64": "QUJD" * 19 + " ", "at signs": "a@b.", "digits": "4111 ", "cookies of curl": "curl -b a ", "elements": "<token>", "flags": "--api-key ", "names on lines": "token\n", "objects": '{"kind":"Secret","data":{"a":"b3VsZA=="}}\n', "settings": "password=hunter2x token=abcdef123456 ", "log-ins": "machine a login b ",
    }  # fmt: skip
    told = {}
    for name, unit in shapes.items():
        seconds = []
        for size in (HOSTILE // 2, HOSTILE):
            text = (unit * (size // len(unit) + 1))[:size]
            start = time.process_time()
            Masker().mask(text)
            seconds.append(time.process_time() - start)
        told[name] = {
            "seconds": round(seconds[1], 3),
            "growth": round(max(seconds[1], 0.05) / max(seconds[0], 0.025), 2),
        }
    return told


def fixtures_of(corpus: Path) -> tuple[list[Fixture], dict[str, int]]:
    leaks, empty = gitleaks(corpus / "gitleaks")
    hogs, silent = trufflehog(corpus / "trufflehog")
    yelp, skipped = detect_secrets(corpus / "detect-secrets", PYTHON)
    left_out = {"gitleaks rules": empty, "trufflehog files": silent, "detect-secrets tests": skipped}
    return list(dict.fromkeys([*leaks, *hogs, *yelp])), left_out


def show(fixtures: list[Fixture], caught: dict[Fixture, bool], which: str) -> None:
    """Print what is missed or falsely masked in the half that rules are developed on."""
    for fixture in fixtures:
        if half(fixture) != "develop":
            continue
        if which == "missed" and fixture.secret and not caught[fixture]:
            print(fixture.source, fixture.rule, repr(fixture.text[:300]), fixture.values)
        if which == "false" and not fixture.secret and fixture.source in FALSE_FROM and caught[fixture]:
            print(fixture.source, fixture.rule, repr(Masker().mask(fixture.text)[:300]))


def tables(result: dict[str, Any]) -> str:
    """Render the tables of the docs page."""
    lines = [
        MARK,
        "",
        "| half | fixtures of | rules | caught, mean over rules | caught, of all fixtures | detect-secrets: over rules | of all |",
    ]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for half_name, sources in result["fixtures"].items():
        for source, said in sources.items():
            ours_, theirs_ = said["afteraction"], said["detect-secrets"]
            lines.append(
                f"| {half_name} | {source} | {ours_['rules']} | {ours_['recall_rules']:.1%} | {ours_['recall_fixtures']:.1%} of {ours_['fixtures']} | "
                f"{theirs_['recall_rules']:.1%} | {theirs_['recall_fixtures']:.1%} |"
            )
    lines += [
        "",
        "| what both projects call no secret | texts | masked | detect-secrets |",
        "| --- | ---: | ---: | ---: |",
    ]
    for half_name, sources in result["fixtures"].items():
        said = sources["all"]
        lines.append(
            f"| {half_name} | {said['afteraction']['no_secrets']} | {said['afteraction']['false']} | {said['detect-secrets']['false']} |"
        )
    lines += ["", "| clean text | MB | masks | per MB | detect-secrets per MB |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, said in result["clean"].items():
        lines.append(
            f"| {name} | {said['megabytes']} | {said['masks']} | {said['masks_per_megabyte']} | {said['detect-secrets_per_megabyte']} |"
        )
    speeds, slow = result["speed"], result["hostile lines of 1 MB"]
    worst = max(slow, key=lambda name: slow[name]["seconds"])
    growth = [said["growth"] for said in slow.values()]
    fast = (
        f"Speed in CPU time on {speeds['megabytes']} MB of ordinary log lines: {speeds['whole, MB/s']} MB/s in one text, "
        f"{speeds['line by line, MB/s']} MB/s line by line; detect-secrets {speeds['detect-secrets, MB/s']} MB/s in the same run."
    )
    linear = (
        f"Hostile texts of 1 MB, most of one line, {len(slow)} kinds: the slowest ({worst}) takes {slow[worst]['seconds']} s. Twice the length takes "
        f"{min(growth)} to {max(growth)} times as long."
    )
    lines += ["", fast, "", linear, ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--page", action="store_true", help="write the tables into docs/measurements/secrets.md")
    parser.add_argument("--show", choices=["missed", "false", "clean"], help="print these of the develop half and stop")
    arguments = parser.parse_args()
    fixtures, left_out = fixtures_of(arguments.corpus)
    caught = {fixture: ours(fixture) for fixture in fixtures}
    clean = clean_texts(arguments.data)
    if arguments.show in {"missed", "false"}:
        show(fixtures, caught, arguments.show)
        return
    masked = {name: masks(texts) for name, texts in clean.items()}
    if arguments.show:
        for name, (_, lines) in masked.items():
            print(*(f"{name}: {line.strip()[:240]}" for line in lines), sep="\n")
        return
    found, _ = peer([fixture.text for fixture in fixtures])
    beside = {fixture: theirs(fixture, one) for fixture, one in zip(fixtures, found, strict=True)}
    result: dict[str, Any] = {"left_out": left_out, "fixtures": {}, "clean": {}}
    for name in ("develop", "report"):
        own = [fixture for fixture in fixtures if half(fixture) == name]
        result["fixtures"][name] = {
            source: {"afteraction": recall(chosen, caught), "detect-secrets": recall(chosen, beside)}
            for source in ("gitleaks", "trufflehog", "detect-secrets", "all")
            if (chosen := [f for f in own if source in {f.source, "all"}])
        }
    for name, texts in clean.items():
        size = sum(len(text.encode()) for text in texts)
        flagged = sum(len(one) for one in peer(texts, SUFFIX[name])[0])
        result["clean"][name] = {
            "megabytes": round(size / 1e6, 2),
            "masks": sum(masked[name][0].values()),
            "masks_per_megabyte": round(sum(masked[name][0].values()) / size * 1e6, 2),
            "kinds": dict(masked[name][0].most_common()),
            "detect-secrets_per_megabyte": round(flagged / size * 1e6, 2),
        }
    result["speed"] = speed(clean["log lines"])
    result["hostile lines of 1 MB"] = hostile()
    print(json.dumps(result, indent=1))
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if arguments.page:
        PAGE.write_text(PAGE.read_text(encoding="utf-8").split(MARK)[0] + tables(result), encoding="utf-8")


if __name__ == "__main__":
    main()
