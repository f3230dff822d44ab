"""
``python -m bench.server``: what does a question cost over the wire, beside a bare echo?

Four servers, each a process of its own, asked by one client in turns: ours over a WebSocket and
over HTTP, aiohttp giving back the same reply to both, and the plain stack of spaCy,
TfidfVectorizer and NearestNeighbors behind aiohttp. Also: what another worker costs in memory,
and what a large index does to requests that are not questions.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import aiohttp
import numpy as np
import orjson
import uvloop

from bench.command import Bench, arguments
from bench.indexes import index, serving, source
from bench.timing import family, origin, proportional_bytes, save

_SIZE = 20_000
_LARGE = {"quick": 0, "full": 1_000_000}
_CONNECTIONS = 16
_ROUNDS = 5
_ROUND_S = {"quick": 1.0, "full": 3.0}

# One question asked and its reply received.
Ask = Callable[[str], Awaitable[bytes]]


def main() -> None:
    """Measure, print the ratios, save the figures."""
    bench = arguments(__doc__)
    results = {**origin(bench.material.name), "rows": _SIZE, **uvloop.run(_beside_rivals(bench))}
    large = _LARGE[bench.extent]
    if large:
        results["workers"] = _memory_of_workers(bench, large)
        results["others"] = uvloop.run(_others_while_asking(bench, large))
    print("written:", save("server", results))


async def _beside_rivals(bench: Bench) -> dict[str, Any]:
    questions = bench.material.questions(1_000)
    with ExitStack() as stack:
        ours, _ = stack.enter_context(serving(index(bench, _SIZE)))
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(f"{ours}/ws") as socket:
                reply = await _question(socket, questions[0])
            kept = bench.work / "reply.json"
            kept.write_bytes(reply)
            bare = stack.enter_context(_process("bench.echo", kept))
            plain = stack.enter_context(
                _process("bench.plain_stack", source(bench, _SIZE), str(_SIZE))
            )
            contenders = {
                "firstline, WebSocket": _over_websocket(session, ours),
                "bare aiohttp echo, WebSocket": _over_websocket(session, bare),
                "firstline, HTTP": _over_http(session, ours),
                "bare aiohttp JSON handler, HTTP": _over_http(session, bare),
                "plain stack, WebSocket": _over_websocket(session, plain),
            }
            return await _rates(contenders, questions, bench)


async def _rates(
    contenders: dict[str, Callable[[], Any]], questions: list[str], bench: Bench
) -> dict[str, Any]:
    """Messages a second with many connections, and the latency with one; medians of rounds."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    waits: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(_ROUNDS):
        for name, connect in contenders.items():
            rates[name].append(await _rate(connect, questions, _ROUND_S[bench.extent]))
            waits[name] += await _latencies(connect, questions, _ROUND_S[bench.extent] / 2)
    found = {
        name: {
            "per_second": round(float(np.median(rates[name]))),
            "p50_us": round(float(np.median(waits[name])) * 1e6, 1),
            "p99_us": round(float(np.percentile(waits[name], 99)) * 1e6, 1),
        }
        for name in contenders
    }
    shares = {
        wire: round(found[f"firstline, {wire}"]["per_second"] / found[bare]["per_second"], 3)
        for wire, bare in (
            ("WebSocket", "bare aiohttp echo, WebSocket"),
            ("HTTP", "bare aiohttp JSON handler, HTTP"),
        )
    }
    slower = (
        found["firstline, WebSocket"]["p50_us"] / found["bare aiohttp echo, WebSocket"]["p50_us"]
    )
    print(f"share of the bare rate: {shares}; p50 at one connection {slower:.2f} x the echo's")
    for name, figures in found.items():
        print(f"  {name:34} {figures['per_second']:8,} a second   p50 {figures['p50_us']:10.1f} us")
    return {"contenders": found, "share_of_bare_rate": shares, "p50_ratio": round(slower, 2)}


