"""
``make quality``: how well questions are answered, beside two peers, in one table.

Every data set of a folder, and the shipped knowledge base with its regression questions and
conversations. Writes ``docs/quality.md`` and, for other programs, ``build/quality.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.follow_ups import measure_conversations, measure_harm, read_conversations
from bench.goals import scores
from bench.meaning import measure_meaning
from bench.peers import PEERS, measure_peer
from bench.quality_page import write_page
from bench.sets import CORPUS, DATA, SHIPPED, read_set
from bench.typing_errors import measure_typing_errors
from index_builder.build import build
from index_builder.config import BuildSettings, read_settings
from index_builder.dataset import DataSet
from index_builder.evaluate import evaluate
from service.retrieval.index import open_index

# Names an embedding model to measure, too; see bench/meaning.py.
_MODEL = "FIRSTLINE_EMBEDDING_MODEL_DIR"
_LIBRARIES = ("bm25s", "scikit-learn", "numpy", "scipy", "numba", "spacy", "spacy-lookups-data")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page."""
    arguments = _arguments(argv)
    if not arguments.data.is_dir():
        print(
            f"There is no folder {arguments.data}, so only the shipped knowledge base is measured."
            " Name a folder of data sets in the BEIR layout with --data.",
            file=sys.stderr,
        )
    settings = read_settings(arguments.settings)
    results: dict[str, Any] = {**_origin(), "sets": {}}
    for dataset in _datasets(arguments.data, arguments.only):
        results["sets"][dataset.name] = _measure(dataset, settings, results, arguments.no_peers)
        print(_line(dataset.name, results["sets"][dataset.name]), flush=True)
    missed = [score for score in scores(results) if not score.reached]
    for score in missed:
        print(f"missed: {score.goal.dataset} {score.goal.measure}: {score.found}")
    if arguments.only or arguments.settings or arguments.no_peers:
        print("Measured in part, or with settings of its own: no page was written.")
        return 0
    Path("build").mkdir(exist_ok=True)
    Path("build/quality.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_page(arguments.to, results)
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of data sets")
    parser.add_argument("--only", action="append", help="measure this set alone (repeatable)")
    parser.add_argument("--settings", type=Path, help="build settings other than the default")
    parser.add_argument("--no-peers", action="store_true", help="measure Firstline alone")
    parser.add_argument("--to", type=Path, default=Path("docs/quality.md"), help="page to write")
    return parser.parse_args(argv)


def _datasets(data: Path, only: list[str] | None) -> Iterator[DataSet]:
    """The folders in order of size, so that the small ones are seen first; then our own."""
    found = sorted(data.glob("*/corpus.jsonl"), key=lambda path: path.stat().st_size)
    for path in found:
        if not only or path.parent.name in only:
            yield read_set(path.parent.name, data)
    if not only or SHIPPED in only:
        yield read_set(SHIPPED)


def _measure(
    dataset: DataSet, settings: BuildSettings, results: dict[str, Any], no_peers: bool
) -> dict[str, Any]:
    """One data set's figures; the shipped one adds its conversations to *results*."""
    with tempfile.TemporaryDirectory(prefix="firstline-") as name:
        folder = Path(name)
        beside = replace(dataset.beside, regression=())
        report = build(dataset.entries, folder, settings, beside=beside)
        figures, _ = evaluate(dataset, settings, index=folder)
        figures["build_s"] = round(report.seconds, 3)
        index = open_index(folder)
        found: dict[str, Any] = {
            "firstline": figures,
            "typing": measure_typing_errors(dataset, index),
        }
        if dataset.beside.regression:
            talks = read_conversations(CORPUS / "conversations.jsonl")
            results["conversations"] = measure_conversations(index, talks)
            results["harm"] = measure_harm(index, dataset.queries)
    if model := os.environ.get(_MODEL):
        found["meaning"] = measure_meaning(dataset, Path(model))
    if not no_peers:
        found["peers"] = {peer.name: measure_peer(peer, dataset) for peer in PEERS}
    return found


def _line(name: str, found: dict[str, Any]) -> str:
    own, typing = found["firstline"], found["typing"]
    others = "".join(
        f", {peer} {figures['accuracy@1']:.4f}" for peer, figures in found.get("peers", {}).items()
    )
    return (
        f"{name}: accuracy@1 {own['accuracy@1']:.4f}{others}; typing errors cost "
        f"{typing['lost_1']:.4f} and {typing['lost_2']:.4f}; ECE {own['ece']:.4f}"
    )


def _origin() -> dict[str, Any]:
    """Where and with what these numbers were measured."""
    return {
        "commit": _git("rev-parse", "--short", "HEAD")
        + (" and changes" if _git("status", "--porcelain", "service", "index_builder") else ""),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "versions": {"Python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "an unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
