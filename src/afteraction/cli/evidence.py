"""`afteraction evidence`: what may have caused an incident, ranked, with the lines that say so."""

from __future__ import annotations

import json
from pathlib import Path

import click

from afteraction.cli.progress import end_progress, show_progress


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--baseline",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Material of a normal stretch to compare with; may be given several times.",
)
@click.option(
    "--window",
    metavar="FROM..TO",
    help="The stretch of the incident, as two times, such as 2025-10-15T14:00Z..2025-10-15T15:30Z.",
)
@click.option(
    "--timezone", metavar="ZONE", help="Read stamps without a zone in this zone, and show times in it. [default: UTC]"
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print verdict, suspects, findings and sources as one JSON object."
)
def evidence(
    *, paths: tuple[Path, ...], baseline: tuple[Path, ...], window: str | None, timezone: str | None, as_json: bool
) -> None:
    """Rank what may have caused what is seen under PATH..., for people to judge."""
    from afteraction.assembly import load_settings, new_masker, read_paths
    from afteraction.cli import shapes
    from afteraction.cli.report import material_report
    from afteraction.cli.verdict import verdict_text
    from afteraction.export.investigation_json import investigation
    from afteraction.usecases.gather_evidence import gather_evidence, parse_window

    settings = load_settings(timezone=timezone)
    masker = new_masker(settings)
    stretch = parse_window(window, settings.timezone) if window else None
    material = read_paths(list(paths), settings=settings, masker=masker, progress=show_progress)
    normal = read_paths(list(baseline), settings=settings, masker=masker, progress=show_progress) if baseline else None
    found = gather_evidence(material, window=stretch, baseline=normal, masker=masker, progress=show_progress)
    end_progress()
    if as_json:
        listed = {**investigation(found), "sources": [shapes.source(report) for report in material.files]}
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        click.echo(verdict_text(found, settings.timezone), nl=False)
    for line in material_report(material):
        click.echo(line, err=True)
