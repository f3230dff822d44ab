"""
The confidence model and its thresholds, fitted on the corpus itself.

No out-of-scope data is needed (FINDINGS 3). Phrasings are held out of a second index and asked of
it: right answers are positives, wrong ones negatives, and the same phrasing with its whole entry
hidden is a question that nothing answers. Real out-of-scope examples are added where there are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from index_builder.config import BuildSettings
from index_builder.corpus_files import NOTHING, Beside
from index_builder.draft import Draft
from index_builder.shelf import add_shelf
from index_builder.terms import add_terms, read_corpus
from service.retrieval.confidence import FEATURES, ConfidenceModel, features
from service.retrieval.entries import Entry
from service.retrieval.index import MIN_NEAREST, Index, ReadQuestion
from service.retrieval.vocabulary import UNKNOWN, TermCounts

# Held-out phrasings asked; more moves no threshold by a point.
MAX_ASKED = 1500
# Entries of the index that is asked; a larger corpus is sampled.
MAX_ENTRIES = 30_000
# How often people ask what is not in the knowledge base, against what is.
OUT_OF_SCOPE_SHARE = 0.08
# Where even suggestions are more often useless than useful.
SUGGEST_SHARE = 0.4
_SEED = 20261123

# Used where a corpus is too small to learn from: fitted on the shipped knowledge base.
DEFAULT = ConfidenceModel(
    weights=(4.0, 2.0, 0.0, 1.0, 2.0, 1.5, 3.0, 0.0), intercept=-5.0, answer=0.6, suggest=0.3
)
_ENOUGH = 40


@dataclass(frozen=True, slots=True)
class Calibration:
    """The model, and the table a person can judge it by."""

    model: ConfidenceModel
    asked: int
    rows: tuple[RiskCoverage, ...]


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """At one threshold: the share of answerable questions answered, and how many rightly."""

    threshold: float
    answered: float
    precision: float
    refused: float


def calibrate(
    entries: Sequence[Entry], settings: BuildSettings, beside: Beside = NOTHING
) -> Calibration:
    """Fit the model of a corpus; where it is too small, the default is returned."""
    chosen = random.Random(_SEED)  # noqa: S311 - sampling, not a secret
    kept, asked = hold_out(entries, chosen)
    if len(asked) < _ENOUGH:
        return Calibration(_with_thresholds(DEFAULT, settings), len(asked), ())
    index = _index_of(kept, settings, beside.synonyms)
    x, y, weight = _examples(index, asked, beside.out_of_scope)
    scaler = StandardScaler().fit(x)
    regression = LogisticRegression(C=1.0, max_iter=1000)
    regression.fit(scaler.transform(x), y, sample_weight=weight)
    weights = regression.coef_[0] / scaler.scale_
    intercept = float(regression.intercept_[0] - (weights * scaler.mean_).sum())
    model = _with_thresholds(
        ConfidenceModel(tuple(weights.tolist()), intercept, 1.0, 1.0), settings
    )
    probability = np.array([model.probability(row) for row in x])
    return Calibration(model, len(asked), _risk_coverage(probability, y, weight))


def hold_out(
    entries: Sequence[Entry], chosen: random.Random
) -> tuple[list[Entry], list[tuple[str, int]]]:
    """
    Entries without some of their phrasings, and those: (phrasing, number of its entry).

    One phrasing in ten is held out, but at least one of each entry that can spare it: that has
    another phrasing, or a title beside a text. The title of an entry with nothing else to ask by
    is asked of the text alone.
    """
    entries = list(entries)
    if len(entries) > MAX_ENTRIES:
        entries = [entries[i] for i in sorted(chosen.sample(range(len(entries)), MAX_ENTRIES))]
    asked: list[tuple[str, int]] = []
    kept: list[Entry] = []
    for number, entry in enumerate(entries):
        if len(entry.questions) + bool(entry.title) > 1 and entry.questions:
            n = max(1, len(entry.questions) // 10)
            out = set(chosen.sample(range(len(entry.questions)), n))
            asked += [(entry.questions[i], number) for i in out]
            rest = tuple(q for i, q in enumerate(entry.questions) if i not in out)
            kept.append(replace(entry, questions=rest))
        elif entry.title and entry.text.strip() and len(entries) <= 20 * MAX_ASKED:
            # Half of the titles stay, so that a question still meets other entries' titles.
            if number % 2:
                asked.append((entry.title, number))
                kept.append(replace(entry, title=""))
            else:
                kept.append(entry)
        else:
            kept.append(entry)
    if len(asked) > MAX_ASKED:
        asked = [asked[i] for i in sorted(chosen.sample(range(len(asked)), MAX_ASKED))]
    return kept, asked


def _index_of(
    entries: Sequence[Entry], settings: BuildSettings, synonyms: Sequence[Sequence[str]] = ()
) -> Index:
    """An index of the entries, in memory."""
    draft = Draft(info={"created": ""})
    add_terms(draft, read_corpus(entries), settings, synonyms)
    add_shelf(draft, [replace(entry, text="") if entry.title else entry for entry in entries])
    draft.files["confidence.json"] = DEFAULT.to_json()
    return Index(draft)


def _examples(
    index: Index, asked: Sequence[tuple[str, int]], out_of_scope: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Features (n, n_features), whether the best entry was right, and sample weights."""
    rows: list[tuple[float, ...]] = []
    right: list[bool] = []
    weight: list[float] = []
    n_strange = len(asked) + len(out_of_scope)
    strange = OUT_OF_SCOPE_SHARE / (1 - OUT_OF_SCOPE_SHARE) * len(asked) / n_strange
    hidden = np.ones(index.entry_count, bool)
    for text, number in asked:
        question = index.read(text)
        nearest = index.nearest(question.counts, MIN_NEAREST)
        if nearest.hits:
            rows.append(features(index, question, nearest))
            right.append(nearest.hits[0].entry == number)
            weight.append(1.0)
        hidden[number] = False
        without = _without_own_words(index, question, number)
        nearest = index.nearest(without.counts, MIN_NEAREST, hidden)
        hidden[number] = True
        if nearest.hits:
            rows.append(features(index, without, nearest))
            right.append(False)
            weight.append(strange)
    for text in out_of_scope:
        question = index.read(text)
        nearest = index.nearest(question.counts, MIN_NEAREST)
        if nearest.hits:
            rows.append(features(index, question, nearest))
            right.append(False)
            weight.append(strange)
    return np.array(rows).reshape(-1, len(FEATURES)), np.array(right, np.int64), np.array(weight)


