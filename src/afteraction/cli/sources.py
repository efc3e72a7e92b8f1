"""`afteraction sources`: the formats that can be read."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def sources(*, as_json: bool) -> None:
    """List the formats that can be read, and what each yields."""
    import json

    from afteraction.sources import SOURCES

    if as_json:
        click.echo(json.dumps([{"name": s.name, "summary": s.summary} for s in SOURCES], indent=2))
        return
    width = max(len(source.name) for source in SOURCES)
    for source in SOURCES:
        click.echo(f"{source.name:<{width}}  {source.summary}")
