"""`afteraction export`: a post-mortem in another format."""

from __future__ import annotations

from pathlib import Path

import click

from afteraction.model.postmortem.document import PostMortem


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--to",
    "form",
    required=True,
    type=click.Choice(["md", "json", "html"]),
    help="Markdown in its normal form, JSON as its schema describes it, or a page that needs nothing but a browser.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here instead of to stdout.",
)
def export(*, file: Path, form: str, output: Path | None) -> None:
    """Write the post-mortem in FILE (Markdown, or JSON by the ending .json) in another format."""
    from afteraction.errors import UsageError

    try:
        text = _written(_read(file), form)
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{error.filename or file}: {error.strerror}") from error


def _read(file: Path) -> PostMortem:
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    if file.suffix.lower() == ".json":
        from afteraction.export.post_mortem_json import from_json

        return from_json(text)
    from afteraction.markdown import parse

    return parse(text).post_mortem


def _written(pm: PostMortem, form: str) -> str:
    if form == "json":
        from afteraction.export.post_mortem_json import to_json

        return to_json(pm)
    if form == "html":
        from afteraction.export.page import to_html

        return to_html(pm)
    from afteraction.markdown import render

    return render(pm)
