"""The journal: what is kept, what is dropped, and what happens when it cannot be written."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from service.errors import ConfigError, JournalUnavailable
from service.live.journal import GATHER_S, Journal
from service.live.journal_rows import MessageRow
from service.live.journal_store import JournalStore, journal_url
from service.live.redaction import redactor
from tests.unit.live.some_rows import asked, feedback

Make = Callable[..., Journal]


def rows(path: Path, sql: str) -> list[Any]:
    """Read past the journal, as another program would."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is; its folder does not exist yet."""
    return tmp_path / "deep" / "journal.sqlite3"


@pytest.fixture
async def make(path: Path) -> AsyncIterator[Make]:
    """Make journals on one file; closed at the end."""
    made: list[Journal] = []

    def journal(**settings: Any) -> Journal:
        made.append(
            Journal(
                JournalStore(journal_url(path, None)),
                redactor("on"),
                **{"retry_s": 0.05} | settings,
            )
        )
        return made[-1]

    yield journal
    for one in made:
        await one.close()


async def test_what_waits_is_written_before_the_end(make: Make, path: Path) -> None:
    """A question that was just asked survives a shutdown."""
    journal = make()
    journal.start()
    for number in range(500):
        journal.put(asked(f"r{number}"))
    await journal.close()
    assert rows(path, "select count(distinct request_id) from questions") == [(500,)]
    assert (journal.waiting, journal.dropped) == (0, 0)


