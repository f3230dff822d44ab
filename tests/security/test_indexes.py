"""Indexes that are damaged are refused; indexes that are swapped are swapped whole."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from bench.reliability.damage import trials
from bench.reliability.server import Server
from bench.reliability.swaps import swapped, two_generations


async def test_a_damaged_index_is_refused_before_it_is_unpickled(
    small_index: Path, tmp_path: Path
) -> None:
    """Flipped, cut, swapped, missing, of another version, a hostile pickle; the old one stays."""
    assert await trials(small_index, tmp_path, 50) == []


def test_indexes_are_swapped_under_load(
    serve: Callable[..., AbstractContextManager[Server]], tmp_path: Path
) -> None:
    """No request fails, over HTTP or a WebSocket, and no answer is made of two generations."""
    root = tmp_path / "two"
    words = two_generations(root)
    with serve(root) as server:
        seen = asyncio.run(swapped(server, root, words, swaps=20))
    assert (seen.failed, seen.mixed) == ([], [])
    assert seen.generations == set(words)
