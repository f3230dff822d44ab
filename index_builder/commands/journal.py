"""``firstline-index journal``: what the server has kept, taken out or taken away."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from index_builder.journal_access import CONFIG, JOURNAL, Day, with_journal
from service.live.journal_export import export
from service.live.journal_store import JournalStore


@click.group(name="journal")
def command() -> None:
    """Export or delete what the server has kept of questions and feedback."""


@command.command(name="export")
@click.option("--since", type=Day(), help="Only what was asked from this day on.")
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.  [stdout]",
)
@CONFIG
@JOURNAL
def export_command(
    since: str | None, path: Path | None, config: Path | None, file: Path | None
) -> None:
    """Write a JSON object a line: a question, what became of it, and its feedback."""

    async def work(store: JournalStore) -> int:
        rows = 0
        target: BinaryIO = sys.stdout.buffer if path is None else path.open("wb")
        with nullcontext() if path is None else target:
            async for record in export(store, since or ""):
                target.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
                rows += 1
        return rows

    rows = with_journal(config, file, work)
    click.echo(f"{rows} questions were exported.", err=True)


@command.command()
@click.option("--before", type=Day(), help="What is older than this day.")
@click.option("--session", help="One conversation: what a person has the right to.")
@click.option("--all", "everything", is_flag=True, help="All of it.")
@CONFIG
@JOURNAL
@click.option("--json", "as_json", is_flag=True, help="Print the numbers of rows as JSON.")
def purge(
    before: str | None,
    session: str | None,
    everything: bool,
    config: Path | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Delete questions, feedback and conversations; the server may run meanwhile."""
    if [before is not None, session is not None, everything].count(True) != 1:
        raise click.UsageError("Say what to delete: one of --before, --session, --all.")

    async def work(store: JournalStore) -> dict[str, int]:
        rows = await store.delete(before=before, session=session)
        await store.give_back_space()
        return rows

    rows = with_journal(config, file, work)
    if as_json:
        click.echo(orjson.dumps(rows))
    else:
        click.echo("Deleted: " + ", ".join(f"{n} {name}" for name, n in rows.items()) + ".")
