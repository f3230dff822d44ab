"""
An index in shards, which answers exactly as one index would.

The words of a question are looked up here; every shard scores its own rows; the ballots are cast
over the nearest rows of all. Ballots only add, so an entry among the nearest *k* of all either
has a row among its shard's nearest or is among its shard's best *k*: one round is enough.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from service.errors import ArtefactError, IndexUnavailable
from service.retrieval.artefact import GenerationReader, Reader
from service.retrieval.entries import Related
from service.retrieval.evidence import likest
from service.retrieval.index import Hit, Index, Nearest
from service.retrieval.kernel import VOTERS
from service.retrieval.shard import Candidates, Detail, Filter, Shard, ShardReader, Summary
from service.retrieval.sharded_parts import FarFacets, FarField, FarStore
from service.retrieval.vocabulary import UNKNOWN, TermCounts, Words
from service.retrieval.weighting import Blend

Floats = npt.NDArray[np.float32]
# As many as any page offers before something was asked.
_STARTERS = 12


class Away:
    """Stands for the answer of a shard that gave none in time."""


AWAY = Away()


@dataclass(frozen=True, slots=True)
class Call:
    """A method of one shard, and what it is called with."""

    shard: int
    method: str
    arguments: tuple[Any, ...] = ()


class Shards(Protocol):
    """The way to the shards of one generation."""

    def call(self, calls: Sequence[Call]) -> list[Any]:
        """What each call gives, ``AWAY`` where its shard does not answer in time."""

    def for_question(self) -> Shards:
        """The same for one question, whose time begins to run."""

    def close(self) -> None:
        """Nothing more will be asked of this generation."""


class ShardsHere:
    """Shards open in this process."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self._shards = shards

    def call(self, calls: Sequence[Call]) -> list[Any]:
        """One after the other."""
        return [getattr(self._shards[call.shard], call.method)(*call.arguments) for call in calls]

    def for_question(self) -> ShardsHere:
        """Nothing here takes a time that could run out."""
        return self

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(slots=True)
class Memory:
    """
    What the shards said of entries while one question was answered.

    ``terms`` are those of the question, ``place`` where each word stands among them; ``said`` and
    ``information`` are those of the nearest short rows (see :class:`Candidates`). ``exact`` is the
    entry that has the question word for word: it may not be among the nearest.
    """

    terms: Words = field(default_factory=lambda: np.empty(0, np.uint32))
    place: dict[int, int] = field(default_factory=dict)
    said: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty((0, 0), bool))
    information: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    details: dict[int, Detail] = field(default_factory=dict)
    cards: dict[int, bytes] = field(default_factory=dict)
    exact: int | None = None


