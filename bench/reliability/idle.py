"""People who are connected and say nothing: what each of them costs."""

from __future__ import annotations

import asyncio
import contextlib
import time

import aiohttp

from bench.reliability.row import Row
from bench.reliability.server import Server

MOST_KB_EACH = 20.0
AT_ONCE = 50


async def idled(server: Server, count: int, seconds: float) -> tuple[float, int, int]:
    """The kB each costs after a reply, how many got one, and how many still answer at the end."""
    gate = asyncio.Semaphore(AT_ONCE)
    connector = aiohttp.TCPConnector(limit=0)
    before_kb = server.resident_kb()
    async with aiohttp.ClientSession(server.url, connector=connector) as http:

        async def come() -> aiohttp.ClientWebSocketResponse:
            async with gate:
                peer = await http.ws_connect("/ws", max_msg_size=65_536)
                await _reply(peer)
                return peer

        peers = await asyncio.gather(*(come() for _ in range(count)))
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            # Pings are answered only while somebody reads.
            await asyncio.gather(*(_hear(peer) for peer in peers))
        each_kb = (server.resident_kb() - before_kb) / count
        alive = sum(await asyncio.gather(*map(_still_answers, peers)))
        await asyncio.gather(*(peer.close() for peer in peers))
    return each_kb, len(peers), alive


async def _reply(peer: aiohttp.ClientWebSocketResponse) -> None:
    await peer.receive()
    await peer.receive()
    await peer.send_json({"type": "question", "text": "printer offline"})
    while (await peer.receive_json())["type"] != "message":
        pass


async def _hear(peer: aiohttp.ClientWebSocketResponse) -> None:
    with contextlib.suppress(TimeoutError):
        await peer.receive(timeout=5)


async def _still_answers(peer: aiohttp.ClientWebSocketResponse) -> bool:
    if peer.closed:
        return False
    await peer.send_json({"type": "ping", "id": "there?"})
    async with asyncio.timeout(30):
        return bool((await peer.receive_json())["type"] == "pong")


def measure(server: Server, count: int, seconds: float) -> Row:
    """*count* idle peers for *seconds*."""
    asyncio.run(idled(server, 50, 0))  # what grows once is not theirs
    each_kb, came, alive = asyncio.run(idled(server, count, seconds))
    return Row(
        "idle sockets",
        f"{count:,} for {seconds / 60:g} min, <= {MOST_KB_EACH:g} kB each after a reply",
        f"{each_kb:.1f} kB each, {came:,} came, {alive:,} still answer",
        each_kb <= MOST_KB_EACH and alive == count,
    )
