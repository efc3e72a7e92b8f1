"""What `afteraction check` says on real post-mortems: how often each rule speaks, on how many files, how often a reader agrees.

Each remark was read beside its page by one person and judged: would the author thank us for it? The judgements are in
bench/labels/check_post_mortems.json, by file, rule and a hash of the line's text, so that a remark that is new or has
moved to another line counts as unjudged. The rules on language were tuned on the files of all six organisations in an
earlier session. The rules for other outlines were tuned on three of them (TUNED); the other three are reported apart, and
no rule was changed for what it says there, though their remarks were seen while the rules were written.
`--page` writes the table into docs/measurements/checks.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from afteraction.assembly import check_pages
from afteraction.checks import RULES, Remark
from afteraction.model.settings import Settings

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "measurements" / "checks.md"
RESULT = HERE / "results" / "check_post_mortems.json"
TUNED = {"chia", "mybinder", "prow"}
MARK = "<!-- made by bench/check_post_mortems.py --page -->"
NO_POST_MORTEMS = ("readme", "index", "template")
"""Pages beside the post-mortems: lists and empty forms."""


def pages(folder: Path) -> list[tuple[str, str]]:
    found = sorted(file for file in folder.rglob("*.md*") if not file.stem.lower().startswith(NO_POST_MORTEMS))
    return [(file.relative_to(folder).as_posix(), file.read_text("utf-8-sig", "replace")) for file in found]


def key_of(remark: Remark, text: str) -> str:
    line = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[remark.line - 1]
    return f"{remark.file}|{remark.rule}|{hashlib.sha256(line.encode()).hexdigest()[:10]}"


def figures(remarks: list[tuple[Remark, str | None]]) -> dict[str, dict[str, int]]:
    """Return remarks, files and judgements for each rule that spoke."""
    found: dict[str, list[tuple[Remark, str | None]]] = defaultdict(list)
    for remark, verdict in remarks:
        found[remark.rule].append((remark, verdict))
    return {
        rule: {
            "remarks": len(said),
            "files": len({remark.file for remark, _ in said}),
            **{word: sum(verdict == word for _, verdict in said) for word in ("agree", "partly", "disagree")},
            "unjudged": sum(verdict is None for _, verdict in said),
        }
        for rule, said in sorted(found.items())
    }


def table(result: dict[str, Any]) -> str:
    """Render the tables of the docs page."""
    titles = {rule.id: rule.title for rule in RULES}
    lines = [MARK, ""]
    for name, group in result["groups"].items():
        lines += [f"## {name}: {group['files']} files of {', '.join(group['organisations'])}", ""]
        lines += [
            "| rule | remarks | files | agreed | partly | not | unjudged |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for rule, said in group["rules"].items():
            lines.append(
                f"| {rule} {titles[rule]} | {said['remarks']} | {said['files']} | {said['agree']} | {said['partly']} | {said['disagree']} | {said['unjudged']} |"
            )
        total = {
            word: sum(said[word] for said in group["rules"].values())
            for word in ("remarks", "agree", "partly", "disagree", "unjudged")
        }
        lines += [
            f"| all | {total['remarks']} | {group['files_with_remarks']} | {total['agree']} | {total['partly']} | {total['disagree']} | {total['unjudged']} |",
            "",
        ]
    lines += [f"Rules that said nothing on any file: {', '.join(result['silent'])}.", ""]
    return "\n".join(lines)


def measured(data: Path) -> tuple[dict[str, Any], list[tuple[Remark, str, str]]]:
    """Return the figures and the remarks that nobody has judged yet, with their keys and lines."""
    labels = json.loads((HERE / "labels" / "check_post_mortems.json").read_text(encoding="utf-8"))["judgements"]
    documents = pages(data / "post-mortems")
    texts = dict(documents)
    remarks = check_pages(documents, settings=Settings())
    keyed = [(remark, key_of(remark, texts[remark.file])) for remark in remarks]
    groups: dict[str, Any] = {}
    for name, chosen in (("Tuned on", True), ("Reported on", False)):
        own = {file for file in texts if (file.partition("/")[0] in TUNED) is chosen}
        said = [(remark, labels.get(key, {}).get("verdict")) for remark, key in keyed if remark.file in own]
        groups[name] = {
            "organisations": sorted({file.partition("/")[0] for file in own}),
            "files": len(own),
            "files_with_remarks": len({remark.file for remark, _ in said}),
            "rules": figures(said),
        }
    spoke = {remark.rule for remark in remarks}
    result = {
        "data": "post-mortems",
        "files": len(documents),
        "remarks": len(remarks),
        "groups": groups,
        "silent": [rule.id for rule in RULES if rule.id not in spoke],
        "stale_labels": sorted(set(labels) - {key for _, key in keyed}),
    }
    lines = [
        (remark, key, texts[remark.file].splitlines()[remark.line - 1] if texts[remark.file] else "")
        for remark, key in keyed
        if key not in labels
    ]
    return result, lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--page", action="store_true", help="write the tables into docs/measurements/checks.md")
    arguments = parser.parse_args()
    if not (arguments.data / "post-mortems").is_dir():
        parser.error(f"there is no folder {arguments.data / 'post-mortems'}; name the data with --data")
    result, unjudged = measured(arguments.data)
    for remark, key, line in unjudged:
        print(f"unjudged {key}\n   {remark.line}: {remark.message}\n   | {line[:200]}")
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(table(result))
    if arguments.page:
        head = PAGE.read_text(encoding="utf-8").split(MARK)[0]
        PAGE.write_text(head + table(result), encoding="utf-8")


if __name__ == "__main__":
    main()
