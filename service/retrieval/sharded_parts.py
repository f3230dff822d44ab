"""The store, the facets and the fields of an index whose rows are elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from service.retrieval.artefact import Reader
from service.retrieval.facets import Facets
from service.retrieval.fields import Field
from service.retrieval.shard import Filter, Summary
from service.retrieval.store import EntryStore, Lines
from service.retrieval.vocabulary import UNKNOWN, TermCounts, Words
from service.retrieval.weighting import FieldBlend

if TYPE_CHECKING:
    from service.retrieval.sharded import ShardedIndex

Floats = npt.NDArray[np.float32]
# How many entries of a list are asked for at a time.
_PAGE = 100


class FarLines(Lines):
    """Lines that the shards hold; those of the nearest entries are remembered."""

    def __init__(self, index: ShardedIndex, name: str) -> None:
        self._index = index
        self._name = name

    def __len__(self) -> int:
        return self._index.entry_count

    def __getitem__(self, number: int) -> bytes:
        memory = self._index.memory
        if number in memory.details:
            detail = memory.details[number]
            return detail.line if self._name == "entries" else detail.card
        if self._name == "cards" and number in memory.cards:
            return memory.cards[number]
        line: bytes = self._index.ask(number, "line", self._name)
        return line


class FarStore(EntryStore):
    """Ids and word-for-word questions are looked up here, entries are read from the shards."""

    def __init__(self, reader: Reader, index: ShardedIndex) -> None:
        self._open_keys(reader)
        self._look_to(index)

    @classmethod
    def of(cls, store: EntryStore, index: ShardedIndex) -> FarStore:
        """The same store for one question."""
        view = cls.__new__(cls)
        view.__dict__.update(store.__dict__)
        view._look_to(index)
        return view

    def _look_to(self, index: ShardedIndex) -> None:
        self._index = index
        self.entries = FarLines(index, "entries")
        self.cards = FarLines(index, "cards")

    def exact(self, surfaces: Sequence[str]) -> int | None:
        """As of :class:`EntryStore`; None, too, where the shard of that entry is away."""
        number = super().exact(surfaces)
        if number is None:
            return None
        self._index.memory.exact = number
        self._index.fetch([number])
        return number if number in self._index.memory.details else None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The entries that a filter lets through, as their shards know them."""

    index: ShardedIndex
    wanted: Filter

    def __getitem__(self, entry: int) -> bool:
        if entry == self.wanted.without:
            return False
        return bool(self.index.ask(entry, "allows", replace(self.wanted, without=None)))


class FarFacets(Facets):
    """What the shards say of tags, platforms and small talk, added up."""

    def __init__(self, index: ShardedIndex, summaries: Sequence[Summary]) -> None:
        self.index = index
        starts = index.starts.tolist()
        self.smalltalk = frozenset(
            start + number
            for start, one in zip(starts, summaries, strict=False)
            for number in one.smalltalk
        )
        self.platforms = frozenset().union(*(one.platforms for one in summaries))
        self._tags: dict[str, tuple[int, int | None]] = {}
        for start, one in zip(starts, summaries, strict=False):
            for tag, (size, first) in one.tags.items():
                before, known = self._tags.get(tag, (0, None))
                if known is None and first is not None:
                    known = start + first
                self._tags[tag] = (before + size, known)

    @property
    def answers(self) -> Any:  # type: ignore[override]
        """As of :class:`Facets`."""
        return Allowed(self.index, Filter(answers_only=True)) if self.smalltalk else None

    def allowed(self, tags: Iterable[str], platform: str | None) -> Any:
        """As of :class:`Facets`, to be handed to ``nearest``."""
        wanted = tuple(sorted(set(tags)))
        if not wanted and platform is None:
            return None
        return Allowed(self.index, Filter(wanted, platform))

    def without(self, entry: int, allowed: Any) -> Any:
        """As of :class:`Facets`, to be handed to ``nearest``."""
        wanted = Filter() if allowed is None else allowed.wanted
        return Allowed(self.index, replace(wanted, without=entry))

    def suits(self, entry: int, platforms: Iterable[str]) -> bool:
        """As of :class:`Facets`."""
        own = self.index.store.load(entry).platforms
        return not own or not set(own).isdisjoint(platforms)

    def tag_sizes(self) -> dict[str, int]:
        """As of :class:`Facets`."""
        return {tag: size for tag, (size, _) in self._tags.items()}

    def first_answer(self, tag: str) -> int | None:
        """As of :class:`Facets`."""
        return self._tags[tag][1]

    def entries(self, tag: str | None, start: int) -> Iterator[int]:
        """As of :class:`Facets`; what lists show of them is remembered on the way."""
        from service.retrieval.sharded import AWAY, Call

        starts = self.index.starts.tolist()
        for shard, (first, end) in enumerate(pairwise(starts)):
            at = max(start, first)
            while at < end:
                call = Call(shard, "members", (tag, at - first, _PAGE))
                (found,) = self.index.call([call])
                if found is AWAY or not found:
                    break
                for number, card in found:
                    self.index.memory.cards[first + number] = card
                    yield first + number
                at = first + found[-1][0] + 1


@dataclass(frozen=True, slots=True)
class FarField(Field):
    """The weights of a field's terms; its postings are in the shards."""

    name: str
    index: Any

    @classmethod
    def of(
        cls, reader: Reader, name: str, blend: FieldBlend, scheme: str, index: ShardedIndex
    ) -> FarField:
        """The field called *name*."""
        nothing = np.empty(0, np.uint32)
        return cls(
            nothing.astype(np.uint64),
            nothing,
            nothing.astype(np.float32),
            reader.array(f"{name}.idf"),
            blend,
            scheme == "bm25",
            name,
            index,
        )

    def towards(self, index: ShardedIndex) -> FarField:
        """The same field for one question."""
        values = {each.name: getattr(self, each.name) for each in fields(FarField)}
        return FarField(**(values | {"index": index}))

    def holds(self, terms: Words, row: int) -> npt.NDArray[np.bool_]:
        """As of :class:`Field`; for the question's own terms it is remembered."""
        memory = self.index.memory
        detail = memory.details.get(row) if self.name == "whole" else None
        asked = [term for term in terms.tolist() if term != UNKNOWN]
        if detail is None or not all(term in memory.place for term in asked):
            found: npt.NDArray[np.bool_] = self.index.ask(row, "holds", self.name, terms)
            return found
        return np.array(
            [term != UNKNOWN and detail.held[memory.place[term]] for term in terms.tolist()], bool
        )

    def parts(self, counts: TermCounts, weights: Floats, row: int) -> Floats:
        """As of :class:`Field`."""
        added: Floats = self.index.ask(row, "parts", self.name, counts, weights)
        return added
