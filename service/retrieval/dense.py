"""
What a question means, beside what it says: the rows' vectors, and how they join the words.

Only an index that was built with an embedding model has vectors, and only a server that was given
the same model looks at them. Of each entry the rows are its title and phrasings (short), then the
sections of its body: ``dense.vector`` (n_rows, d) int8, ``dense.scale`` (n_rows,) float32, and
``dense.bounds`` (2 n_entries + 1,), where each of an entry's two runs begins.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from service.errors import ArtefactModel, EncodingFailed
from service.retrieval.artefact import Reader
from service.retrieval.confidence import ConfidenceModel
from service.retrieval.embedding import Encoder, unit
from service.retrieval.evidence import DENSE_FEATURES
from service.retrieval.kernel import VOTERS, top_rows
from service.retrieval.similarity import best_of_runs, similarities, whole_question

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.uint32]

# Of the words' best entries and of the nearest rows so many are compared in full. More changed
# no development set by a question (docs/decisions/0062).
CANDIDATES = 64
NEAREST_ROWS = 128


@dataclass(frozen=True, slots=True)
class Fusion:
    """
    How meaning joins the words; chosen by measurement (docs/decisions/0062).

    ``score = (words + weight * meaning) / (1 + weight * (1 + ballot * voters))``, where meaning is
    the mean of the cosines of an entry's best short row and of its best section (of the one it
    has), plus ``ballot`` times the sum of its short rows among the nearest.
    """

    weight: float = 0.5
    ballot: float = 0.02

    @property
    def most(self) -> float:
        """The largest sum there can be, by which every score is divided."""
        return 1 + self.weight * (1 + self.ballot * VOTERS)

    def as_dict(self) -> dict[str, Any]:
        """The fusion as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A question's vector, or the code of the reason why there is none."""

    vector: Floats | None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Fused:
    """The nearest entries by words and meaning, best first, and each one's share of meaning."""

    entries: Numbers
    scores: Floats
    meaning: Floats


class Rows(Protocol):
    """What finds the nearest rows faster than by comparing all of them."""

    def nearest(self, vector: Floats, k: int) -> Numbers:
        """(k,) numbers of rows, nearest first."""


class _Scratch(threading.local):
    def __init__(self, n_rows: int) -> None:
        self.rows = np.zeros(n_rows, np.float32)


class Dense:
    """The vectors of one generation, and the model that made them."""

    def __init__(self, reader: Reader, encoder: Encoder) -> None:
        about = reader.info.get("embedding")
        if about is None or about["model"] != encoder.digest:
            raise ArtefactModel(_other_model(reader.generation, about, encoder))
        self.encoder = encoder
        self.model: str = encoder.digest
        self.fusion = Fusion(**about["fusion"])
        self.confidence = ConfidenceModel.from_json(reader.data("dense.json"), DENSE_FEATURES)
        self._vectors = reader.array("dense.vector")
        self._scale = reader.array("dense.scale")
        self._bounds = reader.array("dense.bounds")
        self._graph = _open_graph(reader) if about["graph"] else None
        self._scratch = _Scratch(len(self._vectors))

    def read(self, text: str, beside: Meaning | None = None) -> Meaning:
        """
        What a text means.

        Args:
            text: the question, its typing errors corrected.
            beside: what is averaged with it: the meaning of a question that leans on this one.

        """
        try:
            vector = self.encoder.encode([text])
        except EncodingFailed as error:
            return Meaning(None, error.code)
        if beside is not None and beside.vector is not None:
            vector = unit(vector + beside.vector)
        return Meaning(vector[0])

    def fuse(
        self,
        vector: Floats,
        words: Floats,
        ceiling: float,
        k: int,
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> Fused:
        """
        The *k* best entries by words and meaning together; equal scores keep corpus order.

        Args:
            vector: (d,) of length 1, from :meth:`read`.
            words: (n_entries,) what the words gave each entry.
            ceiling: the most they could have given.
            k: at most this many.
            allowed: (n_entries,) entries that may appear; all where None.

        """
        question, factor = whole_question(vector)
        rows, cosines = self._nearest_rows(vector, question, factor, allowed)
        runs = np.searchsorted(self._bounds, rows, side="right") - 1
        near = np.unique(runs // 2)
        said = words[near]
        best, values = np.empty(CANDIDATES, np.uint32), np.empty(CANDIDATES, np.float32)
        found = top_rows(words, best, values)
        entries = np.union1d(near, best[:found]).astype(np.uint32)
        score = np.zeros(entries.size, np.float32)
        score[np.searchsorted(entries, near)] = said
        score[np.searchsorted(entries, best[:found])] = values[:found]
        meaning = self._meaning(entries, question, factor)
        short = runs % 2 == 0
        voters, ballots = runs[short][:VOTERS] // 2, cosines[short][:VOTERS]
        np.add.at(meaning, np.searchsorted(entries, voters), self.fusion.ballot * ballots)
        together = score / ceiling + self.fusion.weight * meaning
        fused = (together / self.fusion.most).astype(np.float32)
        order = np.argsort(-fused, kind="stable")[:k]
        order = order[fused[order] > 0]
        return Fused(entries[order], fused[order], meaning[order])

    def _nearest_rows(
        self,
        vector: Floats,
        question: npt.NDArray[np.int16],
        factor: np.float32,
        allowed: npt.NDArray[np.bool_] | None,
    ) -> tuple[npt.NDArray[np.int64], Floats]:
        """The nearest rows, best first, and their cosines, which are above 0."""
        scratch = self._scratch.rows
        if self._graph is not None and allowed is None:
            rows = self._graph.nearest(vector, NEAREST_ROWS)
            cosines = np.empty(rows.size, np.float32)
            similarities(self._vectors[rows], self._scale[rows], question, factor, cosines)
            order = np.argsort(-cosines, kind="stable")
            order = order[cosines[order] > 0]
            return rows[order].astype(np.int64), cosines[order]
        similarities(self._vectors, self._scale, question, factor, scratch)
        if allowed is not None:
            owners = np.repeat(allowed, np.diff(self._bounds[::2]).astype(np.int64))
            scratch *= owners
        best, values = np.empty(NEAREST_ROWS, np.uint32), np.empty(NEAREST_ROWS, np.float32)
        found = top_rows(scratch, best, values)
        return best[:found].astype(np.int64), values[:found]

    def _meaning(
        self, entries: Numbers, question: npt.NDArray[np.int16], factor: np.float32
    ) -> Floats:
        """Of each entry the mean of its two best cosines; of the one it has, where it has one."""
        best = np.empty((entries.size, 2), np.float32)
        best_of_runs(self._vectors, self._scale, self._bounds, entries, question, factor, best)
        has = np.diff(self._bounds).reshape(-1, 2)[entries] > 0
        total = (np.maximum(best, 0) * has).sum(axis=1)
        return np.asarray(total / np.maximum(has.sum(axis=1), 1), np.float32)


def _open_graph(reader: Reader) -> Rows:
    from service.retrieval.graph import Graph

    return Graph(reader)


def _other_model(generation: str, about: Any, encoder: Encoder) -> str:
    has = "has no vectors" if about is None else f"was built with model {about['model'][:12]}…"
    return (
        f"{generation} {has}, and this program is set to use model {encoder.digest[:12]}…. Build "
        "it again with the same embedding_model_dir, or take that setting away."
    )