async def test_what_comes_while_rows_are_written_waits_for_the_next_lot(
    make: Make, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a steady stream of questions there is one commit for many, not one for each."""
    journal = make()
    written: list[int] = []
    write_all = JournalStore.write_all

    async def write_and_ask_again(store: JournalStore, lot: Any) -> None:
        await write_all(store, lot)
        written.append(sum(map(len, lot.values())))
        if len(written) < 50:
            journal.put(asked(f"again-{len(written)}"))

    monkeypatch.setattr(JournalStore, "write_all", write_and_ask_again)
    journal.start()
    for number in range(30):
        journal.put(asked(f"r{number}"))
    await asyncio.sleep(3 * GATHER_S)
    # Without a pause all fifty are written by now; three pauses leave room for four lots.
    assert len(written) <= 4
    await journal.close()
    assert rows(path, "select count(*) from questions") == [(sum(written),)]


async def test_feedback_is_on_disk_when_the_call_returns(make: Make, path: Path) -> None:
    """Nobody is thanked for a vote that may still be lost; comments are redacted."""
    await make().feedback(feedback(comment="mail a@b.de"))
    assert rows(path, "select request_id, helpful, comment from feedback") == [
        ("r1", 0, "mail [mail]")
    ]


async def test_questions_are_redacted_before_they_are_stored(make: Make, path: Path) -> None:
    """The address is nowhere in the file."""
    journal = make()
    journal.start()
    journal.put(asked(question="I am jane@example.org"))
    await journal.close()
    assert rows(path, "select question from questions") == [("I am [mail]",)]
    assert all(b"jane@example" not in file.read_bytes() for file in path.parent.iterdir())


async def test_a_full_queue_drops_and_counts(make: Make) -> None:
    """Memory is bounded whatever the database does."""
    journal = make(max_waiting=3)
    for number in range(5):
        journal.put(asked(f"r{number}"))
    assert (journal.waiting, journal.dropped) == (3, 2)


def said(seq: int, size: int) -> MessageRow:
    """A reply of a conversation, *size* bytes long."""
    frame = b'{"question":{"text":"hi","corrected":null},"text":"%s"}' % (b"a" * size)
    return MessageRow("2026-11-27T10:00:00Z", "s" * 22, seq, None, "Mia", frame)


async def test_long_replies_fill_the_queue_by_their_bytes(make: Make, path: Path) -> None:
    """A few whole manuals are as much to hold as thousands of questions; the rest is written."""
    journal = make(max_waiting_bytes=1_300_000)
    for seq in range(5):
        journal.put(said(seq, 300_000))
    assert (journal.waiting, journal.dropped) == (4, 1)
    journal.start()
    await journal.close()
    assert rows(path, "SELECT count(*) FROM messages") == [(4,)]
    assert (journal.waiting, journal.dropped) == (0, 1)


async def test_two_processes_may_write_one_file(make: Make, path: Path) -> None:
    """Workers share the journal, from its creation on."""
    journals = [make() for _ in range(4)]
    for journal in journals:
        journal.start()
        journal.put(asked())
    await asyncio.gather(*(journal.close() for journal in journals))
    assert rows(path, "select count(*) from questions") == [(4,)]


async def test_a_newer_schema_is_refused_and_left_alone(make: Make, path: Path) -> None:
    """An older program never writes into what it does not understand."""
    await make().feedback(feedback())
    connection = sqlite3.connect(path)
    connection.execute("update alembic_version set version_num = '9999'")
    connection.commit()
    connection.close()
    journal = make()
    with pytest.raises(JournalUnavailable):
        await journal.feedback(feedback())
    assert journal.trouble is not None
    assert journal.trouble.code == "journal_version"
    assert "schema 9999" in journal.trouble.text
    assert rows(path, "select count(*) from feedback") == [(1,)]


async def test_a_journal_comes_back_with_what_was_asked_meanwhile(make: Make, path: Path) -> None:
    """A place that cannot be written is trouble; once it can, nothing is missing."""
    path.parent.write_text("a file where the folder should be")
    journal = make()
    journal.start()
    journal.put(asked())
    with pytest.raises(JournalUnavailable):
        await journal.feedback(feedback())
    assert journal.trouble is not None
    assert journal.waiting == 1
    path.parent.unlink()
    async with asyncio.timeout(10):
        while journal.waiting or journal.trouble:
            await asyncio.sleep(0.01)
    assert rows(path, "select count(*) from questions") == [(1,)]


async def test_a_full_disk_is_trouble_until_there_is_room(path: Path, make: Make) -> None:
    """Questions wait, feedback is refused with the reason, and later nothing is missing."""
    room = {"pages": 1}
    store = JournalStore(journal_url(path, None))

    def full(connection: Connection) -> None:
        # SQLite's own error for a disk without room.
        connection.exec_driver_sql(f"pragma max_page_count = {room['pages']}")

    await store.prepare()
    event.listen(store._connect().sync_engine, "begin", full)
    journal = Journal(store, redactor("on"), retry_s=0.05)
    journal.start()
    journal.put(asked(question="wifi " * 20_000))
    with pytest.raises(JournalUnavailable):
        await journal.feedback(feedback(comment="x" * 100_000))
    assert journal.trouble is not None
    assert "disk is full" in journal.trouble.text
    assert journal.waiting == 1
    room["pages"] = 1_000_000
    async with asyncio.timeout(10):
        while journal.waiting or journal.trouble:
            await asyncio.sleep(0.01)
    await journal.close()
    assert rows(path, "select count(*) from questions") == [(1,)]


async def test_rows_past_their_days_are_deleted(make: Make, path: Path) -> None:
    """Retention is kept by itself, questions and feedback alike."""
    first = make()
    await first.feedback(feedback(given_at="2026-01-01T00:00:00.000000Z"))
    await first.feedback(feedback())
    journal = make(retention_days=30, now=lambda: datetime(2026, 11, 25, tzinfo=UTC))
    journal.start()
    async with asyncio.timeout(10):
        while len(rows(path, "select 1 from feedback")) == 2:
            await asyncio.sleep(0.01)
    assert rows(path, "select given_at from feedback") == [("2026-11-24T10:01:00.000000Z",)]


async def test_insights_count_what_was_asked_and_what_had_no_answer(make: Make) -> None:
    """The same question in other capitals is one question."""
    journal = make(now=lambda: datetime(2026, 11, 25, tzinfo=UTC))
    journal.start()
    journal.put(asked())
    unanswered = {"outcome": "no_answer", "entry_id": None}
    journal.put(asked("r2", question="Coffee?", session="s2", **unanswered))
    journal.put(asked("r3", question="coffee?", session="s3", **unanswered))
    journal.put(asked("r4", asked_at="2026-01-01T00:00:00.000000Z"))
    await journal.feedback(feedback(comment="no"))
    async with asyncio.timeout(10):
        while journal.waiting:
            await asyncio.sleep(0.01)
    figures = await journal.insights(30)
    assert (figures.questions, figures.sessions) == (3, 3)
    assert figures.outcomes == {"answer": 1, "no_answer": 2}
    assert len(figures.per_day) == 31
    day = figures.per_day[-2]
    assert (day["day"], day["asked"], day["sessions"]) == ("2026-11-24", 3, 3)
    assert (day["answer"], day["no_answer"], day["answer_rate"]) == (1, 2, 0.3333)
    assert figures.answer_rate == 0.3333
    gaps = [(row["question"], row["people"], row["reasons"]) for row in figures.unanswered]
    assert gaps == [("Coffee?", 2, {"no_answer": 2}), ("wifi is slow", 1, {"unhelpful": 1})]
    rated = {"entry_id": "wifi-slow", "asked": 1, "helpful": 0, "unhelpful": 1}
    assert figures.entries == [rated]
    assert figures.worst_rated == [rated | {"comments": ["no"]}]
    assert figures.slowest[0]["took_ms"] == 0.2
    assert (figures.feedback["helpful"], figures.feedback["unhelpful"]) == (0, 1)


def test_a_dsn_becomes_the_driver_that_is_spoken(tmp_path: Path) -> None:
    """Both spellings of PostgreSQL; another database, or no DSN at all, is refused unquoted."""
    url = journal_url(tmp_path, "postgres://u:s3cret@db/firstline")
    assert url.drivername == "postgresql+asyncpg"
    assert "s3cret" not in JournalStore(url).place
    for wrong in ("mysql://u:s3cret@db/x", "s3cret at db"):
        with pytest.raises(ConfigError) as refused:
            journal_url(tmp_path, wrong)
        assert "s3cret" not in str(refused.value)
