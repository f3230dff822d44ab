"""One WebSocket: sending that cannot get stuck, and closing that cannot either."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from aiohttp import WSMsgType, web

# What waits for one slow reader before sending to it waits, too: a few replies.
SEND_BUFFER_BYTES = 16_384
# What the system keeps for them before that (Linux doubles it); left alone it grows to 4 MB each.
# As much is on its way in TCP's slow start, so it holds up no reply that a chat has.
SYSTEM_BUFFER_BYTES = 16_384
# Half pauses between pings without a word from the peer: it is asked, then taken for gone.
ASKED_AFTER = 2
GONE_AFTER = 3


class Connection:
    """
    A WebSocket whose reader may be slow, or gone.

    A peer that stops reading fills its buffers and then ours; after ``send_timeout_s`` it is cut
    off without a farewell it would not read anyway. What it missed waits in the session.
    """

    __slots__ = (
        "_send_timeout_s",
        "_transport",
        "answering",
        "dropped",
        "greeted",
        "silent_beats",
        "socket",
    )

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
        # We hung up: what it had sent until then is no longer worth answering.
        self.dropped = False
        self.silent_beats = 0

    async def send(self, data: bytes, kind: WSMsgType = WSMsgType.TEXT) -> None:
        """Send a frame, or abort the connection; never raises for a peer's sake."""
        transport = self._transport
        if self.socket.closed or transport is None or transport.is_closing():
            return
        with contextlib.suppress(ConnectionError, RuntimeError):
            if len(data) <= SEND_BUFFER_BYTES // 2 and self._is_empty():
                # Nothing is waiting and this fits, so it cannot wait either: no timer.
                await self.socket.send_frame(data, kind)
                return
            try:
                async with asyncio.timeout(self._send_timeout_s):
                    await self.socket.send_frame(data, kind)
            except TimeoutError:
                self.abort()

    def _is_empty(self) -> bool:
        return self._transport is not None and self._transport.get_write_buffer_size() == 0

    async def beat(self) -> None:
        """
        Half a pause is over: ask a silent peer whether it is there, drop one that did not answer.

        Never waits: where something is still on its way to the peer, nothing is added to it.
        """
        self.silent_beats = 0 if self.answering else self.silent_beats + 1
        if self.silent_beats >= GONE_AFTER:
            self.abort()
        elif self.silent_beats == ASKED_AFTER and self._is_empty():
            await self.send(b"", WSMsgType.PING)

    async def close(self, code: int, reason: str) -> None:
        """Close with *code*; the peer has the socket's own timeout to agree."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.socket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Drop the connection now."""
        self.dropped = True
        if self._transport is not None:
            self._transport.abort()


def _limit_system_buffer(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):  # it has just gone away
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BUFFER_BYTES)
