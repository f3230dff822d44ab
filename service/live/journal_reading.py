"""What the journal's rows say, read back for insights and gaps: one question a function."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.sql import ColumnElement

from service.live.gaps import AskedOnce
from service.live.journal_store import ACCEPTED, FEEDBACK, MESSAGES, QUESTIONS, JournalStore

Votes = dict[str, tuple[bool, str | None]]


async def read_asked(
    store: JournalStore, since: str, until: str, *, limit: int | None = None
) -> list[AskedOnce]:
    """The questions of that time, oldest first; where there are more than *limit*, the newest."""
    asked = QUESTIONS.c
    found = await store.read(
        select(
            asked.request_id,
            asked.session,
            asked.asked_at,
            asked.question,
            asked.outcome,
            asked.entry_id,
            asked.nearest_id,
        )
        .where(_between(asked.asked_at, since, until))
        .order_by(asked.asked_at.desc(), asked.id.desc())
        .limit(limit)
    )
    return [AskedOnce(**row) for row in reversed(found)]


async def read_votes(store: JournalStore, since: str, until: str) -> Votes:
    """Request id to the last vote and the entry it names: people change their minds."""
    given = FEEDBACK.c
    found = await store.read(
        select(given.request_id, given.helpful, given.entry_id)
        .where(_between(given.given_at, since, until))
        .order_by(given.given_at, given.id)
    )
    return {row["request_id"]: (bool(row["helpful"]), row["entry_id"]) for row in found}


async def read_picks(store: JournalStore, since: str, until: str) -> dict[str, str]:
    """Request id of a did-you-mean reply to the suggestion that was taken last."""
    taken = ACCEPTED.c
    found = await store.read(
        select(taken.request_id, taken.entry_id)
        .where(_between(taken.accepted_at, since, until))
        .order_by(taken.accepted_at, taken.id)
    )
    return {row["request_id"]: row["entry_id"] for row in found}


async def read_days(store: JournalStore, since: str, until: str) -> list[dict[str, Any]]:
    """Per day and outcome: ``day``, ``outcome``, ``asked``."""
    asked = QUESTIONS.c
    day = func.substr(asked.asked_at, 1, 10).label("day")
    return await store.read(
        select(day, asked.outcome, func.count().label("asked"))
        .where(_between(asked.asked_at, since, until))
        .group_by(day, asked.outcome)
    )


async def read_day_sessions(store: JournalStore, since: str, until: str) -> dict[str, int]:
    """Day to the conversations of that day."""
    asked = QUESTIONS.c
    day = func.substr(asked.asked_at, 1, 10).label("day")
    found = await store.read(
        select(day, func.count(asked.session.distinct()).label("sessions"))
        .where(_between(asked.asked_at, since, until))
        .group_by(day)
    )
    return {row["day"]: row["sessions"] for row in found}


async def count_sessions(store: JournalStore, since: str, until: str) -> int:
    """The conversations of all that time."""
    asked = QUESTIONS.c
    found = await store.read(
        select(func.count(asked.session.distinct()).label("sessions")).where(
            _between(asked.asked_at, since, until)
        )
    )
    return int(found[0]["sessions"])


async def read_given(store: JournalStore, since: str, until: str) -> dict[str, int]:
    """Entry to how often it was the answer."""
    asked = QUESTIONS.c
    found = await store.read(
        select(asked.entry_id, func.count().label("asked"))
        .where(_between(asked.asked_at, since, until), asked.outcome == "answer")
        .group_by(asked.entry_id)
    )
    return {row["entry_id"]: row["asked"] for row in found if row["entry_id"] is not None}


async def read_slowest(
    store: JournalStore, since: str, until: str, limit: int
) -> list[dict[str, Any]]:
    """The questions that took longest."""
    asked = QUESTIONS.c
    return await store.read(
        select(
            asked.question,
            asked.outcome,
            asked.entry_id,
            asked.took_ms,
            asked.asked_at,
            asked.request_id,
        )
        .where(_between(asked.asked_at, since, until))
        .order_by(asked.took_ms.desc(), asked.id)
        .limit(limit)
    )


async def read_feedback(store: JournalStore, since: str, until: str) -> list[dict[str, Any]]:
    """All votes, newest first, each with the question and entry it is about, if still kept."""
    given = FEEDBACK.c

    def of_question(column: ColumnElement[str | None]) -> ScalarSelect[str | None]:
        # A client may bring one request id twice: a vote is still one vote.
        same = QUESTIONS.c.request_id == given.request_id
        return select(column).where(same).limit(1).scalar_subquery()

    entry_id = func.coalesce(given.entry_id, of_question(QUESTIONS.c.entry_id)).label("entry_id")
    return await store.read(
        select(
            given.given_at,
            given.request_id,
            given.helpful,
            entry_id,
            given.comment,
            of_question(QUESTIONS.c.question).label("question"),
        )
        .where(_between(given.given_at, since, until))
        .order_by(given.given_at.desc(), given.id.desc())
    )


async def read_messages(store: JournalStore, session: str, since: str) -> list[dict[str, Any]]:
    """The replies of a conversation since then, oldest first; none twice."""
    sent = MESSAGES.c
    found = await store.read(
        select(sent.sent_at, sent.session, sent.seq, sent.client_id, sent.supporter, sent.frame)
        .where(sent.session == session, sent.sent_at >= since)
        .order_by(sent.seq, sent.id)
    )
    # Two processes that went on with one conversation: what was written last is what holds.
    return list({row["seq"]: row for row in found}.values())


def _between(moment: ColumnElement[str], since: str, until: str) -> ColumnElement[bool]:
    return (moment >= since) & (moment <= until)