@contextmanager
def _process(module: str, *words: Any) -> Iterator[str]:
    command = [sys.executable, "-m", module, *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()


async def _question(socket: aiohttp.ClientWebSocketResponse, text: str) -> bytes:
    """The reply to one question; what the server says unasked is read past."""
    await socket.send_str(orjson.dumps({"type": "question", "text": text}).decode())
    while True:
        message = await socket.receive(30)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise RuntimeError(f"the server sent {message.type!r} ({message.data!r})")
        reply: str = message.data
        if '"init"' not in reply[:40] and '"kind":"greeting"' not in reply[:120]:
            return reply.encode()


def _over_websocket(session: aiohttp.ClientSession, url: str) -> Callable[[], Any]:
    class Connection:
        async def __aenter__(self) -> Ask:
            self.socket = await session.ws_connect(f"{url}/ws")
            return lambda text: _question(self.socket, text)

        async def __aexit__(self, *error: object) -> None:
            await self.socket.close()

    return Connection


def _over_http(session: aiohttp.ClientSession, url: str) -> Callable[[], Any]:
    async def ask(text: str) -> bytes:
        body = orjson.dumps({"question": text})
        headers = {"Content-Type": "application/json"}
        async with session.post(f"{url}/v1/ask", data=body, headers=headers) as response:
            response.raise_for_status()
            return await response.read()

    class Connection:
        async def __aenter__(self) -> Ask:
            return ask

        async def __aexit__(self, *error: object) -> None:
            pass

    return Connection


async def _rate(connect: Callable[[], Any], questions: list[str], seconds: float) -> float:
    """Replies a second, each connection asking again as soon as it has its reply."""
    until = time.perf_counter() + seconds
    replies = 0

    async def one(first: int) -> None:
        nonlocal replies
        async with connect() as ask:
            number = first
            while time.perf_counter() < until:
                await ask(questions[number % len(questions)])
                number += 1
                replies += 1

    began = time.perf_counter()
    await asyncio.gather(*(one(60 * n) for n in range(_CONNECTIONS)))
    return replies / (time.perf_counter() - began)


async def _latencies(
    connect: Callable[[], Any], questions: list[str], seconds: float
) -> list[float]:
    """Seconds from question to reply, one connection asking one after the other."""
    found = []
    async with connect() as ask:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            began = time.perf_counter()
            await ask(questions[len(found) % len(questions)])
            found.append(time.perf_counter() - began)
    return found


def _memory_of_workers(bench: Bench, n: int) -> dict[str, Any]:
    """Proportional set size of all processes, with two workers and with four."""
    found = {}
    for workers in (2, 4):
        with serving(index(bench, n), "--workers", str(workers)) as (url, process):
            uvloop.run(_warm(url, bench.material.questions(400)))
            found[workers] = sum(map(proportional_bytes, family(process.pid)))
    each = (found[4] - found[2]) / 2
    print(f"{n:,} rows: each further worker costs {each / 1e6:.0f} MB of PSS")
    return {"rows": n, "pss_bytes": found, "each_further_bytes": round(each)}


async def _warm(url: str, questions: list[str]) -> None:
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(
            *(_rate(_over_websocket(session, url), questions[n:], 2) for n in range(2))
        )


async def _others_while_asking(bench: Bench, n: int) -> dict[str, Any]:
    """How long ``/healthz`` takes while sixteen people ask a large index without a pause."""
    with serving(index(bench, n)) as (url, _):
        async with aiohttp.ClientSession() as session:
            waits: list[float] = []

            async def look() -> None:
                until = time.perf_counter() + 10
                while time.perf_counter() < until:
                    began = time.perf_counter()
                    async with session.get(f"{url}/healthz") as response:
                        await response.read()
                    waits.append(time.perf_counter() - began)
                    await asyncio.sleep(0.005)

            async def ask() -> None:
                await _rate(_over_websocket(session, url), bench.material.questions(500), 10)

            await asyncio.gather(look(), ask())
    p50, p99 = np.percentile(waits, [50, 99]) * 1e3
    print(f"{n:,} rows, {_CONNECTIONS} people asking: /healthz p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    return {
        "rows": n,
        "healthz_p50_ms": round(float(p50), 2),
        "healthz_p99_ms": round(float(p99), 2),
    }


if __name__ == "__main__":
    main()
