"""`afteraction save`: an edited document becomes the next revision of its incident."""

from __future__ import annotations

from pathlib import Path

import click

from afteraction.cli.record_options import record


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--incident", "id_", metavar="ID", default="", help="Its incident. [default: the Incident ID in the document]"
)
@click.option(
    "--base", type=int, default=None, metavar="N", help="The revision that you began with. [default: the last]"
)
@click.option("-m", "--reason", default="edited", show_default=True, help="Why.")
def save(*, file: Path, id_: str, base: int | None, reason: str) -> None:
    """Save the edited Markdown FILE as the next revision of its incident.

    With --base, what others changed meanwhile is merged; where both changed the same field you are shown both.
    """
    from afteraction.assembly import load_settings, new_masker
    from afteraction.assembly.record import myself, now
    from afteraction.errors import UsageError
    from afteraction.markdown import parse
    from afteraction.usecases.revise import revise

    document = parse(
        new_masker(load_settings()).mask(file.read_text(encoding="utf-8-sig", errors="replace"))
    ).post_mortem
    told = document.summary.incident_id
    name = id_ or (told.text if told else "")
    if not name:
        raise UsageError(f"{file} names no Incident ID; give it with --incident")
    with record() as kept:
        revised = revise(kept, name, document, author=myself(), reason=reason, at=now(), base=base)
    changed = ", ".join(revised.changed[:8]) + (", ..." if len(revised.changed) > 8 else "")
    click.echo(f"revision {revised.revision.number} of {name}: {changed or 'nothing changed'}", err=True)
