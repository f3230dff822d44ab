"""Peers that ask and do not read: they cost little, they are dropped, and nobody else waits."""

from __future__ import annotations

import statistics
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bench.reliability.row import Row
from bench.reliability.server import Server
from bench.reliability.shutdown import stuck_peer

MOST_KB = 20 * 1_024
MOST_S = 5.0
MOST_SLOWER = 1.5
GIVE_UP_S = 60.0
_SAMPLES = 1_000


def asked_s(
    server: Server, samples: int = _SAMPLES, go_on: Callable[[], bool] = lambda: False
) -> float:
    """The 99th percentile of the seconds a question takes somebody else, asked as long as said."""
    taken: list[float] = []
    while len(taken) < samples or go_on():
        began = time.perf_counter()
        urllib.request.urlopen(f"{server.url}/v1/ask?q=printer+offline", timeout=30).close()
        taken.append(time.perf_counter() - began)
    return statistics.quantiles(taken, n=100)[98]


def open_sockets(server: Server) -> int:
    """WebSockets that are open, as the server counts them."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as page:
        for line in page.read().decode().splitlines():
            if line.startswith("firstline_open_websockets"):
                return int(float(line.split()[1]))
    raise RuntimeError("/metrics does not tell of firstline_open_websockets")


def measure(server: Server, count: int) -> Row:
    """*count* peers that do not read."""
    asked_s(server)
    alone_s, before_kb = asked_s(server), server.resident_kb()
    peers = [stuck_peer(server.port) for _ in range(count)]
    began = time.monotonic()
    most_kb, left, gone_s = 0, count, 0.0
    gone = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        asking = beside.submit(asked_s, server, go_on=lambda: not gone.is_set())
        while left and gone_s < GIVE_UP_S:
            most_kb = max(most_kb, server.resident_kb() - before_kb)
            left, gone_s = open_sockets(server), time.monotonic() - began
            time.sleep(0.1)
        gone.set()
        with_them_s = asking.result()
    for peer in peers:
        peer.close()
    slower = with_them_s / alone_s
    return Row(
        "slow readers",
        f"{count} stuck: memory +<= 20 MB, all gone in <= {MOST_S:g} s, others' p99 <= 1.5 x",
        f"+{most_kb / 1_024:.1f} MB, {left} left after {gone_s:.1f} s, "
        f"p99 {slower:.2f} x ({alone_s * 1e3:.1f} to {with_them_s * 1e3:.1f} ms)",
        most_kb <= MOST_KB and not left and gone_s <= MOST_S and slower <= MOST_SLOWER,
    )
