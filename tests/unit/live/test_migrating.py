"""The journal's schema: from its first form to the present one, and equal to what is declared."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select

from service.live.journal_store import METADATA, QUESTIONS, JournalStore, journal_url
from service.live.migrating import HEAD

FIRST_JOURNAL = """
create table firstline_schema (id integer not null primary key, version integer not null);
insert into firstline_schema values (1, 1);
create table questions (id integer not null primary key, asked_at varchar(32) not null,
  request_id varchar(200) not null, session varchar(64), question text not null,
  outcome varchar(16) not null, confidence float not null, entry_id varchar(200),
  nearest_id varchar(200), generation varchar(64) not null, took_ms float not null);
create index questions_by_time on questions (asked_at);
create index questions_by_request on questions (request_id);
create table feedback (id integer not null primary key, given_at varchar(32) not null,
  request_id varchar(200) not null, session varchar(64), helpful boolean not null,
  entry_id varchar(200), comment text);
create index feedback_by_time on feedback (given_at);
create index feedback_by_request on feedback (request_id);
insert into questions values (1, '2026-11-24T10:00:00.000000Z', 'r1', 's1', 'wifi is slow',
  'answer', 0.9, 'wifi-slow', 'wifi-slow', 'g-one', 0.2);
"""


def differences(connection: Connection) -> list[object]:
    """What Alembic would have to change to make the database what the code declares."""
    found: list[object] = compare_metadata(MigrationContext.configure(connection), METADATA)
    return found


async def test_a_first_journal_is_taken_over_with_its_rows(tmp_path: Path) -> None:
    """Upgrading keeps every question, and leaves no table behind that nobody reads."""
    path = tmp_path / "j.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_JOURNAL)
    connection.close()
    store = JournalStore(journal_url(path, None))
    await store.prepare()
    await store.prepare()
    assert [row["question"] for row in await store.read(select(QUESTIONS))] == ["wifi is slow"]
    async with store._connect().connect() as open_:
        assert await open_.run_sync(differences) == []
    await store.close()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_the_steps_lead_to_the_declared_tables(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A table or index that is declared and not migrated, or the other way round, is found."""
    dsn = request.getfixturevalue("postgres_dsn") if database == "postgres" else None
    store = JournalStore(journal_url(tmp_path / "j.sqlite3", dsn))
    await store.prepare()
    async with store._connect().connect() as connection:
        assert await connection.run_sync(differences) == []
    await store.close()


def test_the_newest_step_is_the_one_that_is_expected() -> None:
    """Adding a step without naming it as the head would leave databases half migrated."""
    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).parents[3] / "service" / "live" / "migrations")
    )
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
