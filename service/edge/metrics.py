"""
What Prometheus reads at ``/metrics``.

Counters and histograms grow where things happen; gauges are read when somebody asks. Each process
counts for itself: with several workers a scrape tells of the one that answered it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware
from multidict import CIMultiDict
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from service.chat.messages import Feedback
from service.chat.session import ChatSession, Said, Send
from service.edge.record import Record
from service.live.current import CurrentIndex
from service.live.desk import AnswerDesk
from service.live.insights import Insights
from service.live.journal import Journal, JournalTrouble
from service.retrieval.answers import Answer

_LATENCY_S = (1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 1.0, 5.0)
_CONFIDENCE = tuple(tenth / 10 for tenth in range(1, 11))
_METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"))
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Room(Protocol):
    """Where conversations are."""

    @property
    def open_connections(self) -> int: ...


class Metrics:
    """All metrics of one application; their names are in docs/reference/metrics.md."""

    def __init__(self, current: CurrentIndex, desk: AnswerDesk) -> None:
        self._current = current
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "firstline_requests",
            "HTTP requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._outcomes = Counter(
            "firstline_questions", "Questions answered.", ("outcome",), registry=registry
        )
        self._partial = Counter(
            "firstline_partial_answers",
            "Questions answered while a shard of the index was away.",
            registry=registry,
        )
        self._latency = Histogram(
            "firstline_answer_seconds",
            "From a question's arrival at the desk to its answer.",
            buckets=_LATENCY_S,
            registry=registry,
        )
        self._confidence = Histogram(
            "firstline_confidence",
            "Calibrated probability that the best entry answers.",
            buckets=_CONFIDENCE,
            registry=registry,
        )
        self._troubles = Counter(
            "firstline_embedding_failures",
            "Questions answered by words alone because the embedding model failed or was slow.",
            ("reason",),
            registry=registry,
        )
        self._feedback = Counter(
            "firstline_feedback", "Feedback that was stored.", ("helpful",), registry=registry
        )
        self._index = Gauge(
            "firstline_index_info",
            "1, for the generation served.",
            ("generation",),
            registry=registry,
        )
        self._gauge("firstline_index_age_seconds", "Since the index was built.", self._age_s)
        self._gauge(
            "firstline_index_entries",
            "Entries in the index.",
            lambda: current.index.entry_count if current.is_open else 0,
        )
        self._gauge(
            "firstline_reload_failures",
            "Generations refused since the start; each retry counts.",
            lambda: current.refusals,
        )
        self._gauge("firstline_waiting_questions", "Questions at the worker.", lambda: desk.waiting)

    def watch(self, room: Room, journal: Journal | None) -> None:
        """Also tell of these parts, which are built later than the counter they hang on."""
        self._gauge("firstline_open_websockets", "Open WebSockets.", lambda: room.open_connections)
        if journal is None:
            return
        self._gauge(
            "firstline_journal_waiting_rows", "Rows not written yet.", lambda: journal.waiting
        )
        self._gauge(
            "firstline_journal_dropped_rows",
            "Rows given up since the start.",
            lambda: journal.dropped,
        )
        self._gauge(
            "firstline_journal_up",
            "1 while the journal can be written.",
            lambda: journal.trouble is None,
        )

    def answered(self, answer: Answer, took_ms: float) -> None:
        """Count one answer."""
        self._outcomes.labels(answer.outcome).inc()
        if answer.partial:
            self._partial.inc()
        self._latency.observe(took_ms / 1e3)
        self._confidence.observe(answer.confidence)
        if answer.trouble is not None:
            self._troubles.labels(answer.trouble).inc()

    def feedback(self, helpful: bool) -> None:
        """Count one vote."""
        self._feedback.labels("yes" if helpful else "no").inc()

    async def page(self, request: web.Request) -> web.Response:
        """``GET /metrics``."""
        self._index.clear()
        generation = self._current.status.generation
        if generation is not None:
            self._index.labels(generation).set(1)
        return web.Response(
            body=generate_latest(self._registry),
            headers=CIMultiDict({"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}),
        )

    def _gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        Gauge(name, text, registry=self._registry).set_function(read)

    def _age_s(self) -> float:
        if not self._current.is_open:
            return float("nan")
        try:
            return time.time() - datetime.fromisoformat(self._current.index.built_at).timestamp()
        except ValueError:
            return float("nan")


def counting(metrics: Metrics) -> Middleware:
    """Counts each request by its route's pattern, so that no path makes a new series."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        resource = request.match_info.route.resource
        metrics.requests.labels(
            request.method if request.method in _METHODS else "other",
            "none" if resource is None else resource.canonical,
            response.status,
        ).inc()
        return response

    return count


class MeteredRecord:
    """A record that is counted on its way."""

    def __init__(self, record: Record, metrics: Metrics) -> None:
        self._record = record
        self._metrics = metrics

    @property
    def trouble(self) -> JournalTrouble | None:
        """The record's own."""
        return self._record.trouble

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """Count it, keep it."""
        self._metrics.answered(answer, took_ms)
        self._record.answered(answer, request_id=request_id, session=session, took_ms=took_ms)

    def accepted(self, entry_id: str, *, request_id: str, session: str | None) -> None:
        """Keep it."""
        self._record.accepted(entry_id, request_id=request_id, session=session)

    def said(self, sent: Send, *, session: ChatSession) -> None:
        """Keep it."""
        self._record.said(sent, session=session)

    async def recall(self, session_id: str, after: int) -> list[Said]:
        """The record's own."""
        return await self._record.recall(session_id, after)

    async def feedback(self, feedback: Feedback, *, session: str | None) -> None:
        """Keep it, count it."""
        await self._record.feedback(feedback, session=session)
        self._metrics.feedback(feedback.helpful)

    async def insights(self, days: int) -> Insights:
        """The record's own."""
        return await self._record.insights(days)
