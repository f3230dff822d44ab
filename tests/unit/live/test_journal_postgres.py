"""The journal in a real PostgreSQL, as several replicas share it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from service.errors import JournalUnavailable
from service.live.journal import Journal
from service.live.journal_store import FEEDBACK, QUESTIONS, JournalStore, journal_url
from service.live.redaction import redactor
from tests.postgres_server import Postgres
from tests.unit.live.some_rows import asked, feedback

NOW = datetime(2026, 11, 25, tzinfo=UTC)
Make = Callable[..., Journal]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Make journals in a database, or without one in a file; closed at the end."""
    made: list[Journal] = []

    def journal(dsn: str | None, **settings: Any) -> Journal:
        store = JournalStore(journal_url(tmp_path / "j.sqlite3", dsn))
        made.append(
            Journal(store, redactor("on"), **{"retry_s": 0.05, "now": lambda: NOW} | settings)
        )
        return made[-1]

    yield journal
    for one in made:
        await one.close()


async def count(dsn: str, query: Any) -> Any:
    """Look past the journal, as another program would."""
    store = JournalStore(journal_url(Path(), dsn))
    try:
        return next(iter((await store.read(query))[0].values()))
    finally:
        await store.close()


async def written(journal: Journal) -> None:
    """Wait until nothing waits."""
    async with asyncio.timeout(20):
        while journal.waiting:
            await asyncio.sleep(0.01)


async def test_replicas_that_start_together_share_one_schema(make: Make, postgres_dsn: str) -> None:
    """Four create the tables at once; each writes; nothing is lost and nobody fails."""
    journals = [make(postgres_dsn) for _ in range(4)]
    for number, journal in enumerate(journals):
        journal.start()
        journal.put(asked(f"r{number}"))
        await journal.feedback(feedback(request_id=f"r{number}"))
    await asyncio.gather(*(written(journal) for journal in journals))
    assert [journal.trouble for journal in journals] == [None] * 4
    assert await count(postgres_dsn, select(func.count(QUESTIONS.c.id))) == 4
    assert await count(postgres_dsn, select(func.count(FEEDBACK.c.id))) == 4


async def test_both_databases_tell_the_same_story(make: Make, postgres_dsn: str) -> None:
    """The same rows give the same insights, down to the order of lists."""
    rows = [
        asked("r1"),
        asked("r2", question="Coffee?", outcome="no_answer", entry_id=None, session="s2"),
        asked("r3", question="coffee", outcome="suggestions", entry_id=None, session=None),
        asked("r4", question="hello", outcome="smalltalk", entry_id="hello", took_ms=9.5),
        asked("r5", asked_at="2026-11-23T09:00:00.000000Z", session="s3"),
    ]
    votes = [
        feedback(request_id="r1", helpful=True),
        feedback(request_id="r1", comment="no, a@b.de", given_at="2026-11-24T10:02:00.000000Z"),
    ]
    told = []
    for dsn in (None, postgres_dsn):
        journal = make(dsn)
        journal.start()
        for row in rows:
            journal.put(row)
        for vote in votes:
            await journal.feedback(vote)
        await written(journal)
        told.append(asdict(await journal.insights(3)))
    assert told[0] == told[1]
    assert told[0]["feedback"]["comments"][0]["comment"] == "no, [mail]"
    assert [gap["people"] for gap in told[0]["unanswered"]] == [2, 1]


async def test_a_newer_schema_is_refused_in_a_sentence(make: Make, postgres_dsn: str) -> None:
    """An older replica leaves the database of a newer one alone, and hides the password."""
    await make(postgres_dsn).feedback(feedback())
    store = JournalStore(journal_url(Path(), postgres_dsn))
    async with store._connect().begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))
    await store.close()
    journal = make(postgres_dsn.replace("firstline@", "firstline:s3cret@"))
    with pytest.raises(JournalUnavailable):
        await journal.feedback(feedback())
    assert journal.trouble is not None
    assert journal.trouble.code == "journal_version"
    assert "schema 9999" in journal.trouble.text
    assert "s3cret" not in journal.trouble.text
    assert await count(postgres_dsn, select(func.count(FEEDBACK.c.id))) == 1


async def test_rows_past_their_days_are_deleted(make: Make, postgres_dsn: str) -> None:
    """Retention is kept in PostgreSQL, too."""
    await make(postgres_dsn).feedback(feedback(given_at="2026-01-01T00:00:00.000000Z"))
    journal = make(postgres_dsn, retention_days=30)
    journal.start()
    async with asyncio.timeout(20):
        while await count(postgres_dsn, select(func.count(FEEDBACK.c.id))):
            await asyncio.sleep(0.02)


async def test_a_database_that_goes_away_is_trouble_until_it_is_back(
    make: Make, postgres: Postgres, postgres_dsn: str
) -> None:
    """Feedback is refused and questions wait meanwhile; then all of them are written."""
    journal = make(postgres_dsn)
    journal.start()
    await journal.feedback(feedback())
    postgres.stop()
    try:
        journal.put(asked("r2"))
        with pytest.raises(JournalUnavailable):
            await journal.feedback(feedback(request_id="r3"))
        assert journal.trouble is not None
        assert "cannot be used" in journal.trouble.text
        assert journal.waiting == 1
    finally:
        postgres.start()
    async with asyncio.timeout(20):
        while journal.waiting or journal.trouble:
            await asyncio.sleep(0.02)
    assert await count(postgres_dsn, select(func.count(QUESTIONS.c.id))) == 1


async def test_a_dsn_that_does_not_connect_says_where_to(make: Make) -> None:
    """The sentence names the address without the password."""
    journal = make("postgresql://firstline:s3cret@127.0.0.1:1/nowhere")
    with pytest.raises(JournalUnavailable):
        await journal.feedback(feedback())
    assert journal.trouble is not None
    assert "127.0.0.1:1/nowhere" in journal.trouble.text
    assert "s3cret" not in journal.trouble.text
