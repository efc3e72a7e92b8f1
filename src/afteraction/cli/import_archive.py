"""`afteraction import`: post-mortems written or kept elsewhere become ours, with a report of what went where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afteraction.cli.masking import audience_option, mask_personal_option
from afteraction.cli.progress import end_progress, show_progress

if TYPE_CHECKING:
    from afteraction.usecases.import_archive import Imported, ImportedDocument


@click.command(name="import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR",
    type=click.Path(path_type=Path),
    help="Write one document to FILE, or each to a file of its own in the folder DIR. A file that is there is left alone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what went where as JSON; the documents, too, without -o.")
@click.option("--timezone", metavar="ZONE", help="Read times without a zone in this one. [default: UTC]")
@mask_personal_option
@audience_option
def import_(
    *,
    files: tuple[Path, ...],
    output: Path | None,
    as_json: bool,
    timezone: str | None,
    mask_personal: bool,
    audience: str | None,
) -> None:
    """Import post-mortems from FILE...: pages (Markdown, HTML) and JSON exports of incident management systems.

    Each becomes a document in our form. What no field takes is kept as text; nothing is left out. The document goes to
    stdout, the report of what went where to stderr. Exit code 1 when something could not be read or written.
    """
    from afteraction.assembly import load_settings, new_masker
    from afteraction.errors import NothingToRead, UsageError
    from afteraction.fetch.folder import gather
    from afteraction.usecases.import_archive import import_archive

    settings = load_settings(timezone=timezone)
    masker = new_masker(settings, mask_personal=mask_personal, audience=audience)
    result = import_archive(gather(list(files)), zone=settings.timezone, masker=masker, progress=show_progress)
    end_progress()
    if not result.documents:
        why = "; ".join(str(problem) for problem in result.problems)
        raise NothingToRead(why or "no post-mortem was found")
    folder = output is not None and (output.is_dir() or len(result.documents) > 1 or not output.suffix)
    if output is None and len(result.documents) > 1 and not as_json:
        raise UsageError(f"there are {len(result.documents)} post-mortems; name a folder for them with -o DIR")
    written: dict[int, Path | None] = {}
    if output is not None:
        try:
            written = _write(result, output, folder=folder)
        except OSError as error:
            raise UsageError(f"{error.filename or output}: {error.strerror}") from error
    elif not as_json:
        click.echo(result.documents[0].document, nl=False)
    if as_json:
        import json

        click.echo(json.dumps(_shape(result, written, output), indent=2, ensure_ascii=False))
    _report(result, written, output)
    if result.problems or (output is not None and None in written.values()):
        raise click.exceptions.Exit(1)


def _write(result: Imported, output: Path, *, folder: bool) -> dict[int, Path | None]:
    """Write the documents; a file that is there may hold what a person wrote, so it stays, and None stands for it."""
    if folder:
        output.mkdir(parents=True, exist_ok=True)
    found: dict[int, Path | None] = {}
    for number, document in enumerate(result.documents):
        target = output / document.file_name if folder else output
        try:
            with target.open("x", encoding="utf-8", newline="\n") as file:
                file.write(document.document)
            found[number] = target
        except FileExistsError:
            click.echo(f"{target} is there already and was left as it is", err=True)
            found[number] = None
    return found


def _shape(result: Imported, written: dict[int, Path | None], output: Path | None) -> dict[str, Any]:
    return {
        "documents": [
            _document(document, written.get(number), whole=output is None)
            for number, document in enumerate(result.documents)
        ],
        "problems": [
            {"file": p.origin.file, "line": p.origin.line, "record": p.origin.record, "reason": p.reason, "remedy": p.remedy}
            for p in result.problems
        ],
    }  # fmt: skip


def _document(document: ImportedDocument, path: Path | None, *, whole: bool) -> dict[str, Any]:
    rescued = document.rescued
    title = rescued.post_mortem.summary.title
    return {
        "file": rescued.name,
        "record": rescued.place or None,
        "title": title.text if title else None,
        "written": str(path) if path else None,
        "rows": rescued.rows,
        "placements": [
            {"place": one.place, "what": one.what, "field": one.field, "characters": one.characters}
            for one in rescued.placements
        ],
        **({"markdown": document.document} if whole else {}),
    }


def _report(result: Imported, written: dict[int, Path | None], output: Path | None) -> None:
    """Tell on stderr what went where."""
    from afteraction.rescue import KEPT

    for number, document in enumerate(result.documents):
        rescued = document.rescued
        title = rescued.post_mortem.summary.title
        kept = sum(one.field == KEPT for one in rescued.placements)
        where = f"{rescued.name}, {rescued.place}" if rescued.place else rescued.name
        click.echo(f"{where}: {title.text if title else '(no title)'}", err=True)
        for one in rescued.placements:
            click.echo(f"  {one.place:<12} {one.what[:40]:<40} -> {one.field} ({one.characters} characters)", err=True)
        click.echo(
            f"  {len(rescued.placements) - kept} parts in fields, {kept} kept as text, {rescued.rows} rows", err=True
        )
        if path := written.get(number):
            click.echo(f"  written to {path}", err=True)
    for problem in result.problems:
        click.echo(f"problem: {problem}", err=True)
    if output is not None:
        click.echo(
            "look through what was kept as text, and check the documents with: afteraction check FILE...", err=True
        )
