"""The fast engine against a slow and obvious one in plain Python."""

from __future__ import annotations

import joblib
import pytest

from index_builder.rendering import searchable
from service.retrieval.analysis import surfaces
from service.retrieval.artefact import open_generation
from service.retrieval.entries import Entry
from service.retrieval.index import Index
from service.retrieval.weighting import SCHEMES, Blend, FieldBlend
from tests.reference.naive import NaiveIndex


def fast_scores(index: Index, question: str) -> dict[int, float]:
    """Entry number to score, of every entry that shares a term."""
    read = index.read(question, correct=False)
    hits = index.nearest(read.counts, index.entry_count).hits
    return {hit.entry: hit.score for hit in hits}


def assert_alike(index: Index, naive: NaiveIndex, questions: list[str]) -> None:
    """The same entries with the same scores; questions whose ballots are tied are left out."""
    compared = 0
    for question in questions:
        if naive.has_tied_voters(question):
            continue
        slow = {entry: score for entry, score in enumerate(naive.scores(question)) if score > 0}
        assert fast_scores(index, question) == pytest.approx(slow, abs=1e-6), question
        compared += 1
    assert compared >= len(questions) / 2


@pytest.mark.parametrize("scheme", SCHEMES)
def test_random_corpora_score_alike(make_index, random_corpus, scheme):
    """BM25 and both TF-IDF cosines: every entry's score is the formula's, within 1e-6."""
    index = make_index(random_corpus.entries, weighting=scheme)
    naive = NaiveIndex(random_corpus.entries, scheme, index.blend, surfaces)
    assert_alike(index, naive, list(random_corpus.questions))


@pytest.mark.parametrize(
    "blend",
    [
        Blend(whole=FieldBlend(1, 0, 0), short=FieldBlend(0, 0, 0), ballot=0),
        Blend(whole=FieldBlend(0, 0, 0), short=FieldBlend(1, 0, 0), ballot=0),
        Blend(whole=FieldBlend(0.5, 1, 0), short=FieldBlend(0.5, 0, 1), ballot=0.5),
    ],
    ids=["whole entries' words", "short rows' words", "everything otherwise"],
)
def test_every_blend_scores_alike(make_index, random_corpus, blend):
    """Parts that count for nothing add nothing, and the others what their shares say."""
    index = make_index(random_corpus.entries, blend=blend)
    naive = NaiveIndex(random_corpus.entries, "bm25", blend, surfaces)
    assert_alike(index, naive, list(random_corpus.questions))


def test_small_corpora_score_alike(make_index):
    """One entry, equal entries, and a word in every row: where formulas divide by little."""
    word = "printer"
    for entries in (
        [Entry(id="a", title=word)],
        [Entry(id=f"e{n}", title=word, text=word) for n in range(5)],
        [Entry(id=f"e{n}", questions=(f"{word} {n}", word)) for n in range(9)],
    ):
        for scheme in SCHEMES:
            index = make_index(entries, weighting=scheme)
            naive = NaiveIndex(entries, scheme, index.blend, surfaces)
            assert_alike(index, naive, [word, f"{word} {word}", "prin ter", "5"])


SHIPPED_QUESTIONS = [
    "my wifi is connected but there is no internet",
    "printer offline",
    "how do i reset my forgotten windows password",
    "error 0x80070057 in outlook",
    "laptop battery drains fast",
    "macbook camera black in video calls",
    "usb stick write protected",
    "is this email phishing",
]


def test_the_shipped_knowledge_base_scores_alike(
    make_index, shipped, shipped_report, shipped_entries
):
    """With lemmas, Markdown and thousands of rows the formula still gives every score."""
    reader = open_generation(shipped_report.folder.parent)
    analyser = joblib.load(reader.path("vectoriser.joblib")).analyser
    naive = NaiveIndex(
        shipped_entries, "bm25", shipped.blend, lambda text: analyser.tokens(searchable(text))
    )
    # Synonyms are not part of the formula: the same corpus without its synonyms file.
    assert_alike(make_index(shipped_entries, lemmas="auto"), naive, SHIPPED_QUESTIONS)
