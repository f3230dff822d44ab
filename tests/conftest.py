"""A small knowledge base and its index, for every test that needs one."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from index_builder.build import BuildReport, build, make_draft
from index_builder.config import BuildSettings
from index_builder.corpus_files import Beside, read_beside
from index_builder.sources.reading import read
from service.retrieval.entries import Entry
from service.retrieval.index import Index, open_index
from tests.postgres_server import Postgres, running_postgres
from tests.tiny_model import write_model

SHIPPED = Path(__file__).resolve().parent.parent / "corpus"

ENTRIES = (
    Entry(
        id="printer-offline",
        title="The printer is shown as offline",
        text="Switch the printer off and on.\n\n## Windows\n\nClear the *print queue*.",
        questions=("my printer is offline", "printer not responding"),
        pinned=("printer!",),
        tags=("printers",),
        related=("paper-jam", "not-there"),
        source="https://example.org/printer",
        updated="2026-11-01",
    ),
    Entry(
        id="paper-jam",
        title="Paper is jammed in the printer",
        text="Open the rear cover and pull the paper out slowly.",
        questions=("paper stuck", "paper jam"),
        tags=("printers", "hardware"),
    ),
    Entry(
        id="wifi-slow",
        title="Wi-Fi is slow",
        text="Move closer to the router, or choose the 5 GHz band.",
        questions=("slow wireless internet",),
        tags=("network",),
    ),
    Entry(
        id="router-restart",
        title="How to restart the router",
        text="Pull the plug, wait ten seconds, put it back.",
        questions=("reboot my router",),
        tags=("network",),
    ),
    Entry(
        id="error-0x80070057",
        title="Windows reports error 0x80070057",
        text="A parameter is incorrect: run `chkdsk` on the drive.",
        tags=("windows",),
        platforms=("windows",),
    ),
    Entry(
        id="mac-sound",
        title="No sound on a Mac",
        text="Open System Settings and choose an output.",
        questions=("macbook speakers silent",),
        tags=("sound",),
        platforms=("macos",),
    ),
    Entry(
        id="windows-sound",
        title="No sound in Windows",
        text="Click the speaker in the taskbar and choose an output.",
        questions=("pc speakers silent",),
        tags=("sound",),
        platforms=("windows",),
    ),
    Entry(
        id="hello",
        title="Hello",
        text="Hello! What can I help you with?",
        questions=("hi", "good morning"),
        kind="smalltalk",
        tags=("talk",),
    ),
)


@pytest.fixture(scope="session")
def entries() -> tuple[Entry, ...]:
    """Eight entries: answers, one for each of two platforms, and small talk."""
    return ENTRIES


@pytest.fixture(scope="session")
def make_index() -> Callable[..., Index]:
    """Open an index of entries without writing it; settings by keyword, no lemmas by default."""

    def make(
        entries: Sequence[Entry],
        *,
        beside: Beside | None = None,
        engine: str = "mapped",
        **set_: Any,
    ) -> Index:
        settings = BuildSettings(**{"lemmas": "none", **set_})
        draft, _ = make_draft(entries, settings, beside=beside or Beside())
        return Index(draft, engine)

    return make


@pytest.fixture(scope="session")
def index_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the eight entries, built as ``build`` builds. Not to be changed."""
    root = tmp_path_factory.mktemp("small")
    build(ENTRIES, root, BuildSettings())
    return root


@pytest.fixture(scope="session")
def index(index_root: Path) -> Index:
    """The index of the eight entries, open."""
    return open_index(index_root)


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny embedding model that knows some synonyms. Not to be changed."""
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def meaning_settings(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> BuildSettings:
    """Build settings with that model."""
    cache = tmp_path_factory.mktemp("vectors")
    return BuildSettings(embedding_model_dir=model_dir, embedding_cache_dir=cache)


@pytest.fixture(scope="session")
def meaning_root(tmp_path_factory: pytest.TempPathFactory, meaning_settings: BuildSettings) -> Path:
    """A folder with an index of the eight entries and their vectors. Not to be changed."""
    root = tmp_path_factory.mktemp("meaning")
    build(ENTRIES, root, meaning_settings)
    return root


@pytest.fixture(scope="session")
def shipped_entries() -> tuple[Entry, ...]:
    """The knowledge base that comes with the program."""
    return tuple(read([SHIPPED]).entries)


@pytest.fixture(scope="session")
def shipped_report(
    tmp_path_factory: pytest.TempPathFactory, shipped_entries: tuple[Entry, ...]
) -> BuildReport:
    """A build of the shipped knowledge base, its files beside it included."""
    root = tmp_path_factory.mktemp("shipped")
    return build(shipped_entries, root, BuildSettings(), beside=read_beside([SHIPPED]))


@pytest.fixture(scope="session")
def shipped(shipped_report: BuildReport) -> Index:
    """The shipped knowledge base, open."""
    return open_index(shipped_report.folder.parent)


@pytest.fixture
def make_root(index_root: Path, tmp_path: Path) -> Callable[[], Path]:
    """Copy the index of the eight entries, for tests that change or damage it."""

    def copy() -> Path:
        return Path(shutil.copytree(index_root, tmp_path / "index"))

    return copy


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that was started for these tests."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_dsn(postgres: Postgres) -> str:
    """An empty database in it."""
    return postgres.fresh_database(f"test_{uuid.uuid4().hex}")
