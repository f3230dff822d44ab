"""aiohttp's own connection handler, refusing what is not HTTP in the shape of every refusal."""

from __future__ import annotations

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from service.edge.counter import new_request_id
from service.edge.doors import REQUEST_ID, SECURITY_HEADERS
from service.edge.refusals import HTTP_CODES, problem


class HttpConnection(web.RequestHandler):
    """One connection. Malformed requests never reach a middleware, so they are answered here."""

    __slots__ = ()

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
