"""Every address of the server, once: what answers there, and what the documents say of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from service.edge.documents import operations as op
from service.edge.documents.asyncapi import asyncapi_document
from service.edge.documents.openapi import openapi_document
from service.edge.documents.pages import Document
from service.edge.frontend import Frontend
from service.edge.http import HttpApi
from service.edge.metrics import Metrics
from service.edge.websocket import ChatRoom

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Route(NamedTuple):
    """One method of one address; ``operation`` is None for what is not part of the HTTP API."""

    method: str
    path: str
    handler: Handler
    operation: op.Operation | None


def route_table(
    api: HttpApi, room: ChatRoom, frontend: Frontend, metrics: Metrics
) -> tuple[Route, ...]:
    """The table; documents are made from it, too. Order decides where two patterns fit."""
    openapi = Document(
        lambda: openapi_document(
            (route.method, route.path, route.operation)
            for route in table
            if route.operation is not None
        )
    )
    table = (
        Route("GET", "/v1/ask", api.ask_by_query, op.ASK_BY_QUERY),
        Route("POST", "/v1/ask", api.ask, op.ASK),
        Route("GET", "/ws", room.enter, None),
        Route("GET", "/v1/suggest", api.suggest, op.SUGGEST),
        Route("GET", "/v1/entries", api.entries, op.ENTRIES),
        Route("GET", "/v1/entries/{id}", api.entry, op.ENTRY),
        Route("POST", "/v1/feedback", api.feedback, op.FEEDBACK),
        Route("POST", "/v1/handoff", api.hand_off, op.HAND_OFF),
        Route("GET", "/v1/insights", api.insights, op.INSIGHTS),
        Route("POST", "/v1/reload", api.reload, op.RELOAD),
        Route("GET", "/healthz", api.healthz, op.HEALTHZ),
        Route("GET", "/readyz", api.readyz, op.READYZ),
        Route("GET", "/metrics", metrics.page, op.METRICS),
        Route("GET", "/openapi.json", openapi.page, op.OPENAPI),
        Route("GET", "/asyncapi.json", Document(asyncapi_document).page, op.ASYNCAPI),
        Route("GET", "/page.json", api.page_settings, op.PAGE_SETTINGS),
        Route("GET", "/docs", frontend.docs, op.DOCS),
        Route("GET", "/{path:.*}", frontend.page, None),
    )
    return table
