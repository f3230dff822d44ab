"""The compiled loops and their numpy twins: the same sums, whoever does them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from service.retrieval.kernel import BLOCK, VOTERS, accumulate, top_entries, top_rows
from service.retrieval.kernel_plain import accumulate_plain, top_entries_plain, top_rows_plain

U32, F32 = np.uint32, np.float32


@dataclass(frozen=True)
class Postings:
    """A random field of *rows* rows, and a question about it."""

    indptr: np.ndarray
    row: np.ndarray
    weight: np.ndarray
    terms: np.ndarray
    question: np.ndarray
    n_rows: int


def random_postings(seed: int, n_rows: int = 40, n_terms: int = 15) -> Postings:
    random = np.random.default_rng(seed)
    dense = random.random((n_terms, n_rows)) * (random.random((n_terms, n_rows)) < 0.3)
    term, row = np.nonzero(dense)
    indptr = np.searchsorted(term, np.arange(n_terms + 1)).astype(np.uint64)
    terms = random.permutation(n_terms)[:6].astype(U32)
    return Postings(
        indptr,
        row.astype(U32),
        dense[term, row].astype(F32),
        terms,
        random.random(6).astype(F32),
        n_rows,
    )


def best_of(function, scores, k):
    """(rows, values) that *function* picks; the scores are left as it leaves them."""
    best, values = np.empty(k, U32), np.empty(k, F32)
    found = function(scores, best, values)
    return best[:found].tolist(), values[:found].tolist()


def entries_of(function, scores, owners, entry_scores, k=10, share=0.5, ballot=0.25):
    """(entries, their scores) that *function* picks, after the nearest rows were found."""
    voters, ballots = np.zeros(VOTERS, U32), np.zeros(VOTERS, F32)
    found = top_rows_plain(scores, voters, ballots)
    best, values = np.empty(k, U32), np.empty(k, F32)
    found = function(
        scores, owners, voters[:found], ballots[:found], F32(share), F32(ballot), entry_scores,
        best, values,
    )  # fmt: skip
    return best[:found].tolist(), values[:found].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_accumulate_is_a_sum_over_posting_lists(seed):
    """Each row's score is the sum of its weights times the question's, in both versions."""
    field = random_postings(seed)
    expected = np.zeros(field.n_rows)
    for term, factor in zip(field.terms, field.question, strict=True):
        for at in range(int(field.indptr[term]), int(field.indptr[term + 1])):
            expected[field.row[at]] += float(factor) * float(field.weight[at])
    for function in (accumulate, accumulate_plain):
        scores = np.zeros(field.n_rows, F32)
        function(field.indptr, field.row, field.weight, field.terms, field.question, scores)
        assert scores == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("function", [accumulate, accumulate_plain])
def test_accumulate_adds_to_what_is_there(function):
    """Scores of an earlier field stay; a term without postings adds nothing."""
    indptr = np.array([0, 1, 1], np.uint64)
    scores = np.array([1.0, 2.0], F32)
    function(
        indptr, np.array([1], U32), np.array([0.5], F32), np.array([0, 1], U32),
        np.array([2.0, 9.0], F32), scores,
    )  # fmt: skip
    assert scores.tolist() == [1.0, 3.0]


@pytest.mark.parametrize("function", [top_rows, top_rows_plain])
@pytest.mark.parametrize("k", [1, 3, 10, 100])
def test_the_best_rows_come_first(function, k):
    """The k largest scores come in falling order, as sorting everything would give them."""
    scores = np.random.default_rng(k).random(50).astype(F32)
    order = np.argsort(-scores, kind="stable")[:k]
    expected = order.tolist(), scores[order].tolist()
    assert best_of(function, scores, k) == expected


@pytest.mark.parametrize("function", [top_rows, top_rows_plain])
def test_equal_scores_keep_row_order(function):
    """One question always reads one way: of equals, the first row in the corpus comes first."""
    scores = np.array([1, 2, 1, 2, 2, 1, 0.5], F32)
    assert best_of(function, scores, 5)[0] == [1, 3, 4, 0, 2]


@pytest.mark.parametrize("function", [top_rows, top_rows_plain])
def test_rows_that_share_no_term_never_appear(function):
    """A score of 0 is no hit, even where there are fewer hits than were asked for."""
    scores = np.array([0, 0.5, 0, -1, 0.25], F32)
    assert best_of(function, scores, 4) == ([1, 4], [0.5, 0.25])


@pytest.mark.parametrize("n_rows", [BLOCK - 1, BLOCK, BLOCK + 1, 10 * BLOCK + 7])
def test_the_best_rows_are_found_in_every_block(n_rows):
    """A row is found wherever it stands: at either end of a block and in the last, short one."""
    for at in range(n_rows):
        scores = np.zeros(n_rows, F32)
        scores[at] = 0.5
        assert best_of(top_rows, scores, 3) == ([at], [0.5])


@pytest.mark.parametrize("function", [top_entries, top_entries_plain])
def test_an_entry_has_its_best_row_and_a_share_of_its_ballots(function):
    """score = own + share x (best row + ballot x sum of its rows among the nearest)."""
    scores = np.array([0.4, 0.2, 0, 0.8], F32)
    owners = np.array([0, 0, 1, 2], U32)
    entries, values = entries_of(function, scores, owners, np.array([0, 0.1, 0.2], F32))
    assert entries == [2, 0, 1]
    assert values == pytest.approx([0.2 + 0.5 * (0.8 + 0.25 * 0.8), 0.5 * (0.4 + 0.25 * 0.6), 0.1])


@pytest.mark.parametrize("function", [top_entries, top_entries_plain])
def test_only_the_nearest_rows_have_a_ballot(function):
    """A row beyond the voters still counts as its entry's best row, and no more."""
    scores = np.linspace(1, 0.5, VOTERS + 1).astype(F32)
    owners = np.array([0] * VOTERS + [1], U32)
    entries, values = entries_of(function, scores, owners, np.zeros(2, F32))
    assert entries == [0, 1]
    assert values == pytest.approx([0.5 * (1 + 0.25 * scores[:VOTERS].sum()), 0.5 * 0.5])


