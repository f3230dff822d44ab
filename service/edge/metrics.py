"""
What Prometheus reads at ``/metrics``.

Counters and histograms grow where things happen; gauges are read when somebody asks, and every
second besides. With several workers each writes into files of a folder that all share (that is
prometheus-client's multiprocess mode, switched on by the supervisor through the environment), and
whichever worker is scraped adds them up.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Protocol

from aiohttp import web
from multidict import CIMultiDict
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from service.chat.messages import Feedback
from service.edge.workers import SHARED_DIR
from service.live.current import CurrentIndex
from service.live.desk import AnswerDesk
from service.live.journal import Journal
from service.retrieval.answers import Answer

SAMPLE_EVERY_S = 1.0

_SECONDS = (1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 1.0, 5.0)
_STAGE_SECONDS = (1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 1e-2, 0.1, 1.0)
_CONFIDENCE = tuple(tenth / 10 for tenth in range(1, 11))


class Room(Protocol):
    """Where conversations are."""

    on_refusal: list[Callable[[str], None]]

    @property
    def open_connections(self) -> int: ...


class Metrics:
    """All metrics of one application; docs/reference/metrics.md tells of each."""

    def __init__(self, current: CurrentIndex, desk: AnswerDesk) -> None:
        self._current = current
        self._registry = CollectorRegistry()
        self._gauges: list[tuple[Gauge, Callable[[], float]]] = []
        self._followed: list[_Followed] = []
        self._shown_generation: str | None = None
        self.requests = self._counter(
            "firstline_requests", "HTTP requests answered.", "method", "route", "status"
        )
        self.request_seconds = self._histogram(
            "firstline_request_seconds", "From a request's head to its response.", _SECONDS, "route"
        )
        self.refusals = self._counter(
            "firstline_refusals", "What was refused, over HTTP and WebSocket.", "code"
        )
        self._outcomes = self._counter("firstline_questions", "Questions answered.", "outcome")
        self._partial = self._counter(
            "firstline_partial_answers", "Questions answered while a shard of the index was away."
        )
        self._latency = self._histogram(
            "firstline_answer_seconds",
            "From a question's arrival at the desk to its answer.",
            _SECONDS,
        )
        self._stages = self._histogram(
            "firstline_stage_seconds", "The parts of that time.", _STAGE_SECONDS, "stage"
        )
        self._confidence = self._histogram(
            "firstline_confidence",
            "Calibrated probability that the best entry answers.",
            _CONFIDENCE,
        )
        self._troubles = self._counter(
            "firstline_embedding_failures",
            "Questions answered by words alone because the embedding model failed or was slow.",
            "reason",
        )
        # Looked up once a name: finding a child again takes longer than counting.
        self._outcome, self._stage = cache(self._outcomes.labels), cache(self._stages.labels)
        self._feedback = self._counter("firstline_feedback", "Feedback stored.", "helpful")
        self._lag = self._histogram(
            "firstline_loop_lag_seconds", "How late the event loop comes to its work.", _SECONDS
        )
        self._generations = Gauge(
            "firstline_index_info",
            "Processes that serve this generation.",
            ("generation",),
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._gauge("firstline_index_age_seconds", "Since it was built.", self._age_s, "livemax")
        self._gauge(
            "firstline_index_entries",
            "Entries in the index.",
            lambda: current.index.entry_count if current.is_open else 0,
            "livemax",
        )
        self._follow(
            "firstline_reload_failures",
            "Generations refused; each retry counts.",
            lambda: current.refusals,
        )
        self._gauge("firstline_waiting_questions", "Questions at the worker.", lambda: desk.waiting)

    def watch(self, room: Room, journal: Journal | None) -> None:
        """Also tell of these parts, which are built later than the counter they hang on."""
        room.on_refusal.append(self.refused)
        self._gauge("firstline_open_websockets", "Open WebSockets.", lambda: room.open_connections)
        if journal is None:
            return
        self._gauge(
            "firstline_journal_waiting_rows", "Rows not written yet.", lambda: journal.waiting
        )
        self._follow(
            "firstline_journal_dropped_rows",
            "Rows given up, for want of room or of sense.",
            lambda: journal.dropped,
        )
        self._gauge(
            "firstline_journal_up",
            "1 while the journal can be written.",
            lambda: journal.trouble is None,
            "livemin",
        )

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """Count one answer."""
        self._outcome(answer.outcome).inc()
        if answer.partial:
            self._partial.inc()
        self._latency.observe(took_ms / 1e3)
        self._confidence.observe(answer.confidence)
        if answer.trouble is not None:
            self._troubles.labels(answer.trouble).inc()
        worked_s = 0.0
        for stage, spent_s in answer.stages:
            worked_s += spent_s
            self._stage(stage).observe(spent_s)
        self._stage("wait").observe(max(0.0, took_ms / 1e3 - worked_s))

    def refused(self, code: str) -> None:
        """Count one refusal."""
        self.refusals.labels(code).inc()

    def rated(self, feedback: Feedback) -> None:
        """Count one vote."""
        self._feedback.labels("yes" if feedback.helpful else "no").inc()

    async def keep_sampling(self) -> None:
        """Until cancelled: gauges for whoever is scraped instead of us, and how late we are."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + SAMPLE_EVERY_S
            await asyncio.sleep(SAMPLE_EVERY_S)
            self._lag.observe(max(0.0, loop.time() - due))
            self._sample()

    async def page(self, request: web.Request) -> web.Response:
        """``GET /metrics``."""
        self._sample()
        registry = self._registry
        if SHARED_DIR in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return web.Response(
            body=generate_latest(registry),
            headers=CIMultiDict({"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}),
        )

    def _sample(self) -> None:
        generation = self._current.status.generation
        if generation != self._shown_generation:
            if self._shown_generation is not None:
                self._generations.labels(self._shown_generation).set(0)
            if generation is not None:
                self._generations.labels(generation).set(1)
            self._shown_generation = generation
        for gauge, read in self._gauges:
            gauge.set(read())
        for followed in self._followed:
            followed.catch_up()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self._registry)

    def _gauge(
        self, name: str, text: str, read: Callable[[], float], across: str = "livesum"
    ) -> None:
        """A value of now; *across* is how the workers' values are put together."""
        gauge = Gauge(name, text, registry=self._registry, multiprocess_mode=across)  # type: ignore[arg-type]
        self._gauges.append((gauge, read))

    def _follow(self, name: str, text: str, read: Callable[[], int]) -> None:
        """A counter of what is counted elsewhere."""
        self._followed.append(_Followed(self._counter(name, text), read))

    def _age_s(self) -> float:
        if not self._current.is_open:
            return float("nan")
        try:
            return time.time() - datetime.fromisoformat(self._current.index.built_at).timestamp()
        except ValueError:
            return float("nan")


class _Followed:
    """Brings a counter up to a number that grows elsewhere."""

    def __init__(self, counter: Counter, read: Callable[[], int]) -> None:
        self._counter = counter
        self._read = read
        self._seen = 0

    def catch_up(self) -> None:
        """Add what came since the last time."""
        now = self._read()
        self._counter.inc(now - self._seen)
        self._seen = now
