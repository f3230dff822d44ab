"""Sources read by many: each piece by whoever is free, their records settled in corpus order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index_builder.shards.depot import Depot
from index_builder.shards.hands import Hands
from index_builder.sources.drafts import Item
from index_builder.sources.files import Batch, each_file
from index_builder.sources.formats import FORMATS
from index_builder.sources.recognition import form_named, planned

# What one worker reads at a time, where a format can be cut between files.
PIECE_FILES = 500
PIECE_BYTES = 64 * 1024 * 1024
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Files of one format that are read together."""

    form: str
    batch: Batch


def read_in_pieces(
    sources: Sequence[Path], form: str | None, depot: Depot, work: str, hands: Hands
) -> Iterator[Item]:
    """
    Every record of the sources as one reader would meet them.

    The pieces are read at once; what must be told of the corpus as a whole (ids that are taken,
    the ledger) is left to who walks through the records.
    """
    steps: list[Piece | Item] = []
    for source in sources:
        for step in planned(source, form_named(form)):
            if isinstance(step, tuple):
                steps += [Piece(step[0].name, batch) for batch in _cut(step[1], step[0].read)]
            else:
                steps.append(step)
    pieces = [step for step in steps if isinstance(step, Piece)]
    calls = [(depot, work, number, piece) for number, piece in enumerate(pieces)]
    sizes = iter(list(hands.each("parse", read_piece, calls)))
    number = 0
    for each in steps:
        if not isinstance(each, Piece):
            yield each
            continue
        for batch in range(next(sizes)):
            yield from depot.load(f"{work}/items-{number}-{batch}")
        number += 1


def read_piece(depot: Depot, work: str, number: int, piece: Piece) -> int:
    """Leave a piece's records in the depot; return in how many files."""
    left = iter(FORMATS[piece.form].read(piece.batch))
    batches = 0
    while items := list(islice(left, _BATCH)):
        depot.save(f"{work}/items-{number}-{batches}", items)
        batches += 1
    return batches


def _cut(batch: Batch, read: object) -> Iterator[Batch]:
    """A batch in pieces, where its format reads each file alone."""
    if not isinstance(read, each_file):
        yield batch
        return
    files: list[Path] = []
    size = 0
    for path in batch.files:
        files.append(path)
        size += path.stat().st_size
        if len(files) == PIECE_FILES or size >= PIECE_BYTES:
            yield Batch(batch.root, tuple(files))
            files, size = [], 0
    if files:
        yield Batch(batch.root, tuple(files))
