"""The whole journal as records, in pages: it may be larger than memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from service.live.journal_store import ACCEPTED, FEEDBACK, QUESTIONS, JournalStore

PAGE_ROWS = 500


async def export(store: JournalStore, since: str) -> AsyncIterator[dict[str, Any]]:
    """Every question from *since* on as it was written, with its votes and accepted suggestion."""
    last = 0
    while True:
        page = await store.read(
            select(QUESTIONS)
            .where(QUESTIONS.c.id > last, QUESTIONS.c.asked_at >= since)
            .order_by(QUESTIONS.c.id)
            .limit(PAGE_ROWS)
        )
        if not page:
            return
        last = page[-1]["id"]
        ids = [row["request_id"] for row in page]
        votes: dict[str, list[dict[str, Any]]] = {}
        for vote in await store.read(
            select(FEEDBACK).where(FEEDBACK.c.request_id.in_(ids)).order_by(FEEDBACK.c.id)
        ):
            vote["helpful"] = bool(vote["helpful"])
            votes.setdefault(vote.pop("request_id"), []).append(vote)
        taken = {
            row["request_id"]: row["entry_id"]
            for row in await store.read(select(ACCEPTED).where(ACCEPTED.c.request_id.in_(ids)))
        }
        for row in page:
            row["feedback"] = votes.get(row["request_id"], [])
            row["accepted"] = taken.get(row["request_id"])
            yield row
