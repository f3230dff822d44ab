"""``firstline-index check``: what is wrong with a knowledge base, before it is built."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from index_builder.check import STALE_DAYS, check
from index_builder.check_confusion import CONFUSED_SHARE
from index_builder.commands.options import DEFAULT_SOURCE, FORM, SETTINGS, SOURCES
from index_builder.config import read_settings


@click.command()
@SOURCES
@FORM
@SETTINGS
@click.option("--language", help="ISO 639-1 code of the corpus.  [en]")
@click.option(
    "--stale-days",
    type=click.IntRange(min=0),
    default=STALE_DAYS,
    show_default=True,
    help="Days after which an entry should be read again.",
)
@click.option(
    "--confused-share",
    type=click.FloatRange(0, 1),
    default=CONFUSED_SHARE,
    show_default=True,
    help="Smallest share of two entries' phrasings gone astray that is worth a warning.",
)
@click.option("--quick", is_flag=True, help="Do not predict which entries will be confused.")
@click.option(
    "--pairs",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Confused pairs to print; --json has all.",
)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    sources: tuple[Path, ...],
    form: str | None,
    settings: Path | None,
    language: str | None,
    stale_days: int,
    confused_share: float,
    quick: bool,
    pairs: int,
    strict: bool,
    as_json: bool,
) -> None:
    """
    Say what is wrong with SOURCES (default: corpus/).

    Exit code 3 when there are errors, or with --strict warnings.
    """
    report = check(
        sources or (DEFAULT_SOURCE,),
        read_settings(settings, language=language),
        today=datetime.now(UTC).date(),
        form=form,
        stale_days=stale_days,
        confused_share=None if quick else confused_share,
    )
    if as_json:
        click.echo(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2))
    else:
        for line in report.lines(pairs):
            click.echo(line)
    if not report.passed(strict=strict):
        click.get_current_context().exit(3)