@pytest.mark.parametrize("function", [top_entries, top_entries_plain])
def test_no_row_means_no_vote(function):
    """Where a question meets no short row, entries come in the order of their own scores."""
    own = np.array([0.1, 0, 0.3], F32)
    assert entries_of(function, np.zeros(3, F32), np.array([0, 1, 1], U32), own) == (
        [2, 0],
        own[[2, 0]].tolist(),
    )


@pytest.mark.parametrize("function", [top_entries, top_entries_plain])
def test_nothing_found_is_nothing(function):
    """A question that shares no term with any entry has no hit, nor has an index of no entries."""
    assert entries_of(function, np.zeros(3, F32), np.arange(3, dtype=U32), np.zeros(3, F32)) == (
        [],
        [],
    )
    none = np.zeros(0, F32)
    assert entries_of(function, none, np.zeros(0, U32), none) == ([], [])


@pytest.mark.parametrize("k", [1, 3, 10, 40])
@pytest.mark.parametrize("seed", range(30))
def test_compiled_and_plain_entries_agree(seed, k):
    """With many rows, ties, gaps and entries without rows, passing blocks by loses nothing."""
    random = np.random.default_rng(seed)
    n_entries, n_rows = 3 * BLOCK + 5, int(random.integers(1, 900))
    owners = np.sort(random.integers(0, n_entries, n_rows)).astype(U32)
    scores = random.integers(0, 8, n_rows) / 8 * (random.random(n_rows) < random.random())
    own = random.integers(0, 8, n_entries) / 8 * (random.random(n_entries) < random.random())
    scores, own = scores.astype(F32), own.astype(F32)
    assert entries_of(top_entries, scores, owners, own, k) == entries_of(
        top_entries_plain, scores, owners, own, k
    )


PROGRAM = """
import sys
sys.modules["numba"] = None
from pathlib import Path
from service.retrieval import kernel
from service.retrieval.index import open_index
assert not kernel.COMPILED
index = open_index(Path(sys.argv[1]))
for question in sys.argv[2:]:
    hits = index.nearest(index.read(question).counts, 3).hits
    print([(hit.entry, round(hit.score, 5)) for hit in hits])
"""


def test_a_machine_without_numba_gives_the_same_hits(index_root, index):
    """Where numba cannot be imported the same questions find the same entries, only slower."""
    questions = ["my printer is offline", "slow wifi", "error 0x80070057", "pritner jam sound"]
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(index_root), *questions],
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [
        [(hit.entry, round(hit.score, 5)) for hit in index.nearest(index.read(q).counts, 3).hits]
        for q in questions
    ]
    assert found.stdout.splitlines() == [str(hits) for hits in expected]
