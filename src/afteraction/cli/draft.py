"""`afteraction draft`: a folder of raw material becomes a post-mortem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from afteraction.cli.masking import audience_option, mask_personal_option
from afteraction.cli.progress import end_progress, show_progress
from afteraction.model.settings import Settings

if TYPE_CHECKING:
    from afteraction.usecases.draft import Drafted

_NOTHING = (
    "nothing was read: no source knows any of these files, so the document is empty and is not saved. "
    "`afteraction sources` lists what is read."
)


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the document here instead of to stdout.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything that was found as one JSON object.")
@click.option("--no-save", is_flag=True, help="Do not save to the record.")
@click.option(
    "--incident",
    metavar="ID",
    default="",
    help="Save into this incident of the record, and of recordings take the calls made for it. [default: the draft's own id]",
)
@click.option(
    "--timezone", metavar="ZONE", help="Show times in this zone, and read stamps without a zone in it. [default: UTC]"
)
@click.option(
    "--model",
    metavar="MODEL",
    default="",
    help="Let this language model word what the ledger supports (provider:model, or with --model-url).",
)
@click.option("--model-url", metavar="URL", default="", help="An OpenAI-compatible endpoint that serves the model.")
@mask_personal_option
@audience_option
def draft(
    *,
    paths: tuple[Path, ...],
    output: Path | None,
    as_json: bool,
    no_save: bool,
    incident: str,
    timezone: str | None,
    model: str,
    model_url: str,
    mask_personal: bool,
    audience: str | None,
) -> None:
    """Draft a post-mortem from all that lies under PATH...: files, folders, archives.

    With --incident also from what the record was told of it; without PATH from its frozen raw material.

    The document goes to stdout, a report of what was read, masked and left open to stderr. The draft is saved to the
    record; what people wrote there since the last draft stays. When none of the files could be read, the document is the
    empty template, nothing is saved, and the exit code is 1.
    """
    from afteraction.assembly import load_settings, new_masker
    from afteraction.assembly.record import read_incident
    from afteraction.usecases.draft import draft_incident

    settings = load_settings(timezone=timezone)
    masker = new_masker(settings, mask_personal=mask_personal, audience=audience)
    material = read_incident(list(paths), incident, settings=settings, masker=masker, progress=show_progress)
    result = draft_incident(material, settings=settings, masker=masker, progress=show_progress, incident=incident)
    plain = result
    if model:
        result = _worded(result, model, model_url)
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
    if not any(report.source for report in material.files):
        click.echo(_NOTHING, err=True)
        click.get_current_context().exit(1)
    if not no_save:
        _save(plain, settings, incident, worded=result if model else None, model=model)


def _worded(result: Drafted, model: str, url: str) -> Drafted:
    """Let a model word the draft, and tell on stderr what it did and what was thrown out."""
    import os

    from afteraction.errors import MissingExtra
    from afteraction.usecases.word import worded

    try:
        from afteraction.outbound.model import LanguageModel
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{error.name} is missing: pip install 'afteraction[model]'") from error
    key = os.environ.get("AFTERACTION_MODEL_KEY") or os.environ.get("OPENAI_API_KEY", "")
    better, found = worded(result, LanguageModel(model, url=url, key=key), progress=show_progress)
    end_progress()
    if found.gave_up:
        click.echo(f"not worded further: {found.gave_up}", err=True)
    for dropped in found.dropped:
        click.echo(f"thrown out of {dropped.field}: {dropped.text!r}: {dropped.why}", err=True)
    click.echo(f"{model} worded {len(found.fields)} fields; {len(found.dropped)} sentences were thrown out", err=True)
    return better


def _report(result: Drafted, output: Path | None) -> None:
    """Tell on stderr what was read, what was not, what was masked, and what to do next."""
    from afteraction.cli.report import draft_report

    for line in draft_report(result):
        click.echo(line, err=True)
    if output is not None:
        click.echo(f"written to {output}; check it with: afteraction check {output}", err=True)


def _save(result: Drafted, settings: Settings, incident: str, *, worded: Drafted | None, model: str) -> None:
    """Save the draft to the record; one that cannot be saved was printed all the same, and that is said.

    Raises StoreUnavailable when the team chose where the record lies: then it is meant to be kept.
    """
    import json

    from afteraction.assembly.record import now, open_record, was_chosen
    from afteraction.errors import StoreUnavailable
    from afteraction.export.investigation_json import investigation
    from afteraction.model.record import Author, AuthorKind
    from afteraction.usecases.keep import keep
    from afteraction.usecases.revise import revise

    findings = json.dumps(investigation(result.case.investigation), ensure_ascii=False)
    try:
        store = open_record(settings)
        try:
            kept = keep(store, result, findings=findings, settings=settings, at=now(), incident=incident)
            if worded is not None:
                author = Author(name=f"model {model}"[:200], kind=AuthorKind.AGENT)
                with store.begin() as record:
                    document = worded.draft.post_mortem
                    revise(record, kept.incident.id, document, author=author, reason="worded by a model", at=now())
        finally:
            store.close()
    except StoreUnavailable as error:
        if was_chosen(settings):
            raise
        click.echo(f"not saved: {error}", err=True)
        return
    done = f"revision {kept.revised.revision.number}" if kept.revised.changed else "nothing new"
    held = f"; kept what people wrote in {', '.join(kept.revised.kept[:5])}" if kept.revised.kept else ""
    click.echo(f"saved as {kept.incident.id}: {done}, {kept.events} new events{held}", err=True)