class ShardedIndex(Index):
    """
    An index whose rows are elsewhere.

    ``partial`` is whether a shard was away since :meth:`for_question`.
    """

    def __init__(self, reader: Reader, shards: Shards) -> None:
        self._open_words(reader)
        self.engine = "mapped"
        self._shards = shards
        self.partial = False
        self.memory = Memory()
        sizes = [int(shard["entries"]) for shard in reader.info["shards"]]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.entry_count = int(self.starts[-1])
        summaries = self._of_all("summary", needed=True)
        self.store = FarStore(reader, self)
        self.facets = FarFacets(self, cast(list[Summary], summaries))
        self._open_fields(reader)
        self._starters: tuple[Related, ...] = ()

    def _open_fields(self, reader: Reader) -> None:
        for name in ("short", "whole", "section"):
            blend = getattr(self.blend, name)
            setattr(self, name, FarField.of(reader, name, blend, self.scheme, self))

    def for_question(self) -> ShardedIndex:
        """The same index with a memory and a deadline of its own."""
        view = copy.copy(self)
        view._shards = self._shards.for_question()
        view.partial = False
        view.memory = Memory()
        view.store = FarStore.of(self.store, view)
        view.facets = copy.copy(self.facets)
        view.facets.index = view  # type: ignore[attr-defined]
        for name in ("short", "whole", "section"):
            setattr(view, name, FarField.towards(getattr(self, name), view))
        return view

    def nearest(
        self, counts: TermCounts, k: int, allowed: Any = None, vector: Floats | None = None
    ) -> Nearest:
        """As of :class:`Index`; *allowed* is what ``facets`` gave."""
        wanted = None if allowed is None else allowed.wanted
        shards = range(len(self.starts) - 1)
        found = self.call(
            [Call(s, "candidates", (counts, k, self._for_shard(wanted, s))) for s in shards]
        )
        if all(one is AWAY for one in found):
            raise IndexUnavailable("No shard of the index answered in time. Please ask again.")
        parts = [
            (int(self.starts[shard]), one) for shard, one in enumerate(found) if one is not AWAY
        ]
        entries, scores, voters, ballots = cast_ballots(parts, self.blend, k)
        exact = self.memory.exact
        self.memory = _memory(counts, [one for _, one in parts])
        self.fetch([*entries.tolist(), *([] if exact is None else [exact])])
        hits = tuple(
            Hit(entry, score / self.ceiling)
            for entry, score in zip(entries.tolist(), scores.tolist(), strict=True)
            # The details of an entry are missing when its shard went away between two calls.
            if entry in self.memory.details
        )
        rows = np.arange(voters.size, dtype=np.uint32)
        return Nearest(hits, rows, voters, ballots)

    def _for_shard(self, wanted: Filter | None, shard: int) -> Filter | None:
        """A filter in the numbers of one shard."""
        if wanted is None or wanted.without is None:
            return wanted
        holder, here = self.place(wanted.without)
        return replace(wanted, without=here if holder == shard else None)

    def likeness(self, words: Words, weights: Floats, rows: Words) -> float:
        """As of :class:`Index`; *rows* are places among the nearest rows of the last question."""
        memory = self.memory
        bounds = np.zeros(memory.said.shape[1] + 1, np.uint64)
        np.cumsum(memory.said.sum(axis=0), out=bounds[1:])
        posted = np.nonzero(memory.said.T)[1].astype(np.uint32)
        places = [memory.place.get(word, UNKNOWN) for word in words.tolist()]
        numbers = np.array(places, np.uint32)
        return float(likest(bounds, posted, numbers, weights, rows, memory.information))

    def best_section(self, counts: TermCounts, entry: int) -> int | None:
        """As of :class:`Index`; None, too, where the shard is away: the whole entry is shown."""
        shard, here = self.place(entry)
        (found,) = self.call([Call(shard, "best_section", (counts, here))])
        return None if found is AWAY else cast("int | None", found)

    def starters(self, limit: int = 4) -> tuple[Related, ...]:
        """As of :class:`Index`; remembered by :meth:`warm`, because a page asks for them first."""
        return self._starters[:limit] if self._starters else super().starters(limit)

    def warm(self) -> None:
        """As of :class:`Index`."""
        super().warm()
        self._starters = super().starters(_STARTERS)

    def close(self) -> None:
        """Let the shards forget this generation."""
        self._shards.close()

    def place(self, entry: int) -> tuple[int, int]:
        """The shard of an entry, and its number there."""
        shard = int(np.searchsorted(self.starts, entry, "right")) - 1
        return shard, entry - int(self.starts[shard])

    def fetch(self, entries: Sequence[int]) -> None:
        """Remember the details of entries, each shard asked once; those away are left out."""
        by_shard: dict[int, list[int]] = {}
        for entry in entries:
            by_shard.setdefault(self.place(entry)[0], []).append(entry)
        calls = [
            Call(shard, "details", ([self.place(e)[1] for e in wanted], self.memory.terms))
            for shard, wanted in by_shard.items()
        ]
        for wanted, found in zip(by_shard.values(), self.call(calls), strict=True):
            if found is not AWAY:
                self.memory.details.update(zip(wanted, found, strict=True))

    def call(self, calls: Sequence[Call]) -> list[Any]:
        """Ask some shards; remember whether one was away."""
        found = self._shards.call(calls)
        self.partial = self.partial or any(one is AWAY for one in found)
        return found

    def ask(self, entry: int, method: str, *arguments: Any) -> Any:
        """
        Ask the shard of one entry about it; its number there is the last argument.

        Raises:
            IndexUnavailable: the shard is away.

        """
        shard, here = self.place(entry)
        (found,) = self.call([Call(shard, method, (*arguments, here))])
        if found is AWAY:
            raise IndexUnavailable(
                "The part of the index that holds this entry does not answer. Please ask again."
            )
        return found

    def _of_all(self, method: str, *arguments: Any, needed: bool = False) -> list[Any]:
        found = self.call([Call(shard, method, arguments) for shard in range(len(self.starts) - 1)])
        if needed and any(one is AWAY for one in found):
            missing = [number for number, one in enumerate(found) if one is AWAY]
            raise ArtefactError(
                f"{self.generation} cannot be opened: shard {missing[0]} does not answer. Look at "
                "the cluster's nodes, then try again."
            )
        return found


def _memory(counts: TermCounts, found: Sequence[Candidates]) -> Memory:
    """What the nearest rows of all say."""
    first = np.argsort(-np.concatenate([one.ballots for one in found]), kind="stable")[:VOTERS]
    words = counts.terms[: counts.cuts[0]].tolist()
    return Memory(
        counts.terms,
        {word: place for place, word in enumerate(words)},
        np.concatenate([one.said for one in found])[first],
        np.concatenate([one.information for one in found])[first],
    )


def cast_ballots(
    parts: Sequence[tuple[int, Candidates]], blend: Blend, k: int
) -> tuple[npt.NDArray[np.int64], Floats, Words, Floats]:
    """
    The nearest entries of all shards.

    The sums are those of ``kernel.top_entries``, in its order and in float32, so that scores are
    equal to the last bit.

    Args:
        parts: in corpus order, each with the number of its first entry.
        blend: how scores are added up.
        k: at most so many entries.

    Returns:
        Entries and scores, best first; entries and scores of the voters, best first.

    """
    voters = np.concatenate([start + one.voters.astype(np.int64) for start, one in parts])
    ballots = np.concatenate([one.ballots for _, one in parts])
    first = np.argsort(-ballots, kind="stable")[:VOTERS]
    voters, ballots = voters[first], ballots[first]
    entries = np.concatenate([start + one.entries.astype(np.int64) for start, one in parts])
    scores = np.concatenate([one.scores for _, one in parts])
    factor = np.float32(blend.short.share) * np.float32(blend.ballot)
    for place, ballot in zip(np.searchsorted(entries, voters), ballots, strict=True):
        scores[place] += factor * ballot
    best = np.argsort(-scores, kind="stable")
    best = best[scores[best] > 0][:k]
    return entries[best], scores[best], voters.astype(np.uint32), ballots


def open_shards(reader: GenerationReader, engine: str, key: bytes | None = None) -> ShardedIndex:
    """
    Open every shard of a generation in this process.

    Raises:
        ArtefactError: one cannot be opened, or is asked for an engine that shards do not have.

    """
    if engine != "mapped":
        raise ArtefactError(
            f"{reader.folder} is cut into shards, which are answered from their arrays alone: "
            "leave --engine out, or build without --shards."
        )
    number = len(reader.info["shards"])
    shards = [Shard(ShardReader(reader.folder, shard, key)) for shard in range(number)]
    return ShardedIndex(reader, ShardsHere(shards))