def _without_own_words(index: Index, question: ReadQuestion, entry: int) -> ReadQuestion:
    """The question as an index without *entry* reads it: words only it has are unknown."""
    field, counts = index.whole, question.counts
    starts = field.indptr[counts.terms].astype(np.int64)
    sizes = field.indptr[counts.terms.astype(np.int64) + 1].astype(np.int64) - starts
    alone = sizes == 1
    alone[alone] = field.row[starts[alone]] == entry
    if not alone.any():
        return question
    first, second = counts.cuts
    lost = set(counts.terms[:first][alone[:first]].tolist())
    words = np.array([UNKNOWN if w in lost else w for w in question.words.tolist()], np.uint32)
    kept = ~alone
    cuts = (int(kept[:first].sum()), int(kept[:second].sum()))
    return replace(
        question, words=words, counts=TermCounts(counts.terms[kept], counts.tf[kept], cuts)
    )


def _with_thresholds(model: ConfidenceModel, settings: BuildSettings) -> ConfidenceModel:
    answer = settings.target_precision
    return replace(model, answer=answer, suggest=SUGGEST_SHARE * answer)


def _risk_coverage(
    probability: npt.NDArray[np.float64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
) -> tuple[RiskCoverage, ...]:
    """What each threshold would do to the questions the model was fitted on."""
    table = []
    asked = weight == 1.0
    for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        given = probability >= threshold
        mass = float(weight[given].sum())
        table.append(
            RiskCoverage(
                threshold,
                answered=float(given[asked].mean()),
                precision=float(weight[given & (right == 1)].sum()) / mass if mass else 1.0,
                refused=float((~given[~asked]).mean()) if (~asked).any() else 1.0,
            )
        )
    return tuple(table)
