"""Bodies rendered in several processes, in order: what takes longest of a large knowledge base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from index_builder.rendering import Rendered, render

# Texts handed to a process at a time.
CHUNK = 64


def rendered(texts: Sequence[str], jobs: int = 1) -> Iterator[list[Rendered]]:
    """
    Each text's sections, by so many processes.

    More than one are worth their start from some thousand texts on.
    """
    if jobs == 1:
        yield from map(render, texts)
        return
    # Forked processes would inherit the threads' locks of numba and BLAS.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(render, texts, chunksize=CHUNK)
