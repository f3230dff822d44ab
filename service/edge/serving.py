"""Runs the application on a socket until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import signal
import ssl
import sys
from collections.abc import Callable, Iterator

from aiohttp import web

from service.config import ServiceConfig
from service.edge.app import CURRENT, create_app
from service.edge.callers import Callers
from service.edge.gate import RESERVED_DESCRIPTORS, Gate, allow_many_descriptors
from service.edge.protocol import HttpConnection
from service.edge.tls import Certificates
from service.errors import ConfigError, FirstlineError

BACKLOG = 1_024
# The journal writes in threads of its own; one that computes must let the event loop have its turn
# after so long. Python's own 5 ms would be the 99th percentile of every answer beside it.
SWITCH_S = 0.0001
# A refused body is read on for so long, so that its sender can still read the refusal.
LINGER_S = 1.0


def certificates(config: ServiceConfig) -> Certificates | None:
    """
    What https is spoken with; None for http.

    Raises:
        ConfigError: the certificate or the key cannot be used.

    """
    if config.tls_cert is None or config.tls_key is None:
        return None
    return Certificates(config.tls_cert, config.tls_key)


async def serve(
    config: ServiceConfig,
    announce: Callable[[str], None],
    *,
    shared: bool = False,
    make_app: Callable[[ServiceConfig], web.Application] = create_app,
) -> None:
    """
    Serve until SIGTERM or SIGINT; SIGHUP looks for a new generation and a new certificate.

    Args:
        config: the settings.
        announce: told the address once people can come.
        shared: other processes listen on the same port.
        make_app: tests bring their own.

    Raises:
        ConfigError: the address or the certificate cannot be used.

    """
    shown = certificates(config)
    app = make_app(config)
    runner = web.AppRunner(app, shutdown_timeout=config.shutdown_timeout_s)
    await runner.setup()
    # What is here now stays: looking it through again and again would only hold up answers. Not
    # even once: that takes a quarter of a second, and starting leaves next to no garbage.
    gc.freeze()
    gc.enable()
    listening: asyncio.Server | None = None
    try:
        context = None if shown is None else shown.context
        listening = await _listen(config, runner, context, shared=shared)
        stop = asyncio.Event()
        following = contextlib.nullcontext() if shown is None else shown.followed()
        with _signals(app, shown, stop):
            async with following:
                announce(_address(config, listening))
                await stop.wait()
    finally:
        if listening is not None:
            listening.close()
        await runner.cleanup()


async def _listen(
    config: ServiceConfig, runner: web.AppRunner, context: ssl.SSLContext | None, *, shared: bool
) -> asyncio.Server:
    """Accept connections; a site of aiohttp's would not let us bring our own handler."""
    loop = asyncio.get_running_loop()
    manager = runner.server
    assert manager is not None

    gate = Gate(
        Callers(config.trusted_proxies, config.unlimited_clients),
        config.max_open_sockets or max(64, allow_many_descriptors() - RESERVED_DESCRIPTORS),
        config.max_client_connections,
    )

    def connection() -> HttpConnection:
        return HttpConnection(
            gate,
            manager,
            loop=loop,
            access_log=None,
            keepalive_timeout=config.keepalive_timeout_s,
            lingering_time=LINGER_S,
        )

    try:
        return await loop.create_server(
            connection,
            config.host,
            config.port,
            ssl=context,
            backlog=BACKLOG,
            reuse_port=shared or None,
        )
    except OSError as error:
        raise ConfigError(
            f"Cannot listen on {config.host} port {config.port}: {error.strerror or error}. "
            "Stop what listens there, or choose another --port."
        ) from error


def run(config: ServiceConfig, announce: Callable[[str], None], *, shared: bool = False) -> None:
    """As ``serve``, in an event loop of its own: uvloop's where there is one."""
    sys.setswitchinterval(SWITCH_S)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(config, announce, shared=shared))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


@contextlib.contextmanager
def _signals(
    app: web.Application, shown: Certificates | None, stop: asyncio.Event
) -> Iterator[None]:
    """Signals do their work while the block runs."""
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        if shown is not None:
            shown.refresh()
        with contextlib.suppress(FirstlineError):
            await app[CURRENT].reload()

    def start_reload() -> None:
        task = loop.create_task(reload())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    parent = multiprocessing.parent_process()
    if parent is not None:
        # A supervisor that is gone cannot tell us to stop.
        loop.add_reader(parent.sentinel, stop.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, start_reload)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(number)


def _address(config: ServiceConfig, listening: asyncio.Server) -> str:
    """What to type into a browser on this machine."""
    scheme = "https" if config.tls_cert else "http"
    port = listening.sockets[0].getsockname()[1]
    everywhere = config.host in ("0.0.0.0", "::", "127.0.0.1", "::1", "localhost")  # noqa: S104
    host = "localhost" if everywhere else config.host
    if ":" in host:
        host = f"[{host}]"
    return f"{scheme}://{host}:{port}/"
