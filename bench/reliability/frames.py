"""
Random WebSocket frames, sent to our server and to the ``websockets`` library's, compared.

The library's ``ServerProtocol`` never touches a socket: the same bytes go into both, and both must
take the same messages and close with the same code. It is the judge because it follows RFC 6455 to
the letter and has nothing in common with what we use.
"""

from __future__ import annotations

import asyncio
import json
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from bench.reliability.row import Row
from bench.reliability.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    HANDSHAKE,
    PING,
    PONG,
    TEXT,
    close_code,
    exchange,
    frame,
    frames_of,
)

MAX_FRAME_BYTES = 16_384
AT_ONCE = 32
_END = frame(CLOSE, struct.pack("!H", 1000))
_DATA = (CONTINUATION, TEXT, BINARY)
_FAILURES = {1002, 1007, 1009}
_CLOSES = (1000, 1001, 1002, 1003, 1007, 1008, 1011, 3000, 4999, 1004, 1006, 1015, 999, 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a server made of some bytes: messages taken, pings answered, and how it closed."""

    texts: int
    binaries: int
    pongs: tuple[bytes, ...]
    code: int | None


def random_frames(seed: int) -> bytes:
    """A few frames: mostly good ones, and each kind of bad one now and then."""
    rng = random.Random(seed)
    sent, open_message = b"", False
    for number in range(rng.randint(1, 8)):
        kind = rng.random()
        if kind < 0.6:
            wrong = rng.random() < 0.06
            begins = open_message == wrong
            opcode = rng.choice((TEXT, TEXT, BINARY)) if begins else CONTINUATION
            fin = rng.random() < 0.6
            payload = _payload(rng, number, whole=fin and begins)
            sent += frame(opcode, payload, first_bits=FIN if fin else 0)
            open_message = not fin
        elif kind < 0.85:
            size = rng.choice((0, 5, 125, 126)) if rng.random() < 0.3 else 5
            control = rng.choice((PING, PING, PONG))
            bits = 0 if rng.random() < 0.05 else FIN
            sent += frame(control, rng.randbytes(size), first_bits=bits)
        elif kind < 0.92:
            sent += frame(rng.randrange(16), b"x", first_bits=rng.choice((FIN, FIN, FIN | 0x40)))
        else:
            code = struct.pack("!H", rng.choice(_CLOSES))
            sent += frame(CLOSE, rng.choice((b"", b"\x03", code, code + b"bye", code + b"\xff")))
            break
    return sent + _END


def _payload(rng: random.Random, number: int, *, whole: bool) -> bytes:
    kind = rng.random()
    if kind < 0.75:
        return json.dumps({"type": "ping", "id": f"p{number}"}).encode()
    if kind < 0.85:
        return "Straße \U0001f525".encode()[: rng.randint(1, 12)]
    if kind < 0.95:
        return rng.randbytes(rng.randint(0, 30))
    # The reference counts a ping between the parts of a message as part of it, so parts stay small.
    return b"a" * rng.choice((125, 126, *((MAX_FRAME_BYTES, MAX_FRAME_BYTES + 1) if whole else ())))


def by_the_book(sent: bytes) -> Taken:
    """What the reference takes."""
    protocol = ServerProtocol(max_size=MAX_FRAME_BYTES)
    protocol.receive_data(HANDSHAKE)
    (request,) = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    protocol.data_to_send()
    protocol.receive_data(sent)
    texts = binaries = 0
    pongs: list[bytes] = []
    message, is_text = b"", False
    for event in protocol.events_received():
        if event.opcode is Opcode.PING:
            pongs.append(bytes(event.data))
        if event.opcode.value not in _DATA:
            continue
        if event.opcode is not Opcode.CONT:
            message, is_text = b"", event.opcode is Opcode.TEXT
        message += event.data
        if not event.fin:
            continue
        if is_text and not _is_utf8(message):  # the protocol leaves this to its user
            return Taken(texts, binaries, tuple(pongs), 1007)
        texts += is_text
        binaries += not is_text
    written = frames_of(b"".join(protocol.data_to_send()))
    return Taken(texts, binaries, tuple(pongs), close_code(written))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


async def by_us(port: int, sent: bytes) -> Taken:
    """What our server takes."""
    received = await exchange(port, HANDSHAKE + sent, wait_s=30)
    frames = frames_of(received.partition(b"\r\n\r\n")[2])
    texts = binaries = 0
    for opcode, payload in frames:
        said = json.loads(payload) if opcode == TEXT else {}
        refused_binary = "binary" in said.get("text", "") and said["type"] == "error"
        binaries += refused_binary
        texts += said.get("type") in ("pong", "error", "message") and not refused_binary
    greeting = 1
    pongs = tuple(payload for opcode, payload in frames if opcode == PONG)
    return Taken(texts - greeting, binaries, pongs, close_code(frames))


def explained(sent: bytes, book: Taken, ours: Taken) -> str | None:
    """Why they may differ, by RFC 6455 or for a known lack of ours; None where they may not."""
    if ours == book:
        return "equal"
    same_words = (ours.texts, ours.binaries, ours.pongs) == (book.texts, book.binaries, book.pongs)
    if same_words and ours.code == 1000 and book.code is not None and _is_valid(book.code):
        # 5.5.1: the answer "typically" echoes the code; a client never acts on it.
        return "a valid close is answered with 1000"
    if same_words and {ours.code, book.code} <= _FAILURES:
        # Such as a close frame with a code that is none and a reason that is not UTF-8.
        return "a frame that breaks two rules fails by the other one"
    if book.code == 1002 and _forgets_a_beginning(sent):
        # aiohttp 3.14.5 takes a message begun with nothing for one that was not begun.
        return "an empty beginning of a message is forgotten when another message begins"
    return None


def _forgets_a_beginning(sent: bytes) -> bool:
    """Whether a message of which only empty parts have come is followed by another (5.4)."""
    begun_with_nothing = False
    for is_last, opcode, size in _heads(sent):
        if opcode in (TEXT, BINARY) and begun_with_nothing:
            return True
        if opcode in (TEXT, BINARY) or (opcode == CONTINUATION and begun_with_nothing):
            begun_with_nothing = size == 0 and not is_last
    return False


def _heads(sent: bytes) -> Iterator[tuple[bool, int, int]]:
    """Of each of a client's frames whether it is its message's last, its opcode and its size."""
    at = 0
    while at < len(sent):
        first, size, begin = sent[at], sent[at + 1] & 0x7F, at + 2
        if size == 126:
            size, begin = struct.unpack_from("!H", sent, begin)[0], begin + 2
        yield bool(first & FIN), first & 0x0F, size
        at = begin + 4 + size  # four are the mask


def _is_valid(code: int) -> bool:
    return code in (1000, 1001, 1002, 1003, 1005, 1007, 1008, 1011) or 3_000 <= code < 5_000


async def differences(port: int, count: int, seed: int = 0) -> tuple[dict[str, int], list[str]]:
    """How often each explanation held, and what none explains."""
    at_once = asyncio.Semaphore(AT_ONCE)
    reasons: dict[str, int] = {}
    unexplained: list[str] = []

    async def compare(number: int) -> None:
        async with at_once:
            sent = random_frames(number)
            ours = await by_us(port, sent)
        book = by_the_book(sent)
        reason = explained(sent, book, ours)
        if reason is None:
            unexplained.append(f"seed {number}: expected {book}, got {ours}")
        else:
            reasons[reason] = reasons.get(reason, 0) + 1

    for start in range(seed, seed + count, 1_000):
        await asyncio.gather(*map(compare, range(start, min(start + 1_000, seed + count))))
    return reasons, unexplained


def measure(port: int, count: int) -> Row:
    """*count* sequences."""
    reasons, unexplained = asyncio.run(differences(port, count))
    return Row(
        "WebSocket conformance",
        f"{count:,} random frame sequences, 0 unexplained differences to the reference",
        f"{len(unexplained)} unexplained {unexplained[:2] or ''}; "
        + ", ".join(f"{v:,} {k}" for k, v in reasons.items()),
        not unexplained,
    )
