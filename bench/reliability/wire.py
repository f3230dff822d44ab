"""Bytes to and from a server, without a library that would mend them."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import struct

FIN = 0x80
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def exchange(port: int, sent: bytes, *, wait_s: float = 10.0) -> bytes:
    """
    What comes back for these bytes until the server closes.

    On a bare socket: a stream forgets what had come in where the server closes while we still send.
    """
    loop = asyncio.get_running_loop()
    received = b""
    with socket.socket() as peer:
        peer.setblocking(False)
        await loop.sock_connect(peer, ("127.0.0.1", port))
        sending = asyncio.create_task(loop.sock_sendall(peer, sent))
        try:
            async with asyncio.timeout(wait_s):
                while chunk := await loop.sock_recv(peer, 65_536):
                    received += chunk
        except (ConnectionError, TimeoutError):
            pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    return received


def status_of(response: bytes) -> int:
    """The status of the last response in these bytes that is not 1xx; 0 where there is none."""
    codes = [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", response)]
    final = [code for code in codes if code >= 200 or code == 101]
    return final[-1] if final else 0


def frame(
    opcode: int, payload: bytes = b"", *, first_bits: int = FIN, masked: bool = True
) -> bytes:
    """A client's frame (RFC 6455, 5.2); *first_bits* are FIN and the reserved three."""
    head = bytes([first_bits | opcode])
    mask_bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask_bit | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([mask_bit | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", len(payload))
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


def frames_of(received: bytes) -> list[tuple[int, bytes]]:
    """The whole frames a server sent, as (opcode, payload)."""
    found, at = [], 0
    while at + 2 <= len(received):
        opcode, size, begin = received[at] & 0x0F, received[at + 1] & 0x7F, at + 2
        if size == 126:
            size, begin = struct.unpack_from("!H", received, begin)[0], begin + 2
        elif size == 127:
            size, begin = struct.unpack_from("!Q", received, begin)[0], begin + 8
        if begin + size > len(received):
            break
        found.append((opcode, received[begin : begin + size]))
        at = begin + size
    return found


def close_code(frames: list[tuple[int, bytes]]) -> int | None:
    """The code of the close frame among them, 1005 where it has none, None without a frame."""
    for opcode, payload in frames:
        if opcode == CLOSE:
            return struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
    return None
