"""`afteraction logs`: patterns of log files, and the few lines of them that explain most."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from afteraction.evidence.logs import Counted, Survey
    from afteraction.formats.secrets import Masker
    from afteraction.model.reading import RawInput

FILES = click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
DASK = click.option("--dask", metavar="ADDRESS", help="Count on the Dask cluster whose scheduler is at ADDRESS.")
TIMEZONE = click.option(
    "--timezone", metavar="ZONE", default="UTC", show_default=True, help="Zone of stamps without one."
)


@click.group()
def logs() -> None:
    """Patterns and excerpts of log files, packed ones too."""


@logs.command()
@FILES
@click.option("--assign", "with_lines", is_flag=True, help="Also print the pattern of every line.")
@DASK
@TIMEZONE
@AS_JSON
def patterns(*, files: tuple[Path, ...], with_lines: bool, dask: str | None, timezone: str, as_json: bool) -> None:
    """Group the lines of FILE... into patterns and count them."""
    from afteraction.assembly import load_settings, new_masker
    from afteraction.evidence.logs import assign, survey

    masker = new_masker(load_settings())
    found = survey(_counted(files, timezone, dask))
    if as_json:
        out: dict[str, Any] = {"patterns": [_pattern(found, index, masker) for index in range(len(found.patterns))]}
        if with_lines:
            out["assignments"] = list(assign(found))
        click.echo(json.dumps(out, ensure_ascii=False))
        return
    for pattern in sorted(found.patterns, key=lambda pattern: -pattern.count):
        click.echo(f"{pattern.count:>9}  {pattern.id:<6} {masker.mask(pattern.template)}")
    if with_lines:
        for name in assign(found):
            click.echo(name)


@logs.command()
@FILES
@click.option(
    "--baseline",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A log of normal times to compare with; may be given several times.",
)
@click.option(
    "--lines", metavar="N", type=click.IntRange(min=1), default=40, show_default=True, help="Show at most N lines."
)
@DASK
@TIMEZONE
@AS_JSON
def excerpts(
    *, files: tuple[Path, ...], baseline: tuple[Path, ...], lines: int, dask: str | None, timezone: str, as_json: bool
) -> None:
    """Show the few lines of FILE... that explain most, best first."""
    from afteraction.assembly import load_settings, new_masker
    from afteraction.evidence.logs import compare_counted, excerpts_of, survey

    masker = new_masker(load_settings())
    counted = _counted(files, timezone, dask)
    found = compare_counted(survey([*counted, *_counted(baseline, timezone, dask)]), incident=len(counted))
    chosen = excerpts_of(found, lines=lines)
    if as_json:
        shown = [
            {
                "file": masker.mask(one.file),
                "line_start": one.line_start,
                "line_end": one.line_end,
                "score": one.score,
                "why": one.why,
            }
            for one in chosen
        ]
        click.echo(json.dumps({"excerpts": shown}, ensure_ascii=False))
        return
    for one in chosen:
        click.echo(f"{masker.mask(one.file)}:{one.line_start}-{one.line_end}  {one.why}")
        for text in one.text:
            click.echo(f"    {_printable(masker.mask(text))}")
    if not chosen:
        click.echo("no line stands out", err=True)


def _counted(paths: tuple[Path, ...], timezone: str, dask: str | None) -> list[Counted]:
    """Count every file under the paths, here or on a cluster; what cannot be read is said on stderr."""
    from afteraction.cli.cluster import cluster, count_on
    from afteraction.evidence.logs import count_file
    from afteraction.formats.as_utf8 import as_utf8

    files = (_log_file(as_utf8(raw), timezone) for raw in _inputs(paths))
    if dask is None:
        return [count_file(file, timed=False) for file in files]  # one by one: a fault in a packed file follows it
    with cluster(dask) as client:
        return count_on(client, list(files))


def _inputs(paths: tuple[Path, ...]) -> Iterator[RawInput]:
    from afteraction.fetch.folder import gather
    from afteraction.model.reading import Problem

    for path in paths:  # one by one: two equal files are both asked for
        for found in gather([path]):
            if isinstance(found, Problem):
                click.echo(str(found), err=True)
            else:
                yield found


def _log_file(raw: RawInput, timezone: str) -> Any:
    from afteraction.model.log import LogFile, LogShape

    year = raw.modified.year if raw.modified else None
    return LogFile(name=raw.name, open=raw.open, shape=LogShape.PLAIN, size=raw.size, zone=timezone, year_hint=year)


def _pattern(found: Survey, index: int, masker: Masker) -> dict[str, Any]:
    pattern = found.patterns[index]
    return {
        "id": pattern.id,
        "template": masker.mask(pattern.template),
        "count": pattern.count,
        "first_line": pattern.first_line,
        "last_line": pattern.last_line,
        "file": masker.mask(pattern.file),
        "severity": pattern.severity.name.lower(),
    }


def _printable(text: str) -> str:
    """Return text that cannot play tricks with the terminal."""
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)
