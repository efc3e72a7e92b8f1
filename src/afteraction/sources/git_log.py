"""Output of `git log`: commits become changes, with author, time, message, files and diff as far as they were printed.

Read are the formats medium, full, fuller, raw and one line a commit, email headers left aside, with `--stat`, `--name-only`, `--name-status`,
`--numstat`, `-p` and `--graph`, and every date format that names a time. Where both times stand the commit's counts,
since a rebased commit arrives then. A commit without a readable time becomes a problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from afteraction.formats.git_dates import git_date, is_oneline_log, oneline_commit
from afteraction.formats.json_documents import decode_text
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.stamps import Stamp
from afteraction.model.event import Actor, ActorKind, Change, ChangeKind, Event, EventKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_COMMIT = re.compile(
    r"^(?P<graph>[|/\\ ]*\*[|/\\ ]+)?commit (?P<sha>[0-9a-f]{7,64})(?P<refs> \([^)]*\)| [0-9a-f ]+)?\s*$"
)
_HEADER = re.compile(r"^(?P<key>Author|AuthorDate|Date|Commit|CommitDate|Merge|TaggerDate):\s+(?P<value>.*)$")
_STAT = re.compile(r"^ (?P<path>\S.*?)\s+\|\s+(?:\d+|Bin|Unmerged)")
_STATUS = re.compile(r"^(?:[ACDMRTUXB]\d{0,3}|\d+|-)\t(?:(?:\d+|-)\t)?(?P<path>[^\t]+)(?:\t(?P<new>.+))?$")
_DIFF = re.compile(r"^diff --(?:git a/(?P<old>.+) b/(?P<new>.+)|cc (?P<both>.+)|combined (?P<combined>.+))$")
_REVERT = re.compile(r"^revert\b|this reverts commit", re.IGNORECASE)
_RAW = re.compile(r"^(?P<key>author|committer) (?P<name>[^<>]*)<[^<>]*> (?P<date>\d{9,11} [+-]\d{4})$")
"""The headers of `--format=raw`."""


@dataclass(slots=True)
class _Commit:
    """One commit while it is read."""

    sha: str
    line: int
    end: int
    indent: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    message: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    diff: list[str] = field(default_factory=list)


class GitLog:
    """The source."""

    name = "git-log"
    summary = "Output of git log (any date format, with --stat, --name-only or -p): commits as changes."

    def claims(self, raw: RawInput) -> bool:
        """Claim texts that begin with a commit and its author, or with short commits one a line."""
        lines = [line for line in decode_text(raw.head).splitlines() if line.strip()]
        if not lines:
            return False
        if _COMMIT.match(lines[0]):
            return any(line.lstrip("|* ").startswith(("Author:", "Merge:", "tree ")) for line in lines[1:4])
        return is_oneline_log(raw.head)

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all commits."""
        problems = ProblemList(raw.name)
        lines = decode_text(raw.read()).split("\n")
        events: list[Event] = []
        if is_oneline_log(raw.head):
            return self._oneline(raw.name, lines, context)
        for commit in _commits(lines):
            stamp = _time(commit, context)
            if stamp is None:
                problems.add(
                    "the commit has no readable time", line=commit.line, remedy="print it with --date=iso-strict"
                )
            else:
                events.append(_event(commit, stamp, raw.name, self.name))
        return Reading(events=tuple(events), problems=problems.close(), lines=len(lines) - (lines[-1] == ""))

    def _oneline(self, file: str, lines: list[str], context: Context) -> Reading:
        """Read one line a commit; most such logs tell no times, which is one problem for all of them."""
        problems = ProblemList(file)
        events: list[Event] = []
        untimed = 0
        for number, line in enumerate(lines, 1):
            parts = oneline_commit(line)
            if parts is None:
                if line.strip():
                    problems.add("the line is no commit", line=number)
                continue
            if parts.title.startswith("checkout: moving "):
                continue  # a reflog's line about the working copy changed nothing
            stamp = git_date(parts.date, zone=context.zone, year_hint=context.year_hint)
            if stamp is None:
                untimed += 1
                continue
            commit = _Commit(sha=parts.sha, line=number, end=number, message=[parts.title])
            if parts.author:
                commit.headers["Author"] = parts.author
            events.append(_event(commit, stamp, file, self.name))
        if untimed:
            reason = "one line a commit tells no times" if not events else f"{untimed} commits tell no time"
            problems.add(reason, line=1, remedy="use git log without --oneline, or print %cI in its format")
        return Reading(events=tuple(events), problems=problems.close(), lines=len(lines) - (lines[-1] == ""))


