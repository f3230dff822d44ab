"""
An open index: a question's words in, the nearest entries out.

>>> index = open_index(Path("build/index"))            # doctest: +SKIP
>>> index.nearest(index.read("printer is offline"), 3)  # doctest: +SKIP
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from service.errors import ArtefactDamaged, ArtefactModel
from service.retrieval.analysis import AnalyserSettings, surfaces
from service.retrieval.artefact import Reader, open_generation
from service.retrieval.confidence import ConfidenceModel
from service.retrieval.entries import Listed, Related, StoredEntry
from service.retrieval.evidence import features, likest
from service.retrieval.facets import Facets
from service.retrieval.fields import Field
from service.retrieval.information import Information
from service.retrieval.kernel import VOTERS, top_rows, vote
from service.retrieval.kernel_plain import entry_totals
from service.retrieval.reading import Language
from service.retrieval.store import EntryStore
from service.retrieval.vocabulary import UNKNOWN, TermCounts, Words
from service.retrieval.weighting import Blend

if TYPE_CHECKING:
    from service.retrieval.dense import Dense, Meaning
    from service.retrieval.embedding import Encoder

Floats = npt.NDArray[np.float32]

# Kept beside the nearest entries: the confidence model looks at the best five.
MIN_NEAREST = 10


class Hit(NamedTuple):
    """
    One of the nearest entries: its number in the index, and a score in [0, 1].

    ``meaning`` is its share of meaning, about a cosine; None where words alone decided.
    """

    entry: int
    score: float
    meaning: float | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """
    The nearest entries, best first, and what the decision looks at.

    ``rows`` are the nearest short rows, best first, ``voters`` their entries and ``ballots`` their
    scores; all are empty where no phrasing or title shares a term.
    """

    hits: tuple[Hit, ...]
    rows: npt.NDArray[np.uint32]
    voters: npt.NDArray[np.uint32]
    ballots: Floats


class _Scratch(threading.local):
    """Accumulators, one set a thread; always zero between questions."""

    def __init__(self, n_short: int, n_entries: int) -> None:
        self.short = np.zeros(n_short, np.float32)
        self.entries = np.zeros(n_entries, np.float32)


class Index(Language):
    """One generation, open. Everything here is read-only but the thread's own scratch."""

    # What its rows mean, where there is an embedding model.
    dense: Dense | None = None

    def __init__(
        self, reader: Reader, engine: str = "mapped", encoder: Encoder | None = None
    ) -> None:
        self._open_words(reader)
        self._open_rows(reader, engine)
        if encoder is not None:
            from service.retrieval.dense import Dense

            self.dense = Dense(reader, encoder)

    def _open_words(self, reader: Reader) -> None:
        """What turns a question into terms, and a score into a decision."""
        info = reader.info
        self.generation = reader.generation
        self.built_at: str = info["created"]
        self.settings = AnalyserSettings(**info["analyser"])
        self.scheme: str = info["weighting"]
        self.blend = Blend.from_dict(info["blend"])
        self._open_language(reader)
        self.confidence = ConfidenceModel.from_json(reader.data("confidence.json"))
        self.information = Information(reader)
        self.ceiling = self.blend.ceiling(VOTERS)

    def _open_rows(self, reader: Reader, engine: str) -> None:
        """The entries, and the postings that lead to them."""
        self.engine = engine
        self.store = EntryStore(reader)
        self.facets = Facets(reader)
        self.short = Field.open(reader, "short", self.blend.short, self.scheme)
        self.whole = Field.open(reader, "whole", self.blend.whole, self.scheme)
        self.section = Field.open(reader, "section", self.blend.section, self.scheme)
        self.section_bounds = reader.array("section.bounds")
        self.short_entry = reader.array("short.entry")
        self.entry_count = len(self.store)
        self.row_information: Floats = reader.array("short.information")
        self._scratch = _Scratch(self.short_entry.size, self.entry_count)
        self._plain = None
        if engine == "sklearn":
            from service.retrieval.plain import PlainEngine

            self._plain = PlainEngine(reader)

    def confidence_in(self, nearest: Nearest) -> ConfidenceModel:
        """The model for what was found: by words alone, or by meaning too."""
        if self.dense is not None and nearest.hits and nearest.hits[0].meaning is not None:
            return self.dense.confidence
        return self.confidence

    def meaning(self, text: str, *, beside: Meaning | None = None) -> Meaning | None:
        """What a text means, *beside* another; None where this index is asked by words alone."""
        return None if self.dense is None else self.dense.read(text, beside)

    def nearest(
        self,
        counts: TermCounts,
        k: int,
        allowed: npt.NDArray[np.bool_] | None = None,
        vector: Floats | None = None,
    ) -> Nearest:
        """
        The *k* entries closest to a question, best first; equal scores keep corpus order.

        Args:
            counts: from :meth:`read`.
            k: at most this many; fewer when fewer entries share a term.
            allowed: (n_entries,) entries that may appear; all where None.
            vector: what the question means, from :meth:`meaning`; words alone where None.

        """
        self._score(counts, allowed)
        if self.dense is not None and vector is not None:
            rows, ballots = self._voters()
            totals = self._totals(rows, ballots)
            fused = self.dense.fuse(vector, totals, self.ceiling, k, allowed)
            columns = (fused.entries.tolist(), fused.scores.tolist(), fused.meaning.tolist())
            hits = tuple(Hit(*of_one) for of_one in zip(*columns, strict=True))
        else:
            rows, ballots, best, values = self._vote(k)
            hits = tuple(
                Hit(entry, score / self.ceiling)
                for entry, score in zip(best.tolist(), values.tolist(), strict=True)
            )
        return Nearest(hits, rows, self.short_entry[rows], ballots)

    def _score(self, counts: TermCounts, allowed: npt.NDArray[np.bool_] | None) -> None:
        """Leave the score of every row in the scratch."""
        scratch = self._scratch
        if self._plain is None:
            self.short.add_scores(counts, 1.0, scratch.short)
            self.whole.add_scores(counts, self.blend.whole.share, scratch.entries)
        else:
            self._plain.scores(self, counts, scratch.short, scratch.entries)
        if allowed is not None:
            scratch.short *= allowed[self.short_entry]
            scratch.entries *= allowed

    def _voters(self) -> tuple[Words, Floats]:
        """The nearest short rows, best first."""
        rows, ballots = np.empty(VOTERS, np.uint32), np.empty(VOTERS, np.float32)
        found = top_rows(self._scratch.short, rows, ballots)
        return rows[:found], ballots[:found]

    def _vote(self, k: int) -> tuple[Words, Floats, Words, Floats]:
        """The nearest short rows and, when they have voted, entries; clears the scratch."""
        rows, ballots = np.empty(VOTERS, np.uint32), np.empty(VOTERS, np.float32)
        best, values = np.empty(k, np.uint32), np.empty(k, np.float32)
        n_rows, found = vote(
            self._scratch.short,
            self.short_entry,
            np.float32(self.blend.short.share),
            np.float32(self.blend.ballot),
            self._scratch.entries,
            rows,
            ballots,
            best,
            values,
        )
        return rows[:n_rows], ballots[:n_rows], best[:found], values[:found]

    def _totals(self, voters: Words, ballots: Floats) -> Floats:
        """What the words give every entry, (n_entries,); clears the scratch."""
        scratch = self._scratch
        totals = entry_totals(
            scratch.short,
            self.short_entry,
            voters,
            ballots,
            np.float32(self.blend.short.share),
            np.float32(self.blend.ballot),
            scratch.entries,
        )
        scratch.short.fill(0)
        scratch.entries.fill(0)
        return totals

    def likeness(self, words: Words, weights: Floats, rows: Words) -> float:
        """The largest likeness of a question's words and some short rows; see ``likest``."""
        short = self.short
        found = likest(short.indptr, short.row, words, weights, rows, self.row_information)
        return float(found)

    def best_section(self, counts: TermCounts, entry: int) -> int | None:
        """The number of the entry's section nearest to a question; None where it has no parts."""
        start, stop = int(self.section_bounds[entry]), int(self.section_bounds[entry + 1])
        if start == stop:
            return None
        weights = self.section.weights(counts)
        scores = [
            float(self.section.parts(counts, weights, row).sum()) for row in range(start, stop)
        ]
        return max(range(len(scores)), key=scores.__getitem__)

    def entry(self, entry_id: str) -> StoredEntry:
        """
        One entry by its id.

        Raises:
            EntryNotFound: this generation has none.

        """
        return self.store.load(self.store.number(entry_id))

    def entries(
        self, *, tag: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> tuple[tuple[Listed, ...], str | None]:
        """A page of the knowledge base in corpus order, and the cursor of the next one."""
        start = self.store.number(cursor) + 1 if cursor else 0
        page: list[Listed] = []
        for number in self.facets.entries(tag, start):
            if len(page) == limit:
                return tuple(page), page[-1].id
            page.append(self.store.listed(number))
        return tuple(page), None

    def suggest(self, text: str, limit: int = 5) -> tuple[Related, ...]:
        """Titles whose entries match what is typed so far; the last word may be unfinished."""
        forms = surfaces(text)
        if not forms:
            return ()
        words = [*self.vocabulary.words(forms[:-1]).tolist(), UNKNOWN]
        weights = [1.0] * len(words)
        # All words that the last one may become, told apart from each other by UNKNOWN.
        for word in self.vocabulary.starting_with(forms[-1], 40):
            words += [word, UNKNOWN]
            weights += [1.0, 0.0]
        words.append(self.vocabulary.words(forms[-1:])[0])
        weights.append(1.0)
        counts = self.vocabulary.count(
            np.array(words, np.uint32), np.array(weights[: len(words)], np.float32), ()
        )
        nearest = self.nearest(counts, limit, self.facets.answers)
        return tuple(self.store.card(hit.entry) for hit in nearest.hits)

    def starters(self, limit: int = 4) -> tuple[Related, ...]:
        """Entries to offer before anything was asked: one of each of the largest tags."""
        return tuple(self.store.card(number) for number in self.facets.starters(limit))

    def warm(self) -> None:
        """Answer a few questions, so that the first person does not wait for machine code."""
        for number in range(min(3, self.entry_count)):
            read = self.read(f"{self.store.card(number).title} xqzvk")
            nearest = self.nearest(read.counts, MIN_NEAREST)
            if nearest.hits:
                features(self, read, nearest)
                self.best_section(read.counts, nearest.hits[0].entry)

    def close(self) -> None:
        """Let go of the mapped files when the last question that holds them is answered."""


def open_index(
    root: Path,
    *,
    engine: str = "mapped",
    generation: str | None = None,
    key: bytes | None = None,
    encoder: Encoder | None = None,
) -> Index:
    """
    Open the live generation of *root*, or the one that is named.

    Args:
        root: the folder with ``CURRENT``.
        engine: ``mapped`` answers from the arrays; ``sklearn`` from the pickled NearestNeighbors.
        generation: a generation of *root* by name.
        key: the key it must be signed with.
        encoder: the embedding model, where questions are also compared by meaning.

    Raises:
        ArtefactError: missing, damaged, unsigned, of another version or model; says how to
            rebuild it.

    """
    reader = open_generation(root, generation, key)
    try:
        if "shards" in reader.info:
            from service.retrieval.sharded import open_shards

            if encoder is not None:
                raise ArtefactModel(
                    f"{reader.generation} is cut into shards, which have no vectors. Build it "
                    "without --shards, or take the setting embedding_model_dir away."
                )
            return open_shards(reader, engine, key)
        return Index(reader, engine, encoder)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ArtefactDamaged(
            f"{reader.folder} cannot be opened ({type(error).__name__}: {error}). "
            "Rebuild it with: make index"
        ) from error
