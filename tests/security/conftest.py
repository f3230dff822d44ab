"""Real server processes over the small knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bench.reliability.hostile_run import SETTINGS
from bench.reliability.server import Server, serving

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")


@pytest.fixture
def serve(index_root: Path, tmp_path: Path) -> Callable[..., AbstractContextManager[Server]]:
    """Start a server of one's own: its index, unless another is named, and these settings."""

    def start(index: Path = index_root, **settings: object) -> AbstractContextManager[Server]:
        return serving(index, tmp_path / "server", **settings)

    return start


@pytest.fixture(scope="module")
def server(index_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the tests of one file that only ask."""
    folder = tmp_path_factory.mktemp("server")
    with serving(index_root, folder, **SETTINGS) as running:
        yield running
