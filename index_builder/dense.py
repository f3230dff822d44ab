"""Entries to vectors: what ``service.retrieval.dense`` compares questions with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from index_builder.config import BuildSettings
from index_builder.draft import Draft
from index_builder.encoding import CachedEncoder, nothing
from index_builder.graph import write_graph
from index_builder.rendering import searchable, split_sections
from index_builder.terms import short_texts
from service.retrieval.artefact import GenerationWriter
from service.retrieval.dense import Fusion
from service.retrieval.embedding import open_encoder
from service.retrieval.entries import Entry
from service.retrieval.similarity import whole_numbers

# Rows from which a graph finds the nearest sooner than a scan (docs/decisions/0063).
GRAPH_ROWS = 50_000
_CHUNK = 16_384

# (stage, how much there is to do) to what is told how much was done.
Progress = Callable[[str, int], Callable[..., object]]


def encoder_of(settings: BuildSettings) -> CachedEncoder | None:
    """
    The encoder that the settings name, None where embeddings are off.

    Raises:
        ModelUnusable: its folder is not a model's.

    """
    if settings.embedding_model_dir is None:
        return None
    return CachedEncoder(open_encoder(settings.embedding_model_dir), settings.embedding_cache_dir)


def add_dense(
    draft: Draft,
    entries: Sequence[Entry],
    encoder: CachedEncoder,
    step: Callable[[int], object] = nothing,
) -> None:
    """Put the entries' vectors into the draft; *step* is told how many rows are done."""
    texts, bounds = texts_of_rows(entries)
    encoder.remember(texts, step)
    vectors = np.empty((len(texts), encoder.dimension), np.int8)
    scale = np.empty(len(texts), np.float32)
    for start in range(0, len(texts), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        vectors[chunk], scale[chunk] = whole_numbers(encoder.recall(texts[chunk]))
    draft.arrays["dense.vector"] = vectors
    draft.arrays["dense.scale"] = scale
    draft.arrays["dense.bounds"] = bounds
    draft.info["embedding"] = {
        "model": encoder.digest,
        "dimension": encoder.dimension,
        "rows": len(texts),
        "fusion": Fusion().as_dict(),
        "graph": False,
    }


def texts_of_rows(entries: Sequence[Entry]) -> tuple[list[str], np.ndarray]:
    """
    What is encoded: of each entry its short texts, then its sections under its title.

    Returns:
        The texts, and (2 n_entries + 1,) uint64, where each of an entry's two runs begins.

    """
    texts: list[str] = []
    bounds = [0]
    for entry in entries:
        texts += short_texts(entry)
        bounds.append(len(texts))
        texts += [
            searchable(f"{entry.title}\n{heading}\n{body}")
            for _, heading, body in split_sections(entry.text)
            if heading.strip() or body.strip()
        ]
        bounds.append(len(texts))
    return texts, np.array(bounds, np.uint64)


def add_graph(draft: Draft, writer: GenerationWriter, progress: Progress) -> None:
    """Write the graph over many vectors; few are scanned as fast."""
    about = draft.info.get("embedding")
    if about is None or about["rows"] < GRAPH_ROWS:
        return
    step = progress("graph", about["rows"])
    write_graph(draft.arrays["dense.vector"], writer, step)
    about["graph"] = True
