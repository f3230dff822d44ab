"""Vectors to the graph that ``service.retrieval.graph`` searches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from service.errors import ModelUnusable
from service.retrieval.artefact import GenerationWriter
from service.retrieval.graph import FILE

# Neighbours of a row, and how many rows are looked at to choose them (docs/decisions/0063).
_NEIGHBOURS = 16
_LOOKED_AT = 128
_CHUNK = 4096


def write_graph(
    vectors: npt.NDArray[np.int8],
    writer: GenerationWriter,
    step: Callable[[int], object],
) -> None:
    """Write the graph over all rows; *step* is told how many are in it since last time."""
    try:
        from usearch.index import Index
    except ImportError as error:
        raise ModelUnusable(
            f"usearch is not installed, and {len(vectors)} rows need it. Install it with: pip "
            "install 'firstline[embeddings]'"
        ) from error
    graph = Index(
        ndim=vectors.shape[1],
        metric="cos",
        dtype="i8",
        connectivity=_NEIGHBOURS,
        expansion_add=_LOOKED_AT,
    )
    for start in range(0, len(vectors), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(vectors)))
        # One thread, so that the same rows make the same graph.
        graph.add(rows, vectors[rows], threads=1)
        step(rows.size)
    graph.save(str(writer.folder / FILE))
    writer.added(FILE)
