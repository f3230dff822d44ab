"""Peers that are gone without a word are noticed; those who are only silent stay."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType
from aiohttp.test_utils import TestClient

from service.edge.app import ROOM

Served = Callable[..., Awaitable[TestClient[Any, Any]]]


async def _until(ready: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not ready():
            await asyncio.sleep(0.01)


async def test_a_peer_that_does_not_pong_is_dropped(served: Served) -> None:
    """Its place is free again, though it never said goodbye."""
    client = await served(heartbeat_s=0.1)
    room = client.server.app[ROOM]
    socket = await client.ws_connect("/ws", autoping=False)
    await _until(lambda: room.open_connections == 1)
    await _until(lambda: room.open_connections == 0)
    await socket.close()


async def test_a_silent_peer_that_pongs_stays(served: Served) -> None:
    """It is asked again and again, and asked nothing else of."""
    client = await served(heartbeat_s=0.2)
    room = client.server.app[ROOM]
    socket = await client.ws_connect("/ws", autoping=False)
    pings = 0
    while pings < 5:
        message = await socket.receive(timeout=30)
        if message.type is WSMsgType.PING:
            pings += 1
            await socket.pong(message.data)
    assert room.open_connections == 1
    await socket.close()


async def test_a_ping_comes_back_as_it_was_sent(served: Served) -> None:
    """Clients may ask, too (RFC 6455, 5.5.3)."""
    client = await served()
    socket = await client.ws_connect("/ws", autoping=False)
    await socket.ping(b"there?")
    message = await socket.receive(timeout=30)
    while message.type is WSMsgType.TEXT:  # init and greeting
        message = await socket.receive(timeout=30)
    assert (message.type, message.data) == (WSMsgType.PONG, b"there?")
    await socket.close()
