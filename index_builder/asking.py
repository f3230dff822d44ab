"""Questions asked of an index in memory, to examples that a confidence model can learn from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from index_builder.config import BuildSettings
from index_builder.dense import add_dense
from index_builder.draft import Draft
from index_builder.encoding import CachedEncoder
from index_builder.fitting import Examples, shipped_prior
from index_builder.mock_questions import Asked
from index_builder.shelf import add_shelf
from index_builder.terms import add_terms, read_corpus
from service.retrieval.entries import Entry
from service.retrieval.evidence import DENSE_FEATURES, FEATURES, features
from service.retrieval.index import MIN_NEAREST, Index
from service.retrieval.reading import ReadQuestion
from service.retrieval.vocabulary import UNKNOWN, TermCounts

_Row = tuple[tuple[float, ...], bool, bool]


def index_of(
    entries: Sequence[Entry],
    settings: BuildSettings,
    synonyms: Sequence[Sequence[str]] = (),
    encoder: CachedEncoder | None = None,
) -> Index:
    """An index of the entries in memory, without their bodies' HTML."""
    draft = Draft(info={"created": ""})
    add_terms(draft, read_corpus(entries), settings, synonyms)
    add_shelf(draft, [Entry(id=entry.id, title="-", kind=entry.kind) for entry in entries])
    draft.files["confidence.json"] = shipped_prior().model().to_json()
    if encoder is not None:
        add_dense(draft, entries, encoder)
        draft.files["dense.json"] = shipped_prior(meaning=True).model().to_json(DENSE_FEATURES)
    return Index(draft, encoder=encoder)


def ask(index: Index, asked: Iterable[tuple[str, Collection[int]]]) -> Examples:
    """
    Ask questions as they are.

    Args:
        index: of the entries that are numbered.
        asked: each question, and the numbers of the entries that answer it: none where nothing
            does. One that shares no term with the index gives no example: it is never answered.

    """
    rows: list[_Row] = []
    asked = list(asked)
    _encode(index, [text for text, _ in asked])
    for text, expected in asked:
        rows += _asked(index, text, index.read(text), expected, None)
    return _examples(index, rows)


def ask_hidden(index: Index, asked: Iterable[Asked]) -> Examples:
    """Ask questions with the entry that answers each hidden, so that nothing does."""
    rows: list[_Row] = []
    asked = list(asked)
    _encode(index, [text for text, _ in asked])
    allowed = np.ones(index.entry_count, bool)
    for text, number in asked:
        allowed[number] = False
        question = _without_own_words(index, index.read(text), number)
        rows += _asked(index, text, question, (), allowed)
        allowed[number] = True
    return _examples(index, rows)


def _encode(index: Index, texts: Sequence[str]) -> None:
    """Have the encoder read many texts at once; it remembers them when they are asked."""
    if index.dense is not None:
        index.dense.encoder.encode(texts)


def _asked(
    index: Index,
    text: str,
    question: ReadQuestion,
    expected: Collection[int],
    allowed: npt.NDArray[np.bool_] | None,
) -> list[_Row]:
    meaning = index.meaning(text)
    vector = None if meaning is None else meaning.vector
    nearest = index.nearest(question.counts, MIN_NEAREST, allowed, vector)
    if not nearest.hits:
        return []
    right = nearest.hits[0].entry in expected
    return [(features(index, question, nearest), right, bool(expected))]


def _examples(index: Index, rows: Sequence[_Row]) -> Examples:
    """Each row weighs 1."""
    width = len(FEATURES if index.dense is None else DENSE_FEATURES)
    return Examples(
        np.array([row[0] for row in rows]).reshape(-1, width),
        np.array([row[1] for row in rows], bool),
        np.array([row[2] for row in rows], bool),
        np.ones(len(rows)),
    )


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
