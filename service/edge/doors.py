"""
What every request passes on its way in and every response on its way out.

In: a Host this server speaks for (a page of another site that points its own name at this
address is refused), an Origin it serves, and a client that takes no more than its share. Out: a
request id, security headers, and one shape for every refusal.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from service.edge.callers import Caller, Callers
from service.edge.counter import new_request_id
from service.edge.logs import log_defect
from service.edge.refusals import http_refusal, refusal
from service.edge.shares import FairShares
from service.errors import FirstlineError, HostRefused, OriginRefused

log = structlog.get_logger("firstline.http")

REQUEST_ID = "X-Request-Id"
REQUEST = web.RequestKey("request_id", str)
CALLER = web.RequestKey("caller", Caller)
_API = "/v1/"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.%]+)\]|(?P<name>[^\[\]:]+))(?::[0-9]{1,5})?")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECURITY_HEADERS = {
    hdrs.SERVER: "firstline",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class HostPolicy:
    """Which Host headers are ours."""

    def __init__(self, allowed: tuple[str, ...], listening_on: str) -> None:
        own = socket.gethostname().lower()
        self._any = "*" in allowed
        self._names = {"localhost", own, f"{own}.local", listening_on.lower()}
        self._names.update(name.lower() for name in allowed)

    def allows(self, host_header: str | None) -> bool:
        """
        Whether a request to this host is meant for us.

        Names are what an attacker can point here (DNS rebinding); an address they cannot, so
        every IP literal passes and the server is usable from its own network unconfigured.
        """
        if self._any:
            return True
        if not host_header:
            return False
        host = host_header.lower()
        if host in self._names:
            return True
        name = _host_name(host)
        return name in self._names or name.endswith(".localhost") or _is_address(name)


class OriginPolicy:
    """Which pages may call us."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)

    def is_foreign_guest(self, origin: str | None) -> bool:
        """Whether this origin is another site that the configuration lets in."""
        return origin is not None and origin.lower() in self._allowed

    def allows(self, origin: str | None, host_header: str | None) -> bool:
        """No Origin (not a browser), our own, or one of the list; ``null`` is nobody's."""
        if origin is None or self.is_foreign_guest(origin):
            return True
        try:
            parts = urlsplit(origin)
            port = parts.port
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not host_header:
            return False
        # The scheme is the browser's: behind a proxy that ends TLS ours says http.
        default = ":80" if parts.scheme == "http" else ":443"
        own = host_header.lower().removesuffix(default)
        theirs = parts.netloc.lower().removesuffix(default)
        return theirs == own and port != 0


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; empty where it is malformed."""
    match = _HOST.fullmatch(host)
    return (match["name"] or match["address"]) if match else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def doorkeeper(
    hosts: HostPolicy,
    origins: OriginPolicy,
    callers: Callers,
    shares: FairShares,
    *,
    log_requests: bool,
) -> Middleware:
    """The one middleware."""

    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get(REQUEST_ID)
        request_id = given if given and _GIVEN_ID.fullmatch(given) else new_request_id()
        request[REQUEST] = request_id
        request[CALLER] = caller = callers.of(request)
        started = time.perf_counter() if log_requests else 0.0
        origin = request.headers.get(hdrs.ORIGIN)
        try:
            if not hosts.allows(request.headers.get(hdrs.HOST)):
                raise HostRefused(
                    "This server does not go by that name. Add it to allowed_hosts if it should."
                )
            if request.path.startswith(_API):
                shares.request(caller)
            if origin is not None:
                response = await _guarded(request, handler, origins, origin)
            else:
                response = await handler(request)
        except web.HTTPException as error:
            response = http_refusal(error)
        except FirstlineError as error:
            response = refusal(error.code, str(error), error.retry_after_s)
        except ConnectionError as error:
            if request.transport is not None and not request.transport.is_closing():
                log_defect(error, route=_route(request), request_id=request_id)
            # Else the peer went away in the middle, which is its right; nobody reads this.
            response = http_refusal(web.HTTPBadRequest())
        except Exception as error:
            log_defect(error, route=_route(request), request_id=request_id)
            response = refusal(
                "internal_error", "Something went wrong here. It was logged under the request id."
            )
        shares.count_bytes(caller, (request.content_length or 0) + (response.content_length or 0))
        if not response.prepared:
            headers = response.headers
            headers[REQUEST_ID] = request_id
            if hdrs.SERVER not in headers:  # the marker of a response that has them all already
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
        if log_requests:
            log.info(
                "request",
                method=request.method,
                route=_route(request),
                status=response.status,
                ms=round((time.perf_counter() - started) * 1e3, 2),
                request_id=request_id,
            )
        return response

    return keep


def _route(request: web.Request) -> str:
    """The pattern of the address: what stands in the address itself is a person's."""
    resource = request.match_info.route.resource
    return "none" if resource is None else resource.canonical


async def _guarded(
    request: web.Request, handler: Handler, origins: OriginPolicy, origin: str
) -> web.StreamResponse:
    """A browser's request: ours, a guest's, or refused. Guests get what CORS asks for."""
    if not origins.allows(origin, request.headers.get(hdrs.HOST)):
        if request.path == "/ws":
            # A browser hides a refused handshake from its page; a close code it shows.
            return await handler(request)
        raise OriginRefused(
            "This server does not answer pages of that site. "
            "Add it to allowed_origins if it should."
        )
    guest = origins.is_foreign_guest(origin)
    if guest and request.method == hdrs.METH_OPTIONS:
        response: web.StreamResponse = web.Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
    else:
        response = await handler(request)
    if guest and not response.prepared:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = f"{REQUEST_ID}, Retry-After"
        response.headers["Vary"] = "Origin"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


async def expectation(request: web.Request) -> web.StreamResponse | None:
    """``Expect: 100-continue`` is granted; aiohttp asks here before any middleware."""
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # What was written is no part of the response, and must not count as its beginning.
        request.writer.output_size = 0
        return None
    response = http_refusal(web.HTTPExpectationFailed())
    response.headers[REQUEST_ID] = new_request_id()
    response.headers.update(SECURITY_HEADERS)
    return response