def _commits(lines: list[str]) -> Iterator[_Commit]:
    current: _Commit | None = None
    for number, full in enumerate(lines, 1):
        line = full.rstrip("\r")
        found = _COMMIT.match(line)
        if found:
            if current:
                yield current
            current = _Commit(sha=found["sha"], line=number, end=number, indent=len(found["graph"] or ""))
        elif current:
            _add(current, re.sub(r"^[|/\\*_ ]+", _cut(current.indent), line, count=1) if current.indent else line)
            if line.strip():
                current.end = number
    if current:
        yield current


def _cut(width: int) -> Callable[[re.Match[str]], str]:
    """Return what cuts the lines of a drawn graph off: at most as many characters as stood before the commit."""
    return lambda drawn: drawn[0][width:]


def _add(commit: _Commit, line: str) -> None:
    """Put a line where it belongs: headers, then the indented message, then files, then the diff."""
    if found := _DIFF.match(line):
        commit.diff.append(line)
        commit.files.append(found["new"] or found["both"] or found["combined"] or "")
    elif commit.diff:
        commit.diff.append(line)
    elif not commit.message and (headers := _headers(line)):
        commit.headers.update(headers)
    elif line.startswith("    "):
        commit.message.append(line[4:])
    elif not line.strip():
        if commit.message and not commit.files:
            commit.message.append("")
    elif found := _STAT.match(line):
        commit.files.append(_renamed(found["path"].strip()))
    elif found := _STATUS.match(line):
        commit.files.append(_renamed(found["new"] or found["path"]))
    elif commit.message and not re.match(r" \d+ files? changed", line):
        commit.files.append(line.strip())


def _headers(line: str) -> dict[str, str]:
    """Return what a line above the message says, in the words of `--format=fuller`; nothing for other lines."""
    if found := _HEADER.match(line):
        return {found["key"]: found["value"].strip()}
    if found := _RAW.match(line):
        keys = ("Author", "AuthorDate") if found["key"] == "author" else ("Commit", "CommitDate")
        return dict(zip(keys, (found["name"].strip(), found["date"]), strict=True))
    return {}


def _renamed(path: str) -> str:
    """Return the new path of `src/{old => new}/file` and `old => new`."""
    path = re.sub(r"\{[^{}]*? => ([^{}]*?)\}", r"\1", path).replace("//", "/")
    return path.rpartition(" => ")[2]


def _time(commit: _Commit, context: Context) -> Stamp | None:
    for key in ("CommitDate", "Date", "AuthorDate"):
        text = commit.headers.get(key, "")
        if stamp := git_date(text, zone=context.zone, year_hint=context.year_hint):
            return stamp
    return None


def _event(commit: _Commit, stamp: Stamp, file: str, source: str) -> Event:
    message = "\n".join(commit.message).strip()
    title = message.split("\n", 1)[0] or f"commit {commit.sha[:12]}"
    author = re.sub(r"\s*<[^<>]*>\s*$", "", commit.headers.get("Author", ""))
    change = Change(
        kind=ChangeKind.ROLLBACK if _REVERT.search(message) else ChangeKind.COMMIT,
        ref=commit.sha,
        title=title,
        files=tuple(dict.fromkeys(path for path in commit.files if path)),
        diff="\n".join(commit.diff).rstrip("\n"),
    )
    return Event(
        at=stamp.at,
        precision=stamp.precision,
        zone=stamp.zone,
        kind=EventKind.CHANGE,
        text=message or title,
        source=source,
        origin=Origin(file=file, line=commit.line, line_end=commit.end),
        actor=Actor(name=author, kind=ActorKind.UNKNOWN) if author else None,
        detail=change,
    )
