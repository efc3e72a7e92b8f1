"""`afteraction draft`: a folder of raw material becomes a post-mortem."""

from __future__ import annotations

from pathlib import Path

import click

from afteraction.cli.progress import end_progress, show_progress


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the document here instead of to stdout.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything that was found as one JSON object.")
@click.option(
    "--no-save",
    is_flag=True,
    help="Do not save to the record. (This version keeps no record yet; the option is accepted so that scripts stay valid.)",
)
@click.option(
    "--timezone", metavar="ZONE", help="Show times in this zone, and read stamps without a zone in it. [default: UTC]"
)
def draft(*, paths: tuple[Path, ...], output: Path | None, as_json: bool, no_save: bool, timezone: str | None) -> None:
    """Draft a post-mortem from all that lies under PATH...: files, folders, archives.

    The document goes to stdout, a report of what was read, masked and left open to stderr.
    """
    del no_save
    from afteraction.assembly import load_settings, new_masker, read_paths
    from afteraction.usecases.draft import draft_incident

    settings = load_settings(timezone=timezone)
    masker = new_masker()
    material = read_paths(list(paths), settings=settings, masker=masker, progress=show_progress)
    result = draft_incident(material, settings=settings, masker=masker, progress=show_progress)
    end_progress()
    if as_json:
        import json

        from afteraction.cli.shapes import drafted

        text = json.dumps(drafted(result), indent=2, ensure_ascii=False) + "\n"
    else:
        text = result.document
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    _report(result, output)


def _report(result: object, output: Path | None) -> None:
    """Tell on stderr what was read, what was not, what was masked, and what to do next."""
    from afteraction.cli.report import draft_report
    from afteraction.usecases.draft import Drafted

    assert isinstance(result, Drafted)
    for line in draft_report(result):
        click.echo(line, err=True)
    if output is not None:
        click.echo(f"written to {output}; check it with: afteraction check {output}", err=True)
