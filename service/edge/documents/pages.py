"""``/openapi.json`` and ``/asyncapi.json``: made when first asked for, then kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

import orjson
from aiohttp import web

from service.edge.doors import SECURITY_HEADERS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Document:
    """One document at one address."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make

    async def page(self, request: web.Request) -> web.Response:
        """The document, as JSON."""
        return web.Response(
            body=self._bytes, content_type="application/json", headers=SECURITY_HEADERS
        )

    @cached_property
    def _bytes(self) -> bytes:
        return orjson.dumps(self._make())
