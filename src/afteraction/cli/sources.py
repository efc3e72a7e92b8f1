"""`afteraction sources`: the formats that can be read, each with a sample and what it yields."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--brief", is_flag=True, help="One line for each, without samples.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def sources(*, names: tuple[str, ...], brief: bool, as_json: bool) -> None:
    """List the formats that can be read, each with a sample and what it yields.

    NAME shows only the sources of that name.
    """
    import json
    from importlib.resources import files

    from afteraction.errors import UsageError
    from afteraction.sources import SOURCES

    unknown = sorted(set(names) - {source.name for source in SOURCES})
    if unknown:
        raise UsageError(f"no source is called {', '.join(unknown)}; `afteraction sources --brief` lists them")
    samples = json.loads(files("afteraction.cli").joinpath("samples.json").read_text(encoding="utf-8"))
    chosen = [source for source in SOURCES if not names or source.name in names]
    if as_json:
        listed = [{"name": s.name, "summary": s.summary, **samples.get(s.name, {})} for s in chosen]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    width = max(len(source.name) for source in chosen)
    for source in chosen:
        click.echo(f"{source.name:<{width}}  {source.summary}")
        if not brief:
            _show(samples.get(source.name))


def _show(sample: dict[str, Any] | None) -> None:
    if sample:
        click.echo(f"  yields {', '.join(sample['yields'])}")
        click.echo(f"  such as {sample['file']}:")
        for line in sample["sample"].splitlines():
            click.echo(f"    {line}")
    click.echo()
