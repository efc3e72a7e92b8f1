"""The engine's answer beside the expected one, for each recorded Kubernetes investigation, to be read and judged.

Only what a tool recorded is given to the engine: text and JSON outputs, as `afteraction evidence FILE...` reads them. The
manifests that set a case up, the runbooks and the expected answers are not. The judgement (right, partly, wrong, silent)
was made by reading both, stands in `results/kubernetes_cases.json` beside the answer that it was made on, and a judgement
whose answer has changed since is marked stale. All cases were used for development.

    python bench/kubernetes_cases.py [--data ../shared/data] [--only NAME,...] [--table FILE]
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from afteraction.assembly import load_settings, new_masker, read_paths
from afteraction.evidence.investigate import investigate
from afteraction.model.finding import Investigation

RESULTS = Path(__file__).parent / "results" / "kubernetes_cases.json"
NOT_RECORDED = {"requirements.txt", "package.json"}
SHOWN_SUSPECTS, SHOWN_FINDINGS = 3, 4
VERDICTS = ("right", "partly", "wrong", "silent")


def recorded(folder: Path) -> list[Path]:
    """What a tool returned in a case: its text and JSON files."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in {".txt", ".json"} and path.name not in NOT_RECORDED
    )


def cases(data: Path, only: list[str]) -> list[Path]:
    folders = sorted(path for path in (data / "kubernetes-cases").iterdir() if path.is_dir())
    kept = [path for path in folders if recorded(path) or (path / "conversation_history").is_dir()]
    return [path for path in kept if not only or any(path.name.startswith(one) for one in only)]


def question(folder: Path) -> tuple[str, str]:
    """The question of a case, and what a right answer must say."""
    text = re.sub(r"(?m)^(\s*)- \*\*", r"\1- **", (folder / "test_case.yaml").read_text(encoding="utf-8"))
    case: dict[str, Any] = yaml.safe_load(text)
    asked, expected = case.get("user_prompt", ""), case.get("expected_output", "")
    first = asked[0] if isinstance(asked, list) else asked
    said = "; ".join(map(str, expected)) if isinstance(expected, list) else str(expected)
    return " ".join(str(first).split()), " ".join(said.split())


def _when(at: datetime | None) -> str:
    return f" (seen {at:%Y-%m-%d %H:%M:%S} UTC)" if at is not None else ""


def answer(found: Investigation) -> dict[str, Any]:
    """The part of the engine's answer that a person reads first."""
    return {
        "verdict": found.verdict.value,
        "suspects": [
            f"{one.ref} {one.score:.2f} {one.cause_class}: {one.why}{_when(one.at)}"
            for one in found.suspects[:SHOWN_SUSPECTS]
        ],
        "findings": [
            f"{one.rule or one.kind}: {one.summary} ({one.citations[0] if one.citations else 'nowhere'}){_when(one.at)}"
            for one in found.findings[:SHOWN_FINDINGS]
        ],
    }


def fingerprint(given: dict[str, Any]) -> list[str]:
    """What a judgement rests on: whom the engine suspects of what, without scores and wording."""
    return [given["verdict"], *(re.sub(r" \d\.\d\d", "", one.partition(":")[0]) for one in given["suspects"])]


def run(folder: Path) -> dict[str, Any]:
    paths = recorded(folder)
    if not paths:
        return {"verdict": "inconclusive", "suspects": [], "findings": []}
    material = read_paths(paths, settings=load_settings(), masker=new_masker(), progress=lambda _: None)
    return answer(investigate(material))


def table(records: dict[str, Any]) -> str:
    """The docs page: figures, what a snapshot cannot answer and why, and every case."""
    judged = [one for one in records.values() if one.get("judgement") in VERDICTS]
    answerable = [one for one in judged if one["snapshot"]]
    counts, inside = Counter(one["judgement"] for one in judged), Counter(one["judgement"] for one in answerable)
    lines = [
        "# Kubernetes investigations, read by hand",
        "",
        "Made by `python bench/kubernetes_cases.py --table docs/measurements/kubernetes-cases.md` from",
        "`bench/results/kubernetes_cases.json`. These are development data: the rules were written with these cases at hand.",
        "The engine saw only what a tool had recorded, never the manifests, runbooks or expected answers. Both answers were read",
        "side by side and judged by the author of the rules: *right* says what the expected answer must say, *partly* a part of it, *wrong* accuses",
        "something else, *silent* says nothing of it. The cases are copyright 2025 Robusta Dev LTD, Apache-2.0.",
        "",
        "| cases | n | right | partly | wrong | silent |",
        "| --- | --- | --- | --- | --- | --- |",
        _row("all", judged, counts),
        _row("that the recorded state of the cluster can answer", answerable, inside),
        "",
        "A case counts as answerable when a person could answer its question from the recorded state of the cluster and the",
        "logs of its failing containers. The others ask for a count, a command, a graph or a tool, ask about lines of a log or",
        "a trace, or lack the output that would answer them; the last column says which.",
        "",
        "| case | asked | the engine's first suspect | judged | answerable, or why not; why so judged |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, one in records.items():
        suspect = one["answer"]["suspects"][0] if one["answer"]["suspects"] else "-"
        cells = (name, one["question"][:110], suspect[:170], one.get("judgement", "-"), one.get("because", ""))
        lines.append(
            "| " + " | ".join(re.sub(r"\s+", " ", cell).replace("|", "/").replace("<", "&lt;") for cell in cells) + " |"
        )
    return "\n".join(lines) + "\n"


def _row(label: str, judged: list[Any], counts: Counter[str]) -> str:
    return f"| {label} | {len(judged)} | " + " | ".join(str(counts[one]) for one in VERDICTS) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", default="")
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    known: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))["cases"] if RESULTS.exists() else {}
    only = [one for one in options.only.split(",") if one]
    records: dict[str, Any] = {}
    for folder in cases(options.data, only):
        asked, expected = question(folder)
        given = run(folder)
        before = known.get(folder.name, {})
        stale = "judged_on" in before and before["judged_on"] != fingerprint(given)
        records[folder.name] = {**before, "question": asked, "expected": expected, "answer": given, "stale": stale}
        print(f"== {folder.name}\n   asked     {asked}\n   expected  {expected}\n   verdict   {given['verdict']}")
        for part in ("suspects", "findings"):
            for line in given[part]:
                print(f"   {part[:-1]:<9} {line}")
        print(
            f"   judged    {before.get('judgement', 'not yet')}{' (stale: the answer has changed)' if stale else ''}\n"
        )
    if not only:
        counts = Counter(one.get("judgement", "not yet") for one in records.values())
        inside = Counter(one.get("judgement", "not yet") for one in records.values() if one.get("snapshot"))
        RESULTS.write_text(
            json.dumps(
                {"data": "kubernetes-cases (development data)", "all": counts, "answerable": inside, "cases": records},
                indent=1,
                ensure_ascii=False,
            )
            + "\n",
            encoding="utf-8",
        )
        print(f"all {dict(counts)}\nanswerable by the recorded state {dict(inside)}")
        if options.table:
            options.table.write_text(table(records), encoding="utf-8")


if __name__ == "__main__":
    main()
