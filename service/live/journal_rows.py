"""What is put into the journal, a value a row; each knows its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from service.live.journal_store import ACCEPTED, MESSAGES, QUESTIONS


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One question and what became of it."""

    asked_at: str
    request_id: str
    session: str | None
    question: str
    outcome: str
    confidence: float
    entry_id: str | None
    nearest_id: str | None
    generation: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """What a person thought of one reply."""

    given_at: str
    request_id: str
    session: str | None
    helpful: bool
    entry_id: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A suggestion that was taken, by the did-you-mean reply that made it."""

    accepted_at: str
    request_id: str
    session: str | None
    entry_id: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One reply of a conversation; ``frame`` is what was sent."""

    sent_at: str
    session: str
    seq: int
    client_id: str | None
    supporter: str
    frame: bytes


Row = AskedRow | AcceptedRow | MessageRow


def values_of(row: Row | FeedbackRow) -> dict[str, Any]:
    """A row's values by column; ``dataclasses.asdict`` would copy each, deeply."""
    return {name: getattr(row, name) for name in row.__slots__}


TABLES: dict[type[Row], Table] = {
    AskedRow: QUESTIONS,
    AcceptedRow: ACCEPTED,
    MessageRow: MESSAGES,
}
