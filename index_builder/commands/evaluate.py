"""``firstline-index evaluate``: a labelled data set to the field's measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson

from index_builder.commands.options import SETTINGS
from index_builder.config import read_settings
from index_builder.corpus_files import read_beside, read_regression
from index_builder.dataset import DataSet, read_dataset, regression_set
from index_builder.evaluate import evaluate, run_lines
from index_builder.sources.reading import read
from service.errors import DataSetError


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, exists=True))
@click.option("--split", help="Judgements to use: a file of qrels/.  [all]")
@SETTINGS
@click.option(
    "--index",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Ask this index instead of building one.",
)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path, exists=True),
    help="The knowledge base of a regression file.  [the file's folder]",
)
@click.option(
    "--run-file", type=click.Path(path_type=Path, dir_okay=False), help="Write TREC run lines."
)
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
def command(
    dataset: Path,
    split: str | None,
    settings: Path | None,
    index: Path | None,
    corpus: Path | None,
    run_file: Path | None,
    as_json: bool,
) -> None:
    """
    Measure retrieval and refusal on DATASET.

    DATASET is a folder in the BEIR layout (without qrels: an intent set), or a regression file
    (JSONL with "question" and "expect") over a knowledge base.
    """
    labelled = _read(dataset, split, corpus)
    for note in labelled.notes:
        click.echo(f"firstline-index: {note}", err=True)
    figures, asked = evaluate(labelled, read_settings(settings), index)
    if run_file is not None:
        run_file.write_text("".join(f"{line}\n" for line in run_lines(asked)), "utf-8")
    if as_json:
        click.echo(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
    else:
        for line in _table(labelled.name, figures):
            click.echo(line)


def _read(dataset: Path, split: str | None, corpus: Path | None) -> DataSet:
    if dataset.is_dir():
        return read_dataset(dataset, split)
    source = corpus or dataset.parent
    beside = replace(read_beside([source]), regression=tuple(read_regression(dataset)))
    if not beside.regression:
        raise DataSetError(f"{dataset} holds no questions.")
    return regression_set(dataset.stem, tuple(read([source]).entries), beside)


def _table(name: str, figures: dict[str, Any]) -> list[str]:
    """One measure a line, with its 95% interval where it has one."""
    intervals = figures["intervals"]
    shown = [f"{name}"]
    for key, value in figures.items():
        if key == "intervals":
            continue
        interval = intervals.get(key)
        around = f"  [{interval[0]:.4f}, {interval[1]:.4f}]" if interval else ""
        shown.append(f"  {key:<18} {value if value is not None else '-'}{around}")
    return shown
