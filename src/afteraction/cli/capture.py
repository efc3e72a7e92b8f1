"""`afteraction capture`: a script that saves what will vanish."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, help="Only this namespace; may be given again. [default: all]"
)
@click.option("--since", default="2h", show_default=True, metavar="TIME", help="How far back logs are taken.")
@click.option("--prometheus", default="", metavar="URL", help="Also the alerts of this Prometheus.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the script here instead of to stdout.",
)
def capture(*, namespaces: tuple[str, ...], since: str, prometheus: str, output: Path | None) -> None:
    """Write a shell script that saves what will vanish: events, pods, previous logs. Run it at once.

    Nothing is run by this command, and the script only reads. How long each thing lives is told on stderr.
    """
    from afteraction.usecases.capture import capture_script, vanishing

    wanted = vanishing(namespaces=namespaces, since=since, prometheus=prometheus)
    text = capture_script(wanted, namespaces=namespaces, since=since)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="\n")
        output.chmod(0o755)
    for what, lives in {one.what: one.lives for one in wanted}.items():
        click.echo(f"{what}: lives {lives}", err=True)
    if output is not None:
        click.echo(f"run it at once: sh {output}", err=True)
