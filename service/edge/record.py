"""
What is kept of questions and feedback.

``answered`` is called in the middle of answering and must never wait; ``feedback`` is awaited,
because the person is told it is kept.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Protocol

from service.chat.messages import Feedback
from service.chat.session import ChatSession, Said, Send
from service.errors import JournalUnavailable
from service.live.insights import Insights
from service.live.journal import Journal, JournalTrouble
from service.live.journal_rows import AcceptedRow, AskedRow, FeedbackRow, MessageRow
from service.retrieval.answers import Answer


class Record(Protocol):
    """Keeps what happened, for the people who write the answers."""

    @property
    def trouble(self) -> JournalTrouble | None:
        """Why nothing can be kept at the moment, if so."""

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """A question was answered, in whatever way."""

    def accepted(self, entry_id: str, *, request_id: str, session: str | None) -> None:
        """A suggestion of the reply *request_id* was taken."""

    def said(self, sent: Send, *, session: ChatSession) -> None:
        """A reply was made in a conversation."""

    async def recall(self, session_id: str, after: int) -> list[Said]:
        """The replies of a conversation that another process held; none if it is not known."""

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Keep it; returns once it is safe."""

    async def insights(self, days: int) -> Insights:
        """What is kept of the last days, in figures."""


class RecordOff:
    """Keeps nothing, and says so to whoever asks for it to be kept."""

    trouble: JournalTrouble | None = None

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """Forget it."""

    def accepted(self, entry_id: str, *, request_id: str, session: str | None) -> None:
        """Forget it."""

    def said(self, sent: Send, *, session: ChatSession) -> None:
        """Forget it."""

    async def recall(self, session_id: str, after: int) -> list[Said]:
        """Nothing is known."""
        return []

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Refuse it: there is nowhere to keep it."""
        raise JournalUnavailable("This server keeps no feedback: its journal is off.")

    async def insights(self, days: int) -> Insights:
        """There are none."""
        raise JournalUnavailable("There are no figures: the journal is off. Set journal = true.")


class RecordInMemory(RecordOff):
    """Counts outcomes and holds the newest feedback, until the process ends."""

    def __init__(self, max_feedback: int = 1_000) -> None:
        self.outcomes: Counter[str] = Counter()
        self.kept: deque[Feedback] = deque(maxlen=max_feedback)

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """Count the outcome; nobody's words are held."""
        self.outcomes[answer.outcome] += 1

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Hold it; the oldest goes first."""
        self.kept.append(feedback)


class RecordInJournal:
    """Hands answers and feedback to the journal, as rows."""

    def __init__(self, journal: Journal, *, keep_conversations: bool) -> None:
        self._journal = journal
        self._keep_conversations = keep_conversations

    @property
    def trouble(self) -> JournalTrouble | None:
        """The journal's."""
        return self._journal.trouble

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """Have it written soon."""
        self._journal.put(
            AskedRow(
                asked_at=self._journal.moment(),
                request_id=request_id,
                session=session,
                question=answer.question,
                outcome=answer.outcome,
                confidence=round(answer.confidence, 4),
                entry_id=None if answer.entry is None else answer.entry.id,
                nearest_id=answer.hits[0].id if answer.hits else None,
                generation=answer.generation,
                took_ms=round(took_ms, 3),
            )
        )

    def accepted(self, entry_id: str, *, request_id: str, session: str | None) -> None:
        """Have it written soon."""
        self._journal.put(AcceptedRow(self._journal.moment(), request_id, session, entry_id))

    def said(self, sent: Send, *, session: ChatSession) -> None:
        """Have it written soon."""
        if self._keep_conversations and sent.seq is not None:
            self._journal.put(
                MessageRow(
                    sent_at=self._journal.moment(),
                    session=session.id,
                    seq=sent.seq,
                    client_id=sent.reply_to,
                    supporter=session.supporter_name,
                    frame=sent.data,
                )
            )

    async def recall(self, session_id: str, after: int) -> list[Said]:
        """What the journal has of it."""
        if not self._keep_conversations:
            return []
        rows = await self._journal.recall(session_id, after)
        return [Said(row.seq, row.client_id, row.supporter, row.frame) for row in rows]

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Have it written now."""
        await self._journal.feedback(
            FeedbackRow(
                given_at=self._journal.moment(),
                request_id=feedback.request_id,
                session=session,
                helpful=feedback.helpful,
                entry_id=feedback.entry_id,
                comment=feedback.comment,
            )
        )

    async def insights(self, days: int) -> Insights:
        """The journal's figures."""
        return await self._journal.insights(days)
