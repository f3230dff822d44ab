"""Peers that are slow on purpose hold up nobody, and the end of the server least of all."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from bench.reliability.server import Server
from bench.reliability.shutdown import ended, stuck_peer
from bench.reliability.slow_headers import dribbled
from bench.reliability.slow_readers import MOST_KB, asked_s, open_sockets

Serve = Callable[..., AbstractContextManager[Server]]
LIMIT_S = 60


def test_readers_that_do_not_read_are_dropped(serve: Serve) -> None:
    """They cost little while they last, and others are answered."""
    with serve(send_timeout_s=1) as server:
        asked_s(server, samples=10)  # what is loaded with the first question is not theirs
        before_kb = most_kb = server.resident_kb()
        peers = [stuck_peer(server.port) for _ in range(10)]
        with contextlib.ExitStack() as at_the_end:
            for peer in peers:
                at_the_end.callback(peer.close)
            asked_s(server, samples=10)
            limit = time.monotonic() + LIMIT_S
            while (left := open_sockets(server)) and time.monotonic() < limit:
                most_kb = max(most_kb, server.resident_kb())
                time.sleep(0.05)
        assert left == 0
        assert most_kb - before_kb < MOST_KB


def test_requests_that_never_quite_arrive_are_closed(serve: Serve) -> None:
    """A byte now and then keeps nothing open for ever, and the probe is always answered."""
    with serve(body_timeout_s=1, keepalive_timeout_s=1) as server:
        _, asked, answered = asyncio.run(asyncio.wait_for(dribbled(server, 20), LIMIT_S))
    assert answered == asked > 0


def test_everybody_is_told_of_the_end(serve: Serve) -> None:
    """1001 for each, the answer to what was just asked, exit 0; who does not read is left."""
    with serve() as server:
        peers = [stuck_peer(server.port) for _ in range(5)]
        codes, answered, _ = asyncio.run(ended(server, live=50))
        for peer in peers:
            peer.close()
        assert (codes, answered, server.process.returncode) == ({1001: 50}, 50, 0)
