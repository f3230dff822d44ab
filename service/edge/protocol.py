"""aiohttp's own connection handler, with a gate before it and refusals in our own shape."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import orjson
from aiohttp import web
from aiohttp.http import RawRequestMessage, WebSocketReader
from aiohttp.http_exceptions import LineTooLong
from multidict import CIMultiDict, CIMultiDictProxy

from service.edge.callers import Caller
from service.edge.counter import new_request_id
from service.edge.doors import REQUEST_ID, SECURITY_HEADERS
from service.edge.gate import Gate
from service.edge.refusals import (
    HTTP_CODES,
    PROBLEM_TYPE,
    RETRY_AFTER_S,
    problem,
    problem_document,
)


def _no_room() -> bytes:
    body = orjson.dumps(
        problem_document(
            503, "too_many_connections", "Too many connections are open. Try again later."
        )
    )
    return (
        f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: {PROBLEM_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: {RETRY_AFTER_S['too_many_connections']}\r\n"
        f"{REQUEST_ID}: {new_request_id()}\r\nConnection: close\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in SECURITY_HEADERS.items())
        + "\r\n"
    ).encode() + body


class HttpConnection(web.RequestHandler):
    """One connection. Malformed requests never reach a middleware, so they are answered here."""

    __slots__ = ("_caller", "_gate", "_handshake")

    def __init__(self, gate: Gate, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._gate = gate
        self._caller: Caller | None = None
        self._handshake: CIMultiDict[str] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there is room."""
        peer = transport.get_extra_info("peername")
        self._caller = self._gate.enter(peer[0] if isinstance(peer, tuple) else None)
        super().connection_made(transport)
        if self._caller is None:
            # uvloop's transports are none of asyncio's classes.
            cast("asyncio.Transport", transport).write(_no_room())
            self.force_close()

    def data_received(self, data: bytes) -> None:
        """Take in what came; of a handshake, its headers so that they can be let go after it."""
        super().data_received(data)
        if self._upgraded and self._messages and self._handshake is None:
            message, payload = self._messages[-1]
            assert isinstance(message, RawRequestMessage)
            self._handshake = CIMultiDict(message.headers)
            headers = CIMultiDictProxy(self._handshake)
            self._messages[-1] = (message._replace(headers=headers, raw_headers=()), payload)

    def set_parser(
        self, parser: WebSocketReader, data_received_cb: Callable[[], None] | None = None
    ) -> None:
        """Frames come in from here on, perhaps for hours: nothing of HTTP is needed any more."""
        super().set_parser(parser, data_received_cb)
        self._parser = None
        self._messages = cast("deque[Any]", ())  # an empty deque keeps room for 64
        if self._handshake is not None:
            self._handshake.clear()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room."""
        if self._caller is not None:
            self._gate.leave(self._caller)
            self._caller = None
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The refusal; the connection is closed, since what follows cannot be made sense of."""
        if request.writer.output_size > 0:
            raise ConnectionError("The response had begun; there is no room for a refusal.")
        if isinstance(exc, LineTooLong):
            status = 431
        code, detail = HTTP_CODES.get(status, HTTP_CODES[400 if status < 500 else 500])
        response = problem(status, code, detail)
        response.headers[REQUEST_ID] = new_request_id()
        response.headers.update(SECURITY_HEADERS)
        response.force_close()
        return response
