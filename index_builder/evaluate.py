"""A labelled data set to the field's measures, on an index built as ``build`` builds it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ir_measures
import numpy as np
import numpy.typing as npt
from ir_measures import RR, R, nDCG
from sklearn.metrics import roc_auc_score

from index_builder.build import build
from index_builder.config import BuildSettings
from index_builder.dataset import DataSet
from service.errors import QuestionError
from service.retrieval.answers import MAX_QUESTION_CHARS, Question, answer
from service.retrieval.embedding import open_encoder
from service.retrieval.index import Index, open_index

DEPTH = 10
_BOOTSTRAPS = 1000
_SEED = 20261123
MEASURES = {"accuracy@1": RR @ 1, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10, "recall@10": R @ 10}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question's outcome: ranked names with scores, confidence, whether it was answered."""

    query: str
    ranking: tuple[tuple[str, float], ...]
    confidence: float
    answered: bool
    seconds: float


def evaluate(
    dataset: DataSet, settings: BuildSettings, index: Path | None = None
) -> tuple[dict[str, Any], list[Asked]]:
    """
    Build the data set's index (or take one) and ask every query.

    Args:
        dataset: entries and labelled queries.
        settings: as for ``build``.
        index: a folder with an index of these entries, instead of building one.

    Returns:
        The measures by their names in the contract, and each question's outcome.

    """
    encoder = None
    if settings.embedding_model_dir is not None:
        # Not the builder's, which remembers texts: a question costs what it costs a person.
        encoder = open_encoder(settings.embedding_model_dir)
    if index is not None:
        return _measure(dataset, open_index(index, encoder=encoder), 0.0)
    with tempfile.TemporaryDirectory(prefix="firstline-") as folder:
        report = build(
            dataset.entries,
            Path(folder),
            settings,
            beside=replace(dataset.beside, regression=()),
        )
        return _measure(dataset, open_index(Path(folder), encoder=encoder), report.seconds)


def _measure(dataset: DataSet, index: Index, build_s: float) -> tuple[dict[str, Any], list[Asked]]:
    index.warm()
    name_of = {entry.id: name for entry, name in zip(dataset.entries, dataset.names, strict=True)}
    asked = [ask(index, query.id, query.text, name_of) for query in dataset.queries]
    figures = ranking_measures(dataset, asked)
    figures |= {
        "queries": len(dataset.queries),
        "entries": len(dataset.entries),
        "build_s": round(build_s, 3),
        "ms_per_query_p50": _milliseconds(asked, 50),
        "ms_per_query_p99": _milliseconds(asked, 99),
    }
    if any(query.out_of_scope for query in dataset.queries):
        figures |= refusal_measures(dataset, asked)
    figures["ece"] = calibration_error(dataset, asked)
    return figures, asked


def ask(index: Index, query: str, text: str, name_of: dict[str, str]) -> Asked:
    """One question through the whole answer path."""
    began = time.perf_counter()
    try:
        # A data set's query may be longer than a person's question may be.
        reply = answer(index, Question(text[:MAX_QUESTION_CHARS], top_k=DEPTH))
    except QuestionError:  # a person who sends control characters gets no answer either
        return Asked(query, (), 0.0, False, time.perf_counter() - began)
    seconds = time.perf_counter() - began
    return Asked(
        query,
        # An index that was given may hold entries that the data set does not name.
        tuple((name_of.get(hit.id, hit.id), hit.score) for hit in reply.hits),
        reply.confidence,
        reply.outcome in ("answer", "smalltalk"),
        seconds,
    )


def ranking_measures(dataset: DataSet, asked: Sequence[Asked]) -> dict[str, Any]:
    """Measures over the in-scope queries, each with a 95% interval (bootstrap over queries)."""
    judged = [query for query in dataset.queries if not query.out_of_scope]
    qrels = [
        ir_measures.Qrel(query.id, name, score)
        for query in judged
        for name, score in query.relevant.items()
    ]
    run = [
        # Ranks as scores: ties keep the order in which they were shown.
        ir_measures.ScoredDoc(one.query, name, float(DEPTH - rank))
        for one in asked
        for rank, (name, _) in enumerate(one.ranking)
    ]
    found: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    names = {str(measure): name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), qrels, run):
        found[names[str(metric.measure)]][metric.query_id] = metric.value
    figures: dict[str, Any] = {}
    intervals = {}
    for name, values in found.items():
        each = np.array([values.get(query.id, 0.0) for query in judged])
        figures[name] = round(float(each.mean()), 4) if each.size else None
        intervals[name] = bootstrap_interval(each)
    figures["intervals"] = intervals
    return figures


def bootstrap_interval(values: npt.NDArray[np.float64]) -> list[float] | None:
    """The 95% percentile interval of a mean, by resampling queries (Sakai, 2006)."""
    if not values.size:
        return None
    random = np.random.default_rng(_SEED)
    draws = random.integers(0, values.size, (_BOOTSTRAPS, values.size))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]


def refusal_measures(dataset: DataSet, asked: Sequence[Asked]) -> dict[str, float | None]:
    """How well answerable questions are told from others, and what the thresholds make of it."""
    strange = np.array([query.out_of_scope for query in dataset.queries])
    confidence = np.array([one.confidence for one in asked])
    answered = np.array([one.answered for one in asked])
    right = _right(dataset, asked)
    both = strange.any() and not strange.all()
    return {
        "oos_auroc": round(float(roc_auc_score(~strange, confidence)), 4) if both else None,
        "answered_accuracy": _share(answered & right, ~strange),
        "answer_precision": _share(answered & right, answered),
        "oos_recall": _share(~answered & strange, strange),
    }


def calibration_error(dataset: DataSet, asked: Sequence[Asked], bins: int = 10) -> float:
    """
    Expected calibration error: mean distance of confidence and truth over equal-width bins.

    Source: Guo et al. (2017). A question that nothing answers is never answered rightly.
    """
    right = _right(dataset, asked)
    confidence = np.array([one.confidence for one in asked])
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return round(float(error), 4)


def run_lines(asked: Iterable[Asked]) -> Iterable[str]:
    """
    TREC run lines: ``query-id Q0 entry-id rank score firstline``.

    White space ends a column there, so an id's own is written in percents (``%20``).
    """
    for one in asked:
        for rank, (name, score) in enumerate(one.ranking, 1):
            yield f"{_column(one.query)} Q0 {_column(name)} {rank} {score:.6f} firstline"


def _column(name: str) -> str:
    return "".join(quote(each, safe="") if each.isspace() else each for each in name)


def _right(dataset: DataSet, asked: Sequence[Asked]) -> npt.NDArray[np.bool_]:
    return np.array(
        [
            bool(one.ranking) and one.ranking[0][0] in query.relevant
            for query, one in zip(dataset.queries, asked, strict=True)
        ]
    )


def _share(part: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_]) -> float | None:
    total = int(whole.sum())
    return round(int((part & whole).sum()) / total, 4) if total else None


def _milliseconds(asked: Sequence[Asked], percentile: float) -> float:
    return round(float(np.percentile([one.seconds for one in asked], percentile)) * 1e3, 4)
