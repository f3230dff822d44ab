"""``firstline-index export``: entries to a format that other systems read."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from index_builder.commands.options import DEFAULT_SOURCE, FORM, KEEP_GOING, SOURCES
from index_builder.export import EXPORTS, export
from index_builder.sources.reading import read


@click.command()
@SOURCES
@click.option("--as", "target", type=click.Choice(EXPORTS), required=True, help="Format to write.")
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="File to write; for markdown a folder.",
)
@FORM
@KEEP_GOING
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    sources: tuple[Path, ...],
    target: str,
    path: Path,
    form: str | None,
    keep_going: bool,
    as_json: bool,
) -> None:
    """
    Write the entries of SOURCES (default: corpus/) in another format.

    Ends with a report of the fields that the format has no place for.
    """
    reading = read(sources or (DEFAULT_SOURCE,), form=form, keep_going=keep_going)
    report = export(reading.entries, target, path)
    if as_json:
        whole = report.as_dict() | {"file": str(path), "ledger": reading.ledger.as_dict()}
        click.echo(orjson.dumps(whole, option=orjson.OPT_INDENT_2))
        return
    if reading.ledger.skipped_count:
        for line in reading.ledger.lines():
            click.echo(line)
    for line in report.lines():
        click.echo(line)
