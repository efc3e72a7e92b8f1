"""`afteraction check`: what a post-mortem lacks, contradicts, or words in a way that hides the cause."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How the remarks are printed: for people, for programs, for code scanning, as annotations of a GitHub job.",
)
@click.option("--strict", is_flag=True, help="Notes count, too: exit code 1 when there is any remark.")
def check(*, files: tuple[Path, ...], shape: str, strict: bool) -> None:
    """Check post-mortems. Exit code 1 when there is an error or a warning."""
    from afteraction.assembly import check_pages, load_settings
    from afteraction.cli.remarks import SHAPES
    from afteraction.errors import UsageError
    from afteraction.usecases.check import passes

    documents: list[tuple[str, str]] = []
    for file in files:
        try:
            documents.append((file.as_posix(), file.read_text(encoding="utf-8-sig", errors="replace")))
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    remarks = check_pages(documents, settings=load_settings())
    click.echo(SHAPES[shape](remarks, len(documents)), nl=False)
    if not passes(remarks, strict=strict):
        raise click.exceptions.Exit(1)
