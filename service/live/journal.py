"""
Questions, outcomes and feedback, kept in a database for the people who write the answers.

Answering never waits for it. A question is put in a bounded queue and written a moment later
with its neighbours; where the queue is full the row is dropped and counted. Feedback is awaited,
because the person is told that it is kept. A journal that cannot be written is a sentence in
``trouble``, tried again every ``retry_s``, and never a reason to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import Table
from sqlalchemy.exc import DataError, SQLAlchemyError

from service.errors import FirstlineError, JournalUnavailable
from service.live.insights import Group, Insights, read_insights
from service.live.journal_reading import read_messages
from service.live.journal_rows import (
    TABLES,
    AskedRow,
    FeedbackRow,
    MessageRow,
    Row,
    values_of,
)
from service.live.journal_store import FEEDBACK, MESSAGES, JournalStore, timestamp
from service.live.redaction import Redact, redacted_frame

log = structlog.get_logger("firstline.journal")

BATCH_ROWS = 200
# And not more than this in one transaction: on its way a reply is copied some ten times.
BATCH_BYTES = 500_000
# Rows that come within this are written in one transaction: one fsync for all of them.
GATHER_S = 0.2
# Looking again after so long finds what another process was about to write.
WRITTEN_WITHIN_S = (0.1, 0.3)
# A conversation's message 1 is the greeting.
FIRST_REPLY = 2
PURGE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class JournalTrouble:
    """Why nothing is written at the moment."""

    code: str
    text: str


class Journal:
    """The queue before the database, and the task that empties it."""

    def __init__(
        self,
        store: JournalStore,
        redact: Redact,
        *,
        max_waiting: int = 10_000,
        max_waiting_bytes: int = 8_388_608,
        retention_days: int = 0,
        resumable_s: float = 900.0,
        timeout_s: float = 3.0,
        retry_s: float = 5.0,
        group: Group | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._redact = redact
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._waiting_bytes = 0
        self._retention = timedelta(days=retention_days)
        self._resumable = timedelta(seconds=resumable_s)
        self._timeout_s = timeout_s
        self._retry_s = retry_s
        self._group = group
        self._now = now
        self._waiting: deque[Row] = deque()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._prepared = False
        self._preparing = asyncio.Lock()
        self._purged_at: datetime | None = None
        self._writing: asyncio.Task[None] | None = None
        self.trouble: JournalTrouble | None = None
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """Rows that are not written yet."""
        return len(self._waiting)

    def moment(self) -> str:
        """Now, as rows have it."""
        return timestamp(self._now())

    def put(self, row: Row) -> None:
        """Have *row* written soon; never waits."""
        size = _size(row)
        if (
            len(self._waiting) >= self._max_waiting
            or self._waiting_bytes + size > self._max_waiting_bytes
        ):
            self.dropped += 1
            return
        self._waiting.append(row)
        self._waiting_bytes += size
        self._wake.set()

    async def feedback(self, row: FeedbackRow) -> None:
        """
        Keep *row*; returns once it is committed.

        Raises:
            JournalUnavailable: it cannot be stored now.

        """
        fields = values_of(row)
        if row.comment is not None:
            fields["comment"] = self._redact(row.comment)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._prepare()
                await self._store.write(FEEDBACK, [fields])
        except Exception as error:
            self._fail(error)
            raise JournalUnavailable(
                "Your feedback could not be stored. Please try again later."
            ) from error

    async def recall(self, session: str, after: int) -> list[MessageRow]:
        """
        The replies of a conversation that can still be resumed, oldest first.

        Who wrote them may be about to write more: where the client has seen later ones, or any at
        all of a conversation that is not known, the journal is read again a moment later.
        A journal that cannot be read knows no conversations, and is not waited for.
        """
        if self.trouble is not None:
            return []
        found: list[dict[str, Any]] = []
        since = timestamp(self._now() - self._resumable)
        for pause_s in (0.0, *WRITTEN_WITHIN_S):
            await asyncio.sleep(pause_s)
            try:
                async with asyncio.timeout(self._timeout_s):
                    await self._prepare()
                    found = await read_messages(self._store, session, since)
            except Exception as error:
                self._fail(error)
                return []
            if after < FIRST_REPLY or (found and found[-1]["seq"] >= after):
                break
        return [MessageRow(**{**row, "frame": row["frame"].encode()}) for row in found]

    async def flush(self) -> None:
        """Write what is waiting, if that does not take long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                while self._waiting and self.trouble is None:
                    self._wake.set()
                    await asyncio.sleep(GATHER_S / 10)

    async def insights(self, days: int) -> Insights:
        """
        The figures of the last *days* days.

        Raises:
            JournalUnavailable: the journal cannot be read now.

        """
        now = self._now()
        since, until = timestamp(now - timedelta(days=days)), timestamp(now)
        try:
            await self._prepare()
            return await read_insights(self._store, since, until, self._group)
        except Exception as error:
            trouble = self._fail(error)
            raise JournalUnavailable(trouble.text) from error

    def start(self) -> None:
        """Begin to write; opening the database happens beside everything else."""
        self._writing = asyncio.create_task(self._write_on())

    async def close(self) -> None:
        """Write what is waiting, but do not wait long for it."""
        self._closing.set()
        self._wake.set()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=self._timeout_s)
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing
        if self._waiting:
            self.dropped += len(self._waiting)
            log.error("journal_rows_lost", rows=len(self._waiting))
        if self._group is not None:
            await self._group.close()
        await self._store.close()

    async def _write_on(self) -> None:
        while True:
            try:
                await self._prepare()
                await self._purge_if_due()
                await self._write_waiting()
            except Exception as error:
                self._fail(error)
                if self._closing.is_set():
                    return
                await self._pause(self._closing, self._retry_s)
                continue
            if self._closing.is_set() and not self._waiting:
                return
            if not self._waiting:
                await self._pause(self._wake, self._retry_s)
            self._wake.clear()
            if not self._closing.is_set():
                await self._pause(self._closing, GATHER_S)

    @staticmethod
    async def _pause(until: asyncio.Event, longest_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await until.wait()

    async def _prepare(self) -> None:
        """Create the tables once, and look again after each failure."""
        async with self._preparing:
            if self._prepared:
                return
            await self._store.prepare()
            self._prepared = True
            if self.trouble is not None:
                log.info("journal_recovered", place=self._store.place)
            self.trouble = None

    async def _write_waiting(self) -> None:
        """
        Write what is waiting now.

        What comes meanwhile is gathered first: a few rows at a time, without a pause, every
        commit would cost as much as two hundred rows.
        """
        left = len(self._waiting)
        while left > 0:
            batch = self._batch(left)
            rows = await asyncio.to_thread(self._fields, batch)
            try:
                await self._store.write_all(rows)
            except DataError as error:
                # The rows are at fault, and would be every time: do not stand still for them.
                self.dropped += len(batch)
                log.error("journal_rows_refused", rows=len(batch), error=type(error).__name__)
            left -= len(batch)
            for row in batch:
                self._waiting.popleft()
                self._waiting_bytes -= _size(row)

    def _batch(self, most: int) -> list[Row]:
        """The rows to be written next: at least one, and not more than *most*."""
        batch: list[Row] = []
        size = 0
        for row in islice(self._waiting, min(most, BATCH_ROWS)):
            size += _size(row)
            if batch and size > BATCH_BYTES:
                break
            batch.append(row)
        return batch

    def _fields(self, batch: list[Row]) -> dict[Table, list[dict[str, object]]]:
        """What is written of each row, by its table; redacted here, away from the answers."""
        fields: dict[Table, list[dict[str, object]]] = {}
        for row in batch:
            written = values_of(row)
            if isinstance(row, AskedRow):
                written["question"] = self._redact(row.question)
            elif isinstance(row, MessageRow):
                written["frame"] = redacted_frame(row.frame, self._redact)
            fields.setdefault(TABLES[type(row)], []).append(written)
        return fields

    async def _purge_if_due(self) -> None:
        now = self._now()
        if self._purged_at and now - self._purged_at < PURGE_EVERY:
            return
        self._purged_at = now
        # Conversations that can no longer be resumed.
        before = timestamp(now - self._resumable)
        deleted = await self._store.delete(before=before, tables=(MESSAGES,))
        if self._retention:
            deleted = await self._store.delete(before=timestamp(now - self._retention))
        rows = sum(deleted.values())
        if rows:
            log.info("journal_purged", rows=rows)

    def _fail(self, error: Exception) -> JournalTrouble:
        """Remember why; the log hears of each trouble once."""
        if isinstance(error, FirstlineError):
            trouble = JournalTrouble(error.code, str(error))
        else:
            # The statement's own text is left out: it may hold a person's words.
            why = _reason(error)
            trouble = JournalTrouble(
                JournalUnavailable.code,
                f"The journal {self._store.place} cannot be used: {why}. "
                "Answers go on; questions wait and feedback is refused until it can.",
            )
        if trouble != self.trouble:
            log.error("journal_failed", code=trouble.code, reason=trouble.text)
        self.trouble = trouble
        self._prepared = False
        return trouble


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, DataError):
        return "it refused a value"
    origin = getattr(error, "orig", None) if isinstance(error, SQLAlchemyError) else error
    return f"{type(origin or error).__name__}: {origin}" if origin else type(error).__name__


def _size(row: Row) -> int:
    """What a row weighs: a reply's frame may be as long as an entry, all else is short."""
    return len(row.frame) if isinstance(row, MessageRow) else 0
