"""Every address of the server, once: what answers there, and what the documents say of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from service.edge.documents.pages import Document
from service.edge.frontend import Frontend
from service.edge.http import HttpApi
from service.edge.metrics import Metrics
from service.edge.websocket import ChatRoom

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Route(NamedTuple):
    """
    One method of one address.

    ``operation`` names its description in ``documents.operations``; None for what is not part of
    the HTTP API.
    """

    method: str
    path: str
    handler: Handler
    operation: str | None


def route_table(
    api: HttpApi, room: ChatRoom, frontend: Frontend, metrics: Metrics
) -> tuple[Route, ...]:
    """The table; documents are made from it, too. Order decides where two patterns fit."""
    openapi = Document(lambda: _openapi(table))
    table = (
        Route("GET", "/v1/ask", api.ask_by_query, "ASK_BY_QUERY"),
        Route("POST", "/v1/ask", api.ask, "ASK"),
        Route("GET", "/ws", room.enter, None),
        Route("GET", "/v1/suggest", api.suggest, "SUGGEST"),
        Route("GET", "/v1/entries", api.entries, "ENTRIES"),
        Route("GET", "/v1/entries/{id}", api.entry, "ENTRY"),
        Route("POST", "/v1/feedback", api.feedback, "FEEDBACK"),
        Route("POST", "/v1/handoff", api.hand_off, "HAND_OFF"),
        Route("GET", "/v1/insights", api.insights, "INSIGHTS"),
        Route("POST", "/v1/reload", api.reload, "RELOAD"),
        Route("GET", "/healthz", api.healthz, "HEALTHZ"),
        Route("GET", "/readyz", api.readyz, "READYZ"),
        Route("GET", "/metrics", metrics.page, "METRICS"),
        Route("GET", "/openapi.json", openapi.page, "OPENAPI"),
        Route("GET", "/asyncapi.json", Document(_asyncapi).page, "ASYNCAPI"),
        Route("GET", "/page.json", api.page_settings, "PAGE_SETTINGS"),
        Route("GET", "/docs", frontend.docs, "DOCS"),
        Route("GET", "/{path:.*}", frontend.page, None),
    )
    return table


# The models that describe replies are imported when somebody asks for a document: they would take
# a tenth of the time until the first question is answered.


def _openapi(table: tuple[Route, ...]) -> dict[str, Any]:
    from service.edge.documents import operations
    from service.edge.documents.openapi import openapi_document

    return openapi_document(
        (route.method, route.path, getattr(operations, route.operation))
        for route in table
        if route.operation is not None
    )


def _asyncapi() -> dict[str, Any]:
    from service.edge.documents.asyncapi import asyncapi_document

    return asyncapi_document()
