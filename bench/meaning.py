"""
What an embedding model adds and what it costs: each data set without it and with it.

``python -m bench.meaning MODEL_DIR`` writes the table of docs/how-to/embeddings.md; ``make
quality`` has it too where ``FIRSTLINE_EMBEDDING_MODEL_DIR`` names a model, such as
``bench/export_minilm.py`` makes. Both sides are built by ``build`` and asked the same questions.
A very large set is cut to a sample (``--most``), because encoding 100,000 sections takes half an
hour or more.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.sets import DATA, SHIPPED, read_set
from index_builder.build import build
from index_builder.config import BuildSettings
from index_builder.dataset import DataSet
from index_builder.evaluate import evaluate
from service.errors import QuestionError
from service.retrieval.answers import MAX_QUESTION_CHARS, Question, answer
from service.retrieval.embedding import open_encoder
from service.retrieval.index import Index, open_index

PAGE = Path("docs/how-to/embeddings.md")
BEGIN, END = "<!-- measured: written by python -m bench.meaning -->", "<!-- end of it -->"
_SETS = ("webapps", "askubuntu", "covid_faq", "clinc150", "office_support", "powershell_sections")
_MAX_ENTRIES = 12_000
_TIMED_QUESTIONS = 200
_SEED = 20261123
_SHOWN_TWICE = ("answered_accuracy", "answer_precision", "oos_recall", "oos_auroc", "ece")
_HEAD = (
    "set",
    "accuracy@1, words",
    "with meaning",
    "gained",
    "answered rightly",
    "precision",
    "refused",
    "AUROC",
    "ECE",
    "ms more",
    "ms in all",
)
_MEASURES = ("accuracy@1", "oos_auroc", "answered_accuracy", "answer_precision", "oos_recall")


def sampled(dataset: DataSet, most: int) -> DataSet:
    """The set itself, or the entries that answer something and a random rest, *most* in all."""
    if len(dataset.entries) <= most:
        return dataset
    wanted = {name for query in dataset.queries for name in query.relevant}
    rest = [i for i, name in enumerate(dataset.names) if name not in wanted]
    random.Random(_SEED).shuffle(rest)
    chosen = {*rest[: max(0, most - len(wanted))]}
    kept = [i for i, name in enumerate(dataset.names) if name in wanted or i in chosen]
    return replace(
        dataset,
        entries=tuple(dataset.entries[i] for i in kept),
        names=tuple(dataset.names[i] for i in kept),
    )


def measure_meaning(whole: DataSet, model: Path, most: int = _MAX_ENTRIES) -> dict[str, Any]:
    """Both sides' measures, and the milliseconds of a question: what meaning adds, and all."""
    dataset = sampled(whole, most)
    beside = replace(dataset.beside, regression=())
    found: dict[str, Any] = {"entries": len(dataset.entries), "of": len(whole.entries)}
    indices: list[Index] = []
    with tempfile.TemporaryDirectory(prefix="firstline-") as name:
        for side, folder in (("words", None), ("meaning", model)):
            settings = BuildSettings(embedding_model_dir=folder, pickles=False)
            root = Path(name) / side
            report = build(dataset.entries, root, settings, beside=beside)
            figures, _ = evaluate(dataset, settings, index=root)
            found[side] = {key: figures.get(key) for key in (*_MEASURES, "ece")}
            found[side]["build_s"] = round(report.seconds, 1)
            encoder = None if folder is None else open_encoder(folder)
            indices.append(open_index(root, encoder=encoder))
        texts = [query.text[:MAX_QUESTION_CHARS] for query in dataset.queries[:_TIMED_QUESTIONS]]
        found["added_ms"], found["whole_ms"] = costs(*indices, texts)
    return found


def costs(words: Index, meaning: Index, texts: Sequence[str]) -> tuple[float, float]:
    """
    Medians of what one question costs more with meaning, and of what it costs then in all.

    The two are asked in turn; the milliseconds are this thread's own.
    """
    more, whole = [], []
    for index in (words, meaning):
        index.warm()
        answer(index, Question(texts[0]))
    for text in texts:
        spent = []
        for index in (words, meaning):
            began = time.thread_time()
            try:
                answer(index, Question(text))
            except QuestionError:
                continue
            spent.append(time.thread_time() - began)
        if len(spent) == 2:
            more.append(spent[1] - spent[0])
            whole.append(spent[1])
    return round(statistics.median(more) * 1e3, 2), round(statistics.median(whole) * 1e3, 2)


def table(results: dict[str, dict[str, Any]]) -> str:
    """One row a set: accuracy without and with, what was gained, refusal, calibration, time."""
    lines = ["| " + " | ".join(_HEAD) + " |", "|---" * len(_HEAD) + "|"]
    for name, found in results.items():
        words, meaning = found["words"], found["meaning"]
        cut = found["entries"] < found["of"]
        cells = (
            f"{name} ({found['entries']:,} of {found['of']:,})" if cut else name,
            _percent(words["accuracy@1"]),
            _percent(meaning["accuracy@1"]),
            f"{(meaning['accuracy@1'] - words['accuracy@1']) * 100:+.1f}",
            *(_change(words[m], meaning[m]) for m in _SHOWN_TWICE),
            f"{found['added_ms']:.1f}",
            f"{found['whole_ms']:.1f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    gained = [
        found["meaning"]["accuracy@1"] - found["words"]["accuracy@1"]
        for name, found in results.items()
        if name != SHIPPED
    ]
    if gained:
        mean = f"{statistics.mean(gained) * 100:+.1f}"
        lines += ["", f"Mean gain over the {len(gained)} development sets: {mean} points."]
    return "\n".join(lines) + "\n"


def _change(words: float | None, meaning: float | None) -> str:
    return "-" if words is None else f"{_percent(words)} → {_percent(meaning)}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.1f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and write the table into the how-to."""
    parser = argparse.ArgumentParser(prog="python -m bench.meaning", description=__doc__)
    parser.add_argument("model", type=Path, help="folder of an embedding model")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of data sets")
    parser.add_argument("--only", action="append", help="measure this set alone (repeatable)")
    parser.add_argument(
        "--most", type=int, default=_MAX_ENTRIES, help="entries of a set that are measured"
    )
    parser.add_argument("--keep", type=Path, help="JSON of sets measured before, added to")
    arguments = parser.parse_args(argv)
    results: dict[str, Any] = {}
    if arguments.keep and arguments.keep.is_file():
        results = json.loads(arguments.keep.read_text("utf-8"))
    for name in arguments.only or (*_SETS, SHIPPED):
        if name != SHIPPED and not (arguments.data / name).is_dir():
            print(f"There is no set {name} in {arguments.data}.", file=sys.stderr)
            continue
        dataset = read_set(name, arguments.data)
        results[name] = measure_meaning(dataset, arguments.model, arguments.most)
        print(name, json.dumps(results[name]), flush=True)
        if arguments.keep:
            arguments.keep.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(table(results))
    if not arguments.only:
        write_table(PAGE, table(results))
    return 0


def write_table(page: Path, text: str) -> None:
    """Put the table between the marks of a page."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
