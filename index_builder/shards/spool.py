"""The entries of a corpus on disk, in order, so that nobody holds all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import overload

from index_builder.shards.depot import Depot
from service.retrieval.entries import Entry

# Entries in one file: some megabytes.
BATCH = 5_000


@dataclass(slots=True)
class Spool(Sequence[Entry]):
    """
    ``size`` entries in files of ``BATCH``; the file read last is remembered.

    A sequence, so that what takes the entries of a small corpus takes those of a large one.
    """

    depot: Depot
    folder: str
    size: int = 0
    _number: int = -1
    _batch: tuple[Entry, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, depot: Depot, folder: str, entries: Iterable[Entry]) -> Spool:
        """Write entries down as they come."""
        spool = cls(depot, folder)
        left = iter(entries)
        while batch := tuple(islice(left, BATCH)):
            depot.save(f"{folder}/{spool.size // BATCH:06}", batch)
            spool.size += len(batch)
        return spool

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        if isinstance(at, slice):
            start, stop, step = at.indices(self.size)
            return list(islice(self.between(start, stop), 0, None, step))
        if not 0 <= at < self.size:
            raise IndexError(at)
        return self._read(at // BATCH)[at % BATCH]

    def __iter__(self) -> Iterator[Entry]:
        return self.between(0, self.size)

    def between(self, start: int, stop: int) -> Iterator[Entry]:
        """The entries ``start:stop``."""
        for number in range(start // BATCH, -(-stop // BATCH)):
            first = number * BATCH
            yield from self._read(number)[max(0, start - first) : stop - first]

    def _read(self, number: int) -> tuple[Entry, ...]:
        if number != self._number:
            self._batch = self.depot.load(f"{self.folder}/{number:06}")
            self._number = number
        return self._batch
