"""`afteraction template`: the empty post-mortem, to be filled by hand."""

from __future__ import annotations

import click


@click.command()
def template() -> None:
    """Print the empty post-mortem: every section, every placeholder."""
    from afteraction.markdown import render
    from afteraction.model.postmortem.document import PostMortem

    click.echo(render(PostMortem()), nl=False)
