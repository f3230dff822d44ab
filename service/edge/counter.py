"""The counter over which every question goes, whichever door it came in by."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

from service.chat.messages import Frame, answer_fields
from service.chat.session import Ask, ChatSession, Look, Send, Store
from service.edge.logs import log_defect
from service.edge.record import Record
from service.edge.refusals import RETRY_AFTER_S
from service.errors import FirstlineError
from service.live.current import CurrentIndex
from service.live.desk import AnswerDesk
from service.retrieval.answers import Answer, Question
from service.retrieval.context import Turn


def new_request_id() -> str:
    """An id nobody can guess: feedback is given by it."""
    return os.urandom(9).hex()


class Counter:
    """Asks the desk, tells the record, and gives the shape of ``/v1/ask`` back."""

    def __init__(self, current: CurrentIndex, desk: AnswerDesk, record: Record) -> None:
        self.current = current
        self.desk = desk
        self.record = record

    async def ask(self, question: Question, request_id: str, session: str | None = None) -> Frame:
        """
        The fields of the reply.

        Raises:
            FirstlineError: as ``AnswerDesk.ask``.

        """
        answered = await self.desk.ask(question)
        self.record.answered(
            answered.answer, request_id=request_id, session=session, took_ms=answered.took_ms
        )
        return answer_fields(answered.answer, request_id, answered.took_ms)

    async def show(self, entry_id: str, request_id: str) -> Frame:
        """
        An entry somebody chose, as the answer it would be.

        Raises:
            EntryNotFound: not in the generation being served.
            IndexUnavailable: no index is open.

        """
        index = self.current.index
        entry = await self.desk.look(lambda index: index.entry(entry_id))
        answer = Answer(
            outcome="smalltalk" if entry.kind == "smalltalk" else "answer",
            confidence=1.0,  # the person said so
            entry=entry,
            hits=(),
            suggestions=(),
            question=entry.title,
            corrected=None,
            used_context=False,
            generation=index.generation,
            entries=index.entry_count,
            built_at=index.built_at,
        )
        return answer_fields(answer, request_id, 0.0)

    async def perform(self, session: ChatSession, event: Ask | Look | Store) -> Send:
        """The work a conversation asks for, as the frame that tells of it; errors included."""
        try:
            if isinstance(event, Ask | Look):
                fields = await self._fields(session, event)
                sent = session.answered(event.ticket, fields)
                self.record.said(sent, session=session)
                return sent
            await self.record.feedback(event.feedback, session=session.id)
            return session.stored(event.ticket)
        except asyncio.CancelledError:
            # Nobody is left to tell, but the client may come back and ask again.
            session.failed(event.ticket, "internal_error", "")
            raise
        except FirstlineError as error:
            retry_after_s = error.retry_after_s or RETRY_AFTER_S.get(error.code)
            return session.failed(event.ticket, error.code, str(error), retry_after_s)
        except Exception as error:
            log_defect(error, work=type(event).__name__)
            return session.failed(
                event.ticket, "internal_error", "Something went wrong here. Please try again."
            )

    async def _fields(self, session: ChatSession, event: Ask | Look) -> Frame:
        if isinstance(event, Ask):
            return await self.ask(event.question, new_request_id(), session.id)
        fields = await self.show(event.entry_id, new_request_id())
        if event.offered_by is not None:
            self.record.accepted(event.entry_id, request_id=event.offered_by, session=session.id)
        return fields

    async def with_answers(self, question: Question) -> Question:
        """
        *question* with the entry each of its earlier turns was answered by.

        An HTTP client may know only what was asked. Context is never carried out of a turn that
        was not answered, so those turns are answered again first, oldest first.
        """
        turns: tuple[Turn, ...] = ()
        for turn in question.context:
            entry_id = turn.entry_id
            if entry_id is None:
                asked = replace(question, text=turn.question, top_k=1, context=turns, explain=False)
                answer = (await self.desk.ask(asked)).answer
                if answer.outcome == "answer" and answer.entry is not None:
                    entry_id = answer.entry.id
            turns = (*turns, Turn(turn.question, entry_id))
        return replace(question, context=turns)
