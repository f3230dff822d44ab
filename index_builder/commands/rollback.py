"""``firstline-index rollback``: serve the previous generation again."""

from __future__ import annotations

import os
from pathlib import Path

import click

from index_builder.commands.options import DEFAULT_OUT
from index_builder.config import index_key
from service.errors import ArtefactMissing
from service.retrieval.artefact import current, generations, open_generation, publish


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_OUT,
    show_default=True,
    help="Folder of the index.",
)
def command(out: Path) -> None:
    """Make the generation before the live one the live one."""
    live = current(out)
    older = [name for name in generations(out) if name < live]
    if not older:
        raise ArtefactMissing(f"{out} holds no generation older than {live}.")
    # Opened first: going back to a damaged index would be worse than staying.
    open_generation(out, older[-1], index_key(os.environ))
    publish(out, older[-1])
    click.echo(f"{older[-1]} is live again; it was {live}.")
