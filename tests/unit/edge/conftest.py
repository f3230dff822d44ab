"""A small index and a server around it, through the same door as the real one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web

from service.config import ServiceConfig
from service.edge.app import create_app
from service.edge.record import RecordInMemory
from service.errors import (
    ArtefactDamaged,
    ArtefactMissing,
    EntryNotFound,
    QuestionEmpty,
    QuestionTooLong,
)
from service.retrieval.answers import Answer, AnswerHit, Question
from service.retrieval.entries import Listed, Related, Section, StoredEntry

ENTRIES = {
    "router-restart": StoredEntry(
        id="router-restart",
        title="Restart the router",
        sections=(
            Section(
                "",
                "<p>Pull the plug, wait ten seconds, plug it in.</p>",
                "Pull the plug, wait ten seconds, plug it in.",
            ),
        ),
        questions=("router hangs",),
        tags=("network",),
        related=(Related("wifi-slow", "Wi-Fi is slow"),),
    ),
    "wifi-slow": StoredEntry(
        id="wifi-slow",
        title="Wi-Fi is slow",
        sections=(Section("", "<p>Move closer to the router.</p>", "Move closer to the router."),),
        tags=("network", "wi-fi"),
    ),
    "hello": StoredEntry(
        id="hello",
        title="Hello",
        sections=(Section("", "<p>Hello!</p>", "Hello!"),),
        kind="smalltalk",
    ),
}

# Longer than any buffer between here and a reader; only an answer, in no list.
MANUAL = StoredEntry("manual", "Manual", (Section("", "", "Page after page. " * 30_000),))


class FakeIndex:
    """Finds an entry when a word of its title is asked."""

    def __init__(self, generation: str = "g-one") -> None:
        self.generation = generation
        self.built_at = "2026-11-22T10:00:00Z"
        self.entry_count = len(ENTRIES)
        self.warmed = False
        self.closed = False

    def entry(self, entry_id: str, /) -> StoredEntry:
        try:
            return ENTRIES[entry_id]
        except KeyError:
            raise EntryNotFound(f"There is no entry {entry_id!r}.") from None

    def entries(
        self, *, tag: str | None, limit: int, cursor: str | None
    ) -> tuple[tuple[Listed, ...], str | None]:
        found = [
            Listed(e.id, e.title, e.tags) for e in ENTRIES.values() if tag is None or tag in e.tags
        ]
        start = int(cursor or 0)
        rest = start + limit < len(found)
        return tuple(found[start : start + limit]), str(start + limit) if rest else None

    def suggest(self, text: str, limit: int, /) -> tuple[Related, ...]:
        found = [e for e in ENTRIES.values() if text.lower() in e.title.lower()]
        return tuple(Related(e.id, e.title) for e in found[:limit])

    def starters(self, limit: int, /) -> tuple[Related, ...]:
        return tuple(Related(e.id, e.title) for e in list(ENTRIES.values())[:limit])

    def warm(self) -> None:
        self.warmed = True

    def close(self) -> None:
        self.closed = True


def fake_answer(index: FakeIndex, question: Question) -> Answer:
    """As ``retrieval.answers.answer``, decided by one word."""
    if not question.text.strip():
        raise QuestionEmpty("The question is empty. Say what is not working.")
    if len(question.text) > 2_000:
        raise QuestionTooLong("The question is longer than 2000 characters.")
    if question.text == "defect":
        raise ZeroDivisionError("a person's words")
    words = set(question.text.lower().split())
    used_context = "it" in words and any(turn.entry_id for turn in question.context)
    if used_context:
        words.add("router")
    entry = next((e for e in ENTRIES.values() if words & set(e.title.lower().split())), None)
    entry = MANUAL if "manual" in words else entry
    outcome = "no_answer" if entry is None else entry.kind
    suggestions = ()
    if entry is not None and "perhaps" in words:
        outcome, entry, suggestions = "suggestions", None, (Related(entry.id, entry.title),)
    hits = () if entry is None else (AnswerHit(entry.id, entry.title, 0.9, entry.text[:20]),)
    return Answer(
        outcome=outcome,
        confidence=0.0 if entry is None else 0.93,
        entry=entry,
        hits=hits[: question.top_k],
        suggestions=suggestions,
        question=question.text,
        corrected=None,
        used_context=used_context,
        generation=index.generation,
        entries=index.entry_count,
        built_at=index.built_at,
        explanation={"words": sorted(words)} if question.explain else None,
        stages=(("read", 1e-5), ("search", 2e-5)),
    )


def fake_open(directory: Path) -> FakeIndex:
    """Opens what CURRENT names; ``damaged`` is refused."""
    try:
        generation = (directory / "CURRENT").read_text().strip()
    except OSError:
        raise ArtefactMissing(f"No index in {directory}. Run make index.") from None
    if generation == "damaged":
        raise ArtefactDamaged("postings.npy is 3 bytes, expected 5. Run make index.")
    return FakeIndex(generation)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that sets up logging does so for its own process only."""
    root, ours = logging.getLogger(), logging.getLogger("firstline")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    structlog.reset_defaults()


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    """A folder whose CURRENT names a generation."""
    (tmp_path / "CURRENT").write_text("g-one\n")
    return tmp_path


@pytest.fixture
def web_dir(tmp_path: Path) -> Path:
    """A page, and files that are not part of it."""
    web = tmp_path / "web"
    (web / "vendor").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html>" + "<p>page</p>" * 100)
    (web / "app.js").write_text("export {};\n")
    (web / "vendor" / "thing.css").write_text("p {}\n")
    (web / ".env").write_text("SECRET=1\n")
    (web / "notes.md").write_text("private\n")
    (web / "outside.txt").symlink_to(tmp_path / "CURRENT")
    return web


def make_fake_app(config: ServiceConfig) -> web.Application:
    """The real application around the small index; a journal only where a test asks for one."""
    record = None if "journal_path" in config.model_fields_set else RecordInMemory()
    return create_app(config, open_index=fake_open, answer=fake_answer, record=record)


@pytest.fixture
def make_app() -> Callable[[ServiceConfig], web.Application]:
    """What ``serve`` takes to build its application."""
    return make_fake_app


@pytest.fixture
def served(
    aiohttp_client: Callable[..., Any], index_dir: Path, web_dir: Path
) -> Callable[..., Any]:
    """Start a server with these settings; gives its client."""

    async def start(**settings: Any) -> Any:
        config = ServiceConfig(
            **{"index": index_dir, "web_dir": web_dir, "admin_token": "letmein"} | settings
        )
        return await aiohttp_client(make_fake_app(config))

    return start
