"""One WebSocket: sending that cannot get stuck, and closing that cannot either."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from aiohttp import WSMsgType, web

# What waits for one slow reader before sending to it waits, too: a few replies.
SEND_BUFFER_BYTES = 16_384
# What the system keeps for them before that; left alone it grows to 4 MB for each.
SYSTEM_BUFFER_BYTES = 65_536


class Connection:
    """
    A WebSocket whose reader may be slow, or gone.

    A peer that stops reading fills its buffers and then ours; after ``send_timeout_s`` it is cut
    off without a farewell it would not read anyway. What it missed waits in the session.
    """

    __slots__ = ("_send_timeout_s", "_transport", "answering", "greeted", "socket")

    def __init__(
        self, socket: web.WebSocketResponse, request: web.Request, send_timeout_s: float
    ) -> None:
        self.socket = socket
        self._transport = request.transport
        if self._transport is not None:
            self._transport.set_write_buffer_limits(high=SEND_BUFFER_BYTES)
            _limit_system_buffer(self._transport)
        self._send_timeout_s = send_timeout_s
        # Until init is sent nothing else may be.
        self.greeted = False
        # While a message of this connection is being answered.
        self.answering = False

    async def send(self, data: bytes) -> None:
        """Send a text frame, or abort the connection; never raises for a peer's sake."""
        transport = self._transport
        if self.socket.closed or transport is None or transport.is_closing():
            return
        with contextlib.suppress(ConnectionError, RuntimeError):
            if len(data) <= SEND_BUFFER_BYTES // 2 and transport.get_write_buffer_size() == 0:
                # Nothing is waiting and this fits, so it cannot wait either: no timer.
                await self.socket.send_frame(data, WSMsgType.TEXT)
                return
            try:
                async with asyncio.timeout(self._send_timeout_s):
                    await self.socket.send_frame(data, WSMsgType.TEXT)
            except TimeoutError:
                self.abort()

    async def close(self, code: int, reason: str) -> None:
        """Close with *code*; the peer has the socket's own timeout to agree."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.socket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Drop the connection now."""
        if self._transport is not None:
            self._transport.abort()


def _limit_system_buffer(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):  # it has just gone away
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BUFFER_BYTES)
