"""
OpenTelemetry traces: a span per request and per question, with the question's stages beneath.

Needs the extra ``telemetry`` and the setting ``otlp_endpoint``; without them nothing of it is
imported. Spans carry ids, outcomes and times, and nobody's words.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Middleware

from service.chat.messages import Feedback
from service.edge.doors import REQUEST
from service.errors import ConfigError
from service.retrieval.answers import Answer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# A conversation is one request for as long as it lasts: its questions are spans of their own.
UNTRACED = frozenset(("/ws", "/metrics", "/healthz", "/readyz"))


def exporting_provider(endpoint: str, sample_ratio: float) -> TracerProvider:
    """
    Send spans to the collector at *endpoint* in batches, in the background.

    Raises:
        ConfigError: the extra is not installed.

    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
    except ImportError as error:
        raise ConfigError(
            "otlp_endpoint needs OpenTelemetry: pip install 'firstline[telemetry]', "
            "or leave it out."
        ) from error
    resource = Resource.create(
        {"service.name": "firstline", "service.version": version("firstline")}
    )
    provider = TracerProvider(resource=resource, sampler=ParentBasedTraceIdRatio(sample_ratio))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class Traces:
    """Makes the spans; an observer of questions and a middleware for requests."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._api = trace
        self._provider = provider
        self._tracer = provider.get_tracer("firstline")
        self._propagator = TraceContextTextMapPropagator()

    def answered(
        self, answer: Answer, *, request_id: str, session: str | None, took_ms: float
    ) -> None:
        """A span for the time that has just passed, beneath the request's if there is one."""
        ended = time.time_ns()
        began = ended - round(took_ms * 1e6)
        span = self._tracer.start_span(
            "question",
            start_time=began,
            attributes={
                "firstline.request_id": request_id,
                "firstline.door": "http" if session is None else "websocket",
                "firstline.outcome": answer.outcome,
                "firstline.confidence": answer.confidence,
                "firstline.generation": answer.generation,
            },
        )
        inside = self._api.set_span_in_context(span)
        moment = ended - sum(round(spent_s * 1e9) for _, spent_s in answer.stages)
        for name, spent_s in answer.stages:
            stage = self._tracer.start_span(name, context=inside, start_time=moment)
            moment += round(spent_s * 1e9)
            stage.end(moment)
        span.end(ended)

    def rated(self, feedback: Feedback) -> None:
        """Feedback is part of its request's span."""

    def middleware(self) -> Middleware:
        """A server span per request, continuing the caller's trace where it sent one."""

        @web.middleware
        async def trace(request: web.Request, handler: Handler) -> web.StreamResponse:
            resource = request.match_info.route.resource
            route = "none" if resource is None else resource.canonical
            if route in UNTRACED:
                return await handler(request)
            with self._tracer.start_as_current_span(
                f"{request.method} {route}",
                context=self._propagator.extract(request.headers),
                kind=self._api.SpanKind.SERVER,
                attributes={"http.request.method": request.method, "http.route": route},
            ) as span:
                response = await handler(request)
                span.set_attribute("http.response.status_code", response.status)
                span.set_attribute("firstline.request_id", request[REQUEST])
                if response.status >= 500:
                    span.set_status(self._api.StatusCode.ERROR)
                return response

        return trace

    def close(self) -> None:
        """Send what is left; gives a collector that is gone up after its time."""
        self._provider.shutdown()
