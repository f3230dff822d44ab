"""Where requests and answers pass by: counted, logged, traced."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from service.chat.messages import Feedback
from service.chat.session import ChatSession, Said, Send
from service.edge.metrics import Metrics
from service.edge.record import Record
from service.edge.refusals import CODE
from service.live.insights import Insights
from service.live.journal import JournalTrouble
from service.retrieval.answers import Answer

log = structlog.get_logger("firstline.questions")

_METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"))
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def counting(metrics: Metrics) -> Middleware:
    """Counts each request by its route's pattern, so that no path makes a new series."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        route = "none" if resource is None else resource.canonical
        metrics.requests.labels(
            request.method if request.method in _METHODS else "other", route, response.status
        ).inc()
        if route != "/ws":  # its request lasts as long as the conversation
            metrics.request_seconds.labels(route).observe(time.perf_counter() - began)
        code = response.get(CODE)
        if code is not None:
            metrics.refused(code)
        return response

    return count


class Observer(Protocol):
    """Looks on while questions are answered; must not wait and not fail."""

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """A question was answered; *session* is None where it came over HTTP."""

    def rated(self, feedback: Feedback) -> None:
        """Feedback was stored."""


class ObservedRecord:
    """A record that others look at on its way."""

    def __init__(self, record: Record, observers: Sequence[Observer]) -> None:
        self._record = record
        self._observers = observers

    @property
    def trouble(self) -> JournalTrouble | None:
        """The record's own."""
        return self._record.trouble

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """Show it, keep it."""
        for observer in self._observers:
            observer.answered(answer, request_id=request_id, session=session, took_ms=took_ms)
        self._record.answered(answer, request_id=request_id, session=session, took_ms=took_ms)

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Keep it, show it."""
        await self._record.feedback(feedback, session=session)
        for observer in self._observers:
            observer.rated(feedback)

    def accepted(self, entry_id: str, *, request_id: str, session: str | None) -> None:
        """Keep it."""
        self._record.accepted(entry_id, request_id=request_id, session=session)

    def said(self, sent: Send, *, session: ChatSession) -> None:
        """Keep it."""
        self._record.said(sent, session=session)

    async def recall(self, session_id: str, after: int) -> list[Said]:
        """The record's own."""
        return await self._record.recall(session_id, after)

    async def insights(self, days: int) -> Insights:
        """The record's own."""
        return await self._record.insights(days)


class QuestionLog:
    """One line per question, by its request id and without its words."""

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """Log it."""
        log.info(
            "question",
            request_id=request_id,
            door="http" if session is None else "websocket",
            outcome=answer.outcome,
            confidence=round(answer.confidence, 4),
            generation=answer.generation,
            ms=round(took_ms, 2),
        )

    def rated(self, feedback: Feedback) -> None:
        """Log that, too."""
        log.info("feedback", request_id=feedback.request_id, helpful=feedback.helpful)
