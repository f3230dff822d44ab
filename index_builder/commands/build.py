"""``firstline-index build``: sources to a published index."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import orjson
from tqdm import tqdm

from index_builder.build import BuildReport, build
from index_builder.commands.options import (
    DEFAULT_OUT,
    DEFAULT_SOURCE,
    FORM,
    KEEP_GOING,
    SETTINGS,
    SOURCES,
)
from index_builder.config import index_key, load_settings
from index_builder.corpus_files import read_beside
from index_builder.gate import DEFAULT_TOLERANCE
from index_builder.report import as_dict, lines
from index_builder.shards.command import build_in_shards
from index_builder.sources.ledger import Ledger
from index_builder.sources.reading import read
from service.config_page import printed_config


class Place(click.Path):
    """A folder as a path, or a URL as it is."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Path | str:
        """As of :class:`click.Path`, which would take a URL apart."""
        if isinstance(value, str) and "://" in value:
            return value
        return Path(str(super().convert(value, param, ctx)))


@click.command()
@SOURCES
@click.option(
    "--out",
    type=Place(file_okay=False),
    default=DEFAULT_OUT,
    show_default=True,
    help="Folder of the index; with --shards also an fsspec URL, such as s3://bucket/index.",
)
@click.option("--shards", type=click.IntRange(1, 4096), help="Cut the index into so many parts.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Build on this Ray cluster (HOST:PORT, or auto), one shard a node or --shards.",
)
@FORM
@KEEP_GOING
@SETTINGS
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that render entries; worth it from some thousand on.",
)
@click.option("--language", help="ISO 639-1 code of the corpus.  [its entries']")
@click.option(
    "--target-precision", type=float, help="Share of the answers given that shall be right.  [0.9]"
)
@click.option(
    "--embedding-model-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="FIRSTLINE_EMBEDDING_MODEL_DIR",
    help="Folder of an embedding model: compare meaning, too.  [off]",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1),
    default=DEFAULT_TOLERANCE,
    show_default=True,
    help="How much worse the regression questions may be handled.",
)
@click.option("--force", is_flag=True, help="Publish even what does not pass the gate.")
@click.option("--print-config", is_flag=True, help="Show each setting and its origin, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print the report, or the settings, as JSON.")
def command(
    sources: tuple[Path, ...],
    out: Path | str,
    shards: int | None,
    cluster: str | None,
    form: str | None,
    keep_going: bool,
    settings: Path | None,
    jobs: int,
    print_config: bool,
    as_json: bool,
    tolerance: float,
    force: bool,
    **overrides: Any,
) -> None:
    """Build an index of SOURCES (default: corpus/) and make it the one that is served."""
    loaded = load_settings(overrides, os.environ, settings)
    for warning in loaded.warnings:
        click.echo(f"firstline-index: {warning}", err=True)
    if print_config:
        click.echo(printed_config(loaded, as_json=as_json))
        return
    where = sources or (DEFAULT_SOURCE,)
    if shards is not None or cluster is not None or isinstance(out, str):
        report, ledger = build_in_shards(
            where,
            out,
            loaded.config,
            shards=shards,
            cluster=cluster,
            form=form,
            keep_going=keep_going,
            tolerance=tolerance,
            force=force,
            key=index_key(os.environ),
            progress=_progress,
        )
        _tell(report, ledger, as_json)
        return
    reading = read(where, form=form, keep_going=keep_going)
    entries = list(reading.entries)
    report = build(
        entries,
        out,
        loaded.config,
        beside=read_beside(where),
        tolerance=tolerance,
        force=force,
        key=index_key(os.environ),
        progress=_progress,
        jobs=jobs,
    )
    _tell(report, reading.ledger, as_json)


def _tell(report: BuildReport, ledger: Ledger, as_json: bool) -> None:
    """Print the report; exit 3 where the gate did not pass."""
    if as_json:
        click.echo(orjson.dumps(as_dict(report, ledger), option=orjson.OPT_INDENT_2))
    else:
        _say(report, ledger.lines())
    if not report.published:
        click.echo(
            f"firstline-index: {report.generation} does not pass the gate and is not served; it "
            f"lies in {report.folder}. Mend the corpus, or publish it with --force.",
            err=True,
        )
        click.get_current_context().exit(3)


def _progress(stage: str, total: int) -> Callable[..., object]:
    """A bar on stderr, where that is a terminal."""
    unit = " texts" if stage == "encode" else " entries"
    bar = tqdm(total=total, desc=stage, unit=unit, file=sys.stderr, disable=None, leave=False)

    def step(done: int = 1) -> None:
        bar.update(done)
        if bar.n >= total:
            bar.close()

    return step


def _say(report: BuildReport, ledger: Iterable[str]) -> None:
    for line in (*ledger, *lines(report)):
        click.echo(line)
