"""No file descriptors left: who is inside is served, the log stays short, and it passes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import socket
import time
from pathlib import Path

import aiohttp

from bench.reliability.row import Row
from bench.reliability.server import Server, serving

NOFILE = 200
MOST_LINES = 100
MOST_S = 3.0


def few_descriptors() -> None:
    """For the new process, so low that it cannot raise it again."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (NOFILE, NOFILE))


async def exhausted(server: Server, seconds: float) -> tuple[int, int, int, float]:
    """Replies to somebody inside, out of so many; log lines; seconds to recover."""
    async with aiohttp.ClientSession(server.url) as http, http.ws_connect("/ws") as inside:
        await inside.receive()
        await inside.receive()
        await _ask(inside)  # machine code is read from files, once
        lines_before = len(server.log_lines())
        crowd = [socket.socket() for _ in range(2 * NOFILE)]
        for one in crowd:
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                one.connect(("127.0.0.1", server.port))
        asked = answered = 0
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            asked += 1
            answered += await _ask(inside)
            await asyncio.sleep(0.1)
        for one in crowd:
            one.close()
        began = time.monotonic()
        while not await asyncio.to_thread(server.is_ready) and time.monotonic() - began < 30:
            await asyncio.sleep(0.05)
        recovered_s = time.monotonic() - began
        return answered, asked, len(server.log_lines()) - lines_before, recovered_s


async def _ask(inside: aiohttp.ClientWebSocketResponse) -> bool:
    await inside.send_json({"type": "question", "text": "printer offline"})
    while True:
        message = await inside.receive(timeout=10)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return False
        kind = json.loads(message.data)["type"]
        if kind in ("message", "error"):
            return bool(kind == "message")


def measure(index: Path, work: Path, seconds: float) -> Row:
    """With a gate that keeps room, and with one that is told of far more than there is."""
    found = []
    passed = True
    for name, most in (("gate", 0), ("no gate", 10_000)):
        folder = work / name.replace(" ", "-")
        with serving(index, folder, few_descriptors, max_open_sockets=most) as server:
            answered, asked, lines, recovered_s = asyncio.run(exhausted(server, seconds))
            ends_well = server.stop() == 0
        found.append(
            f"{name}: {answered} of {asked} answered inside, {lines} lines, "
            f"recovered in {recovered_s:.1f} s"
        )
        passed = passed and answered == asked and lines <= MOST_LINES and recovered_s <= MOST_S
        passed = passed and ends_well
    return Row(
        "file descriptors exhausted",
        f"old sockets served, <= {MOST_LINES} log lines, recovered in <= {MOST_S:g} s",
        "; ".join(found),
        passed,
    )
