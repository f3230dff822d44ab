"""Bodies rendered in several processes, in order: what takes longest of a large knowledge base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from index_builder.rendering import Rendered, render

# Texts handed to a process at a time.
CHUNK = 64
# cmarkgfm never gives back the tree of a text: 1 to 2 kB each, 1.9 GB for a million. Past so many
# texts they are rendered by processes that end, and their memory with them.
MANY = 50_000
A_LIFE = 250_000


def rendered(texts: Sequence[str], jobs: int = 1) -> Iterator[list[Rendered]]:
    """
    Each text's sections, by so many processes.

    More than one are worth their start from some thousand texts on.
    """
    if jobs == 1 and len(texts) < MANY:
        yield from map(render, texts)
        return
    for first in range(0, len(texts), A_LIFE * jobs):
        # Forked processes would inherit the threads' locks of numba and BLAS.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield from pool.map(render, texts[first : first + A_LIFE * jobs], chunksize=CHUNK)
