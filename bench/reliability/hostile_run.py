"""Sends every hostile case to a server; what came back that should not have."""

from __future__ import annotations

import asyncio
import json

from bench.reliability.hostile import Case, cases
from bench.reliability.row import Row
from bench.reliability.server import Server
from bench.reliability.wire import TEXT, close_code, exchange, frames_of, status_of

# What never ends must not hold up the run.
SETTINGS = {"body_timeout_s": 0.5, "keepalive_timeout_s": 0.5, "shutdown_timeout_s": 0.5}
AT_ONCE = 16
# Two rounds warm the server up; what the others add is what a hostile client can make it keep.
WARM_ROUNDS = 2
MOST_GROWTH_KB = 4_096


async def outcome(port: int, case: Case) -> int | str | None:
    """The status, close code or error code that a case got."""
    received = await exchange(port, case.sent)
    if status_of(received) != 101:
        return status_of(received)
    frames = frames_of(received.partition(b"\r\n\r\n")[2])
    if isinstance(case.expected, str):
        said = [json.loads(payload) for opcode, payload in frames if opcode == TEXT]
        return next((message["code"] for message in said if message["type"] == "error"), None)
    return close_code(frames)


async def wrong_outcomes(port: int) -> dict[str, tuple[object, object]]:
    """The cases that were not refused as they must be: (expected, got) by name."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def try_one(case: Case) -> tuple[str, object, object]:
        async with at_once:
            return case.name, case.expected, await outcome(port, case)

    outcomes = await asyncio.gather(*map(try_one, cases()))
    return {name: (expected, got) for name, expected, got in outcomes if got != expected}


def measure(server: Server, rounds: int) -> Row:
    """All cases, *rounds* times over."""
    wrong: dict[str, tuple[object, object]] = {}
    began_kb = 0
    for number in range(rounds):
        if number == WARM_ROUNDS:
            began_kb = server.resident_kb()
        wrong |= asyncio.run(wrong_outcomes(server.port))
    grown_kb = server.resident_kb() - began_kb
    return Row(
        "hostile requests",
        "all get their documented 4xx or close code, no 5xx, server alive, memory flat",
        f"{len(cases())} cases, {len(wrong)} otherwise {wrong or ''}, alive {server.is_ready()}, "
        f"{grown_kb:+} kB over {rounds - WARM_ROUNDS} rounds",
        not wrong and server.is_ready() and grown_kb <= MOST_GROWTH_KB,
    )
