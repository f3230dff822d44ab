"""Rows for tests of the journal."""

from __future__ import annotations

from typing import Any

from service.live.journal_rows import AskedRow, FeedbackRow


def asked(request_id: str = "r1", **fields: Any) -> AskedRow:
    """A question that was answered."""
    values: dict[str, Any] = {
        "asked_at": "2026-11-24T10:00:00.000000Z",
        "session": "s1",
        "question": "wifi is slow",
        "outcome": "answer",
        "confidence": 0.9,
        "entry_id": "wifi-slow",
        "nearest_id": "wifi-slow",
        "generation": "g-one",
        "took_ms": 0.2,
    }
    return AskedRow(request_id=request_id, **(values | fields))


def feedback(**fields: Any) -> FeedbackRow:
    """A thumb down."""
    values: dict[str, Any] = {
        "given_at": "2026-11-24T10:01:00.000000Z",
        "request_id": "r1",
        "session": None,
        "helpful": False,
        "entry_id": None,
        "comment": None,
    }
    return FeedbackRow(**(values | fields))
