"""The journal in figures: how much was asked, what became of it, what had no answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from service.live.journal_store import FEEDBACK, QUESTIONS, JournalStore

MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class Insights:
    """What staff look at; every list is bounded and the largest comes first."""

    since: str
    questions: int
    sessions: int
    outcomes: dict[str, int]
    per_day: list[dict[str, Any]]
    unanswered: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    feedback: dict[str, Any]


async def read_insights(store: JournalStore, since: str) -> Insights:
    """The figures from *since* (as the tables keep moments) until now."""
    asked, given = QUESTIONS.c, FEEDBACK.c
    recent, recently_given = asked.asked_at >= since, given.given_at >= since
    count = func.count().label("asked")
    outcomes = await store.read(select(asked.outcome, count).where(recent).group_by(asked.outcome))
    day = func.substr(asked.asked_at, 1, 10).label("day")
    per_day = await store.read(select(day, count).where(recent).group_by(day).order_by(day))
    wording = func.lower(asked.question).label("question")
    unanswered = await store.read(
        select(wording, count, func.max(asked.asked_at).label("last_asked_at"))
        .where(recent, asked.outcome.in_(("no_answer", "suggestions")))
        .group_by(wording)
        .order_by(count.desc(), wording)
        .limit(MAX_LISTED)
    )
    entries = await store.read(
        select(asked.entry_id, count)
        .where(recent, asked.outcome == "answer")
        .group_by(asked.entry_id)
        .order_by(count.desc(), asked.entry_id)
        .limit(MAX_LISTED)
    )
    people = await store.read(
        select(func.count(asked.session.distinct()).label("sessions")).where(recent)
    )
    votes = await store.read(
        select(given.helpful, count).where(recently_given).group_by(given.helpful)
    )
    comments = await store.read(
        select(given.given_at, given.request_id, given.helpful, given.entry_id, given.comment)
        .where(recently_given, given.comment.is_not(None))
        .order_by(given.given_at.desc())
        .limit(MAX_LISTED)
    )
    by_vote = {bool(row["helpful"]): row["asked"] for row in votes}
    return Insights(
        since=since,
        questions=sum(row["asked"] for row in outcomes),
        sessions=people[0]["sessions"],
        outcomes={row["outcome"]: row["asked"] for row in outcomes},
        per_day=per_day,
        unanswered=unanswered,
        entries=entries,
        feedback={
            "helpful": by_vote.get(True, 0),
            "unhelpful": by_vote.get(False, 0),
            "comments": comments,
        },
    )
