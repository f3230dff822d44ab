"""
What is kept of questions and feedback. The journal takes the place of ``RecordInMemory``.

``answered`` is called in the middle of answering and must never wait; ``feedback`` is awaited,
because the person is told it is kept.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Protocol

from service.chat.messages import Feedback
from service.retrieval.answers import Answer


class Record(Protocol):
    """Keeps what happened, for the people who write the answers."""

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """A question was answered, in whatever way."""

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Keep it; returns once it is safe."""


class RecordInMemory:
    """Counts outcomes and holds the newest feedback, until the process ends."""

    def __init__(self, max_feedback: int = 1_000) -> None:
        self.outcomes: Counter[str] = Counter()
        self.kept: deque[Feedback] = deque(maxlen=max_feedback)

    def answered(
        self,
        answer: Answer,
        *,
        request_id: str,
        session: str | None,
        took_ms: float,
    ) -> None:
        """Count the outcome; nobody's words are held."""
        self.outcomes[answer.outcome] += 1

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Hold it; the oldest goes first."""
        self.kept.append(feedback)
