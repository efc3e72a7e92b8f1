"""`afteraction export`: a post-mortem in another format."""

from __future__ import annotations

from pathlib import Path

import click

from afteraction.cli.masking import audience_option, mask_personal_option
from afteraction.model.postmortem.document import PostMortem


@click.command()
@click.argument("file", metavar="FILE|ID", type=click.Path(path_type=Path))
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
@mask_personal_option
@audience_option
def export(*, file: Path, form: str, output: Path | None, mask_personal: bool, audience: str | None) -> None:
    """Write a post-mortem in another format: that in FILE (Markdown, or JSON by the ending .json), or an incident's.

    An ID is that of an incident of the record, whose last revision is taken. Secrets are masked.
    """
    from afteraction.assembly import load_settings, new_masker
    from afteraction.errors import UsageError
    from afteraction.formats.secrets import mask_value

    masker = new_masker(load_settings(), mask_personal=mask_personal, audience=audience)
    try:
        text = _written(mask_value(_read(file), masker), form)
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{error.filename or file}: {error.strerror}") from error


def _read(file: Path) -> PostMortem:
    if not file.exists():
        return _recorded(str(file))
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


def _recorded(incident: str) -> PostMortem:
    """Return the last revision of an incident's document. Raises UsageError when there is neither such a file nor incident."""
    from afteraction.cli.record_options import record
    from afteraction.errors import NotInRecord
    from afteraction.markdown import parse

    with record() as kept:
        found = kept.revision(incident)
    if found is None:
        raise NotInRecord(f"{incident} does not exist as a file, and the record holds no document of such an incident")
    return parse(found.markdown).post_mortem
