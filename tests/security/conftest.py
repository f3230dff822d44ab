"""Real server processes over the small knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bench.reliability.hostile_run import SETTINGS
from bench.reliability.knowledge import make_index
from bench.reliability.server import Server, serving

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index these servers serve. Not to be changed."""
    return make_index(tmp_path_factory.mktemp("small") / "index")


@pytest.fixture
def serve(small_index: Path, tmp_path: Path) -> Callable[..., AbstractContextManager[Server]]:
    """Start a server of one's own: its index, unless another is named, and these settings."""

    def start(index: Path = small_index, **settings: object) -> AbstractContextManager[Server]:
        return serving(index, tmp_path / "server", **settings)

    return start


@pytest.fixture(scope="module")
def server(small_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the tests of one file that only ask."""
    folder = tmp_path_factory.mktemp("server")
    with serving(small_index, folder, **SETTINGS) as running:
        yield running
