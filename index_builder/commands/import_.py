"""``firstline-index import``: any supported export to a folder of Markdown entries."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from index_builder.commands.options import FORM, KEEP_GOING
from index_builder.export import write_entries
from index_builder.sources.reading import read


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder that the entries are written to; files that are there stay.",
)
@FORM
@KEEP_GOING
@click.option("--json", "as_json", is_flag=True, help="Print the ledger as JSON.")
def command(source: Path, folder: Path, form: str | None, keep_going: bool, as_json: bool) -> None:
    """
    Turn SOURCE, an export of another system, into Markdown entries.

    Ends with a ledger of every record: read, kept, skipped and why.
    """
    reading = read([source], form=form, keep_going=keep_going)
    written = write_entries(reading.entries, folder)
    if as_json:
        report = {"written": written, "folder": str(folder), "ledger": reading.ledger.as_dict()}
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
        return
    for line in reading.ledger.lines():
        click.echo(line)
    click.echo(f"wrote {written:,} {'entry' if written == 1 else 'entries'} to {folder}")
