"""
Several processes on one port: each listens for itself (SO_REUSEPORT) and the kernel shares out.

The supervisor answers nobody. It starts the workers, starts another where one dies, passes
signals on, and keeps the port reserved so that nobody slips in between. Workers are forked from
it when it has imported all that they need: their copies of that are one copy.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from typing import Any

import structlog

from service.config import ServiceConfig
from service.errors import ConfigError, FirstlineError

log = structlog.get_logger("firstline.workers")

# Where workers count together: prometheus_client reads it when it is imported.
SHARED_DIR = "PROMETHEUS_MULTIPROC_DIR"
# A worker that dies younger than this is not helped by starting it again at once.
STEADY_S = 5.0
MAX_PAUSE_S = 10.0
GRACE_S = 5.0


def supervise(config: ServiceConfig, announce: Callable[[str], None]) -> None:
    """
    Serve with ``config.workers`` processes until told to stop.

    Raises:
        ConfigError: the address or the certificate cannot be used.
        FirstlineError: no worker ever came up.

    """
    with _reserved(config) as port, _shared_metrics() as metrics_dir:
        _prepare(config)
        with _Pool(config.model_copy(update={"port": port}), metrics_dir) as pool:
            pool.run(announce)


def _prepare(config: ServiceConfig) -> None:
    """Import what workers need, and refuse what each of them would."""
    # Not earlier: what is imported here looks for SHARED_DIR once.
    from service.edge.serving import certificates

    certificates(config)
    if config.embedding_model_dir is not None:
        # Elsewhere: a model brings threads, and whoever has threads must not fork.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as apart:
            apart.submit(_load_model, config).result()
    # The collector would write to every object, and a page that is written to is a copy.
    gc.freeze()


def _load_model(config: ServiceConfig) -> None:
    """Raises: FirstlineError where the embedding model cannot be used."""
    from service.edge.app import configured_encoder

    configured_encoder(config)


class _Pool:
    """The workers and their supervisor's moods."""

    def __init__(self, config: ServiceConfig, metrics_dir: str) -> None:
        self._config = config
        self._metrics_dir = metrics_dir
        self._fork = multiprocessing.get_context("fork")
        self._workers: dict[ForkProcess, float] = {}
        self._ready, self._tell_ready = self._fork.Pipe(duplex=False)
        self._wake, self._waker = socket.socketpair()
        self._signals: list[int] = []

    def __enter__(self) -> _Pool:
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda received, _: self._signals.append(received))
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        for worker in self._workers:
            worker.terminate()
        until = time.monotonic() + self._config.shutdown_timeout_s + GRACE_S
        for worker in self._workers:
            worker.join(max(0.0, until - time.monotonic()))
            if worker.is_alive():
                worker.kill()
                worker.join()

    def run(self, announce: Callable[[str], None]) -> None:
        """Until a signal says to stop."""
        for _ in range(self._config.workers):
            self._start()
        announced = False
        pause_s = 0.1
        while True:
            watched: list[Any] = [*(w.sentinel for w in self._workers), self._wake, self._ready]
            wait(watched)
            with suppress(BlockingIOError):
                self._wake.recv(64, socket.MSG_DONTWAIT)
            while self._signals:
                if self._signals.pop(0) != signal.SIGHUP:
                    return
                for worker in self._workers:
                    if worker.pid is not None:
                        with suppress(ProcessLookupError):
                            os.kill(worker.pid, signal.SIGHUP)
            while self._ready.poll():
                address = self._ready.recv()
                if not announced:
                    announce(address)
                announced = True
            for worker in [w for w in self._workers if not w.is_alive()]:
                lived_s = time.monotonic() - self._workers.pop(worker)
                # What it counted stays; what it had open is gone with it.
                _count_no_more(worker.pid, self._metrics_dir)
                log.error("worker_died", exit_code=worker.exitcode, lived_s=round(lived_s, 1))
                if not announced:
                    raise FirstlineError("A worker stopped before it could serve; see the log.")
                pause_s = 0.1 if lived_s > STEADY_S else min(pause_s * 2, MAX_PAUSE_S)
                time.sleep(pause_s)
                self._start()

    def _start(self) -> None:
        worker = self._fork.Process(target=_work, args=(self._config, self._tell_ready))
        worker.start()
        self._workers[worker] = time.monotonic()


def _work(config: ServiceConfig, ready: Any) -> None:
    """One worker, in its own process."""
    from service.edge.serving import run

    # Its parent's signals are not its own.
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    run(config, ready.send, shared=True)


def _count_no_more(pid: int | None, metrics_dir: str) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid, metrics_dir)  # type: ignore[no-untyped-call]


@contextmanager
def _shared_metrics() -> Iterator[str]:
    """A folder in which the workers count together; they find it in their environment."""
    with tempfile.TemporaryDirectory(prefix="firstline-metrics-") as folder:
        os.environ[SHARED_DIR] = folder
        try:
            yield folder
        finally:
            del os.environ[SHARED_DIR]


@contextmanager
def _reserved(config: ServiceConfig) -> Iterator[int]:
    """The port, held without listening; refused where somebody else has it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # Bound once alone: another server that shares its port would let us in unnoticed.
        with socket.socket(family, kind, protocol) as alone:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(address)
            port: int = alone.getsockname()[1]
        with socket.socket(family, kind, protocol) as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind((address[0], port, *address[2:]))
            yield port
    except OSError as error:
        raise ConfigError(
            f"Cannot listen on {config.host} port {config.port}: {error.strerror or error}. "
            "Stop what listens there, or choose another --port."
        ) from error
