"""
The journal's database: its tables, and the few things that are done with them.

SQLite in a file of our own, or PostgreSQL by a DSN; SQLAlchemy Core speaks to both. Times are ISO
8601 in UTC as text: they sort, and a person at a ``sqlite3`` prompt can read them.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    event,
    insert,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.sql import Select

from service.errors import ConfigError
from service.live.migrating import HEAD, is_current, migrate

log = structlog.get_logger("firstline.journal")

BUSY_TIMEOUT_MS = 2_000

METADATA = MetaData()
# request_id is not unique: a client may bring its own, twice.
QUESTIONS = Table(
    "questions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("asked_at", String(32), nullable=False),
    Column("request_id", String(200), nullable=False),
    Column("session", String(64)),
    Column("question", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("entry_id", String(200)),
    Column("nearest_id", String(200)),
    Column("generation", String(64), nullable=False),
    Column("took_ms", Float, nullable=False),
    Index("questions_by_time", "asked_at"),
    Index("questions_by_request", "request_id"),
)
FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("given_at", String(32), nullable=False),
    Column("request_id", String(200), nullable=False),
    Column("session", String(64)),
    Column("helpful", Boolean, nullable=False),
    Column("entry_id", String(200)),
    Column("comment", Text),
    Index("feedback_by_time", "given_at"),
    Index("feedback_by_request", "request_id"),
)


# A suggestion that was taken: request_id is the did-you-mean reply's, whose question the entry
# answers.
ACCEPTED = Table(
    "accepted",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("accepted_at", String(32), nullable=False),
    Column("request_id", String(200), nullable=False),
    Column("session", String(64)),
    Column("entry_id", String(200), nullable=False),
    Index("accepted_by_time", "accepted_at"),
    Index("accepted_by_request", "request_id"),
)

# What was said in a conversation, for the replica, worker or next start that resumes it.
MESSAGES = Table(
    "messages",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("sent_at", String(32), nullable=False),
    Column("session", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("client_id", String(200)),
    Column("supporter", String(200), nullable=False),
    Column("frame", Text, nullable=False),
    Index("messages_by_time", "sent_at"),
    Index("messages_by_session", "session", "seq"),
)


# The column that says when a row came about.
MOMENTS = {
    "questions": "asked_at",
    "feedback": "given_at",
    "accepted": "accepted_at",
    "messages": "sent_at",
}


def timestamp(moment: datetime) -> str:
    """A moment as the tables keep it."""
    # strftime takes ten times as long, and every row has one.
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def journal_url(path: Path, dsn: str | None) -> URL:
    """
    Where the journal is: the DSN if there is one, else the file.

    Raises:
        ConfigError: the DSN is none, of a database that is not spoken here, or its driver is
            not installed.

    """
    if dsn is None:
        return URL.create("sqlite+aiosqlite", database=str(path))
    try:
        url = make_url(dsn)
    except (ArgumentError, ValueError) as error:
        # Its text may quote the password.
        raise ConfigError(
            "journal_dsn is not a DSN. Write postgresql://user:password@host/database."
        ) from error
    drivers = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    name = url.drivername.partition("+")[0]
    if name not in drivers:
        raise ConfigError(
            f"journal_dsn: {name} is not spoken here. Use postgresql://, or journal_path."
        )
    if importlib.util.find_spec("asyncpg") is None:
        raise ConfigError(
            "journal_dsn needs asyncpg, which is not installed: pip install firstline[postgres]."
        )
    return url.set(drivername=drivers[name])


class JournalStore:
    """An engine, the tables in it, and reading and writing them."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine: AsyncEngine | None = None

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        if self._url.drivername.startswith("sqlite"):
            return str(self._url.database)
        return self._url.render_as_string(hide_password=True)

    async def prepare(self) -> None:
        """
        Bring the schema up to date; quick and harmless when it is.

        Raises:
            JournalVersion: a newer Firstline has written it.

        """
        async with self._connect().connect() as connection:
            if await connection.run_sync(is_current):
                return
        # Alembic takes its time to import: not on the time of answers.
        await asyncio.to_thread(importlib.import_module, "alembic.command")
        async with self._connect().begin() as connection:
            if await connection.run_sync(migrate, self.place):
                log.info("journal_migrated", place=self.place, schema=HEAD)

    async def write(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert *rows*; returns once they are committed, and so on disk."""
        async with self._connect().begin() as connection:
            await connection.execute(insert(table), list(rows))

    async def write_all(self, rows: Mapping[Table, Sequence[Mapping[str, Any]]]) -> None:
        """Insert rows of several tables: all of them, or none."""
        async with self._connect().begin() as connection:
            for table, values in rows.items():
                await connection.execute(insert(table), list(values))

    async def read(self, query: Select[Any]) -> list[dict[str, Any]]:
        """The rows of *query*, as dictionaries."""
        async with self._connect().connect() as connection:
            found = (await connection.execute(query)).mappings()
            # Plain text as keys: SQLAlchemy has its own kind, which JSON writers refuse.
            return [{str(name): value for name, value in row.items()} for row in found]

    async def delete(
        self,
        *,
        before: str | None = None,
        session: str | None = None,
        tables: Sequence[Table] = (QUESTIONS, FEEDBACK, ACCEPTED, MESSAGES),
    ) -> dict[str, int]:
        """Delete what is older than *before*, and of *session*; rows by table. Neither: all."""
        rows = {}
        async with self._connect().begin() as connection:
            for table in tables:
                what = delete(table)
                if before is not None:
                    what = what.where(table.c[MOMENTS[table.name]] < before)
                if session is not None:
                    what = what.where(table.c.session == session)
                rows[str(table.name)] = (await connection.execute(what)).rowcount
        return rows

    async def give_back_space(self) -> None:
        """
        Have the file hold no longer what was deleted from it.

        PostgreSQL does that by itself (autovacuum). Where the server writes at this moment SQLite
        leaves it for the next time.
        """
        if self._url.drivername.startswith("sqlite"):
            engine = self._connect().execution_options(isolation_level="AUTOCOMMIT")
            async with engine.connect() as connection:
                with contextlib.suppress(OperationalError):
                    await connection.exec_driver_sql("VACUUM")
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    def _connect(self) -> AsyncEngine:
        if self._engine is None:
            self._engine = _engine(self._url)
        return self._engine


def _engine(url: URL) -> AsyncEngine:
    if url.drivername.startswith("sqlite"):
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1e3})
        event.listen(engine.sync_engine, "connect", _durable)
        return engine
    return create_async_engine(url, pool_pre_ping=True, pool_size=2, connect_args={"timeout": 5})


def _durable(connection: Any, _: Any) -> None:
    """WAL: readers never wait for the writer. FULL: what is committed survives a power cut."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # Rows are added at the end and seldom read: 2 MB for each connection would be held for nothing.
    cursor.execute("PRAGMA cache_size=-512")
    cursor.execute("PRAGMA synchronous=FULL")
    # What is deleted is overwritten: it may be what somebody wanted gone.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
