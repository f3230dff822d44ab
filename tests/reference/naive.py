"""
The same scores, the slow and obvious way: plain Python, dictionaries, one row after the other.

Written from the formulas, not from the program: it is given the tokens and the blend, and scores
every row of the corpus for every question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log, sqrt

from service.retrieval.entries import Entry
from service.retrieval.weighting import Blend, FieldBlend

Tokens = list[str]
Counts = Counter[str]
Tokenise = Callable[[str], Tokens]
K1, B = 1.2, 0.75
VOTERS = 20
# An n-gram in more rows than this has no postings, but counts in what a question could reach.
STOP_SHARE, STOP_FLOOR = 0.02, 50


def grams(word: str) -> list[str]:
    """The runs of four characters of a word between spaces."""
    padded = f" {word} "
    return [padded[i : i + 4] for i in range(max(1, len(padded) - 3))]


def parts_of(tokens: Tokens) -> tuple[Counts, Counts, Counts]:
    """How often each word, each pair of neighbours and each n-gram is said."""
    return (
        Counter(tokens),
        Counter(f"{left} {right}" for left, right in pairwise(tokens)),
        Counter(gram for token in tokens for gram in grams(token)),
    )


class Part:
    """One part of a field: what every row says of it, and what a question makes of that."""

    def __init__(self, rows: list[Counts], scheme: str, *, stops: bool) -> None:
        self.rows = rows
        self.scheme = scheme
        self.df = Counter(term for row in rows for term in row)
        limit = max(STOP_FLOOR, STOP_SHARE * len(rows)) if stops else len(rows)
        self.stopped = {term for term, df in self.df.items() if df > limit}
        self.mean = sum(row.total() for row in rows) / len(rows) if rows else 0.0
        self.lengths = [self._length(row) for row in rows]

    def idf(self, term: str) -> float:
        n, df = len(self.rows), self.df[term]
        if df == 0:
            return 0.0
        if self.scheme == "bm25":
            return log(1 + (n - df + 0.5) / (df + 0.5))
        return log((1 + n) / (1 + df)) + 1

    def _smart(self, row: Counts, term: str) -> float:
        factor = self.idf(term) if self.scheme == "ltc.ltc" else 1.0
        return (1 + log(row[term])) * factor

    def _length(self, row: Counts) -> float:
        if self.scheme == "bm25":
            return float(row.total())
        return sqrt(sum(self._smart(row, term) ** 2 for term in row if term not in self.stopped))

    def weight(self, row: int, term: str) -> float:
        """What a term weighs in a row."""
        tf = self.rows[row][term]
        if not tf or term in self.stopped:
            return 0.0
        if self.scheme == "bm25":
            return tf / (tf + K1 * (1 - B + B * self.lengths[row] / self.mean))
        return self._smart(self.rows[row], term) / self.lengths[row]

    def scores(self, question: Counts) -> list[float]:
        """Of every row, between 0 and 1: what it has of what the question could reach."""
        if self.scheme == "bm25":
            asked = {term: tf * self.idf(term) for term, tf in question.items()}
            size = sum(asked.values())
        else:
            asked = {term: (1 + log(tf)) * self.idf(term) for term, tf in question.items()}
            size = sqrt(sum(weight**2 for weight in asked.values()))
        if not size:
            return [0.0] * len(self.rows)
        return [
            sum(weight * self.weight(row, term) for term, weight in asked.items()) / size
            for row in range(len(self.rows))
        ]


class NaiveIndex:
    """Every row of a corpus, scored one by one."""

    def __init__(
        self, entries: Sequence[Entry], scheme: str, blend: Blend, tokenise: Tokenise
    ) -> None:
        self.blend = blend
        self.tokenise = tokenise
        self.owners: list[int] = []
        short: list[Tokens] = []
        whole: list[Tokens] = []
        for number, entry in enumerate(entries):
            texts = [
                text for text in (entry.title, *entry.questions, *entry.pinned) if text.strip()
            ]
            short += [tokenise(text) for text in texts]
            self.owners += [number] * len(texts)
            whole.append([token for text in (*texts, entry.text) for token in tokenise(text)])
        self.short = self._field(short, scheme)
        self.whole = self._field(whole, scheme)

    @staticmethod
    def _field(rows: list[Tokens], scheme: str) -> list[Part]:
        counted = [parts_of(tokens) for tokens in rows]
        return [Part([row[part] for row in counted], scheme, stops=part == 2) for part in range(3)]

    def short_scores(self, question: str) -> list[float]:
        """The score of every title and phrasing."""
        return self._add(question, self.short, self.blend.short)

    def whole_scores(self, question: str) -> list[float]:
        """The score of every entry as one row."""
        return self._add(question, self.whole, self.blend.whole)

    def _add(self, question: str, parts: list[Part], blend: FieldBlend) -> list[float]:
        asked = parts_of(self.tokenise(question))
        words, pairs, letters = (
            part.scores(counts) for part, counts in zip(parts, asked, strict=True)
        )
        return [
            word + blend.pairs * pair + blend.grams * letter
            for word, pair, letter in zip(words, pairs, letters, strict=True)
        ]

    def scores(self, question: str) -> list[float]:
        """The score of every entry: its best row, its ballots, and itself as a whole."""
        share, ballot = self.blend.short.share, self.blend.ballot
        rows = self.short_scores(question)
        found = [self.blend.whole.share * score for score in self.whole_scores(question)]
        best: dict[int, float] = {}
        for score, owner in zip(rows, self.owners, strict=True):
            best[owner] = max(score, best.get(owner, 0.0))
        for owner, score in best.items():
            found[owner] += share * score
        for row in self.nearest_rows(rows)[:VOTERS]:
            found[self.owners[row]] += share * ballot * rows[row]
        return [score / self.ceiling for score in found]

    @property
    def ceiling(self) -> float:
        """What an entry would have whose every part is the best there could be."""
        short, whole = self.blend.short, self.blend.whole
        votes = 1 + self.blend.ballot * VOTERS
        return short.share * (1 + short.pairs + short.grams) * votes + whole.share * (
            1 + whole.pairs + whole.grams
        )

    @staticmethod
    def nearest_rows(rows: list[float]) -> list[int]:
        """All rows, best first; equal ones in corpus order."""
        return sorted(range(len(rows)), key=lambda row: -rows[row])

    def has_tied_voters(self, question: str) -> bool:
        """Whether the last row with a ballot and the first without are equal but for rounding."""
        rows = self.short_scores(question)
        order = self.nearest_rows(rows)[VOTERS - 1 : VOTERS + 1]
        return len(order) == 2 and rows[order[0]] > 0 and rows[order[0]] - rows[order[1]] < 1e-5
