"""SIGTERM with people connected: everybody is told, answers under way are delivered, exit 0."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections import Counter

import aiohttp

from bench.reliability.knowledge import MANUAL
from bench.reliability.row import Row
from bench.reliability.server import Server
from bench.reliability.wire import HANDSHAKE, TEXT, frame

MOST_S = 5.0
FLOOD = 20


def stuck_peer(port: int) -> socket.socket:
    """A peer that asks a lot and reads nothing."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    peer.connect(("127.0.0.1", port))
    pick = json.dumps({"type": "pick", "entry": MANUAL})
    peer.sendall(HANDSHAKE + frame(TEXT, pick.encode()) * FLOOD)
    return peer


async def _live_peer(http: aiohttp.ClientSession, told: asyncio.Event) -> tuple[int | None, bool]:
    """How a conversation ended, and whether the question asked just before was answered."""
    async with http.ws_connect("/ws") as peer:
        await peer.receive()
        await peer.receive()
        await told.wait()
        await peer.send_json({"type": "question", "id": "last", "text": "printer offline"})
        answered = False
        async for message in peer:
            answered = answered or json.loads(message.data).get("reply_to") == "last"
        return peer.close_code, answered


async def ended(server: Server, live: int) -> tuple[Counter[int | None], int, float]:
    """The close codes of *live* peers, how many got their answer, and the seconds until exit."""
    told = asyncio.Event()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(server.url, connector=connector) as http:
        peers = [asyncio.create_task(_live_peer(http, told)) for _ in range(live)]
        while server.get("/readyz") and await _open_sockets(http) < live:
            await asyncio.sleep(0.1)
        told.set()
        # Their questions are on the way, some already in work.
        await asyncio.sleep(0.05)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        results = await asyncio.gather(*peers)
        await asyncio.to_thread(server.process.wait, 30)
        seconds = time.monotonic() - began
    return Counter(code for code, _ in results), sum(was for _, was in results), seconds


async def _open_sockets(http: aiohttp.ClientSession) -> int:
    async with http.get("/metrics") as response:
        for line in (await response.text()).splitlines():
            if line.startswith("firstline_open_websockets"):
                return int(float(line.split()[1]))
    return 0


def measure(server: Server, live: int, stuck: int) -> Row:
    """With *live* peers and *stuck* ones."""
    peers = [stuck_peer(server.port) for _ in range(stuck)]
    codes, answered, seconds = asyncio.run(ended(server, live))
    for peer in peers:
        peer.close()
    code = server.process.returncode
    return Row(
        "shutdown",
        f"with {live} live and {stuck} stuck sockets: exit 0 in <= {MOST_S:g} s, 1001 for every "
        "live one, answers in flight delivered",
        f"exit {code} in {seconds:.1f} s, close codes {dict(codes)}, {answered} answered",
        code == 0 and seconds <= MOST_S and codes == {1001: live} and answered == live,
    )
