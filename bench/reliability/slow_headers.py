"""Requests that never quite arrive: each is closed in time, and others are answered meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from bench.reliability.row import Row
from bench.reliability.server import Server

MOST_S = 20.0
HEADERS = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
BODY = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"


async def _dribble(port: int, begun: bytes) -> float:
    """Send a beginning and then a byte now and then; the seconds until the server hung up."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        writer.write(begun)
        while True:
            await asyncio.sleep(0.2)
            writer.write(b"X")

    sending = asyncio.create_task(send())
    try:
        while await reader.read(4_096):
            pass
    except ConnectionError:
        pass
    finally:
        sending.cancel()
        writer.close()
    return time.monotonic() - began


async def dribbled(server: Server, count: int) -> tuple[float, int, int]:
    """The longest that *count* of each kind held on; probes sent meanwhile, and answered."""
    peers = [
        asyncio.create_task(_dribble(server.port, begun))
        for begun in (HEADERS, BODY)
        for _ in range(count)
    ]
    asked = answered = 0
    while not all(peer.done() for peer in peers):
        asked += 1
        answered += await asyncio.to_thread(_is_alive, server)
        await asyncio.sleep(0.1)
    return max(peer.result() for peer in peers), asked, answered


def _is_alive(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def measure(server: Server, count: int) -> Row:
    """*count* with slow headers and as many with slow bodies."""
    longest_s, asked, answered = asyncio.run(dribbled(server, count))
    return Row(
        "slow headers and bodies",
        f"{count} each: all closed in <= {MOST_S:g} s, the probe always answered",
        f"closed within {longest_s:.1f} s, {answered} of {asked} probes answered",
        longest_s <= MOST_S and answered == asked,
    )


def measure_with_slowhttptest(server: Server, count: int, work: Path) -> Row:
    """The same by the tool that attackers use, where it is installed."""
    tool = shutil.which("slowhttptest")
    if tool is None:
        return Row(
            "slowhttptest", f"{count} each: all closed in <= {MOST_S:g} s", "not installed", False
        )
    closed = []
    for kind in ("-H", "-B"):
        subprocess.run(
            [tool, kind, "-c", str(count), "-r", str(count), "-i", "5", "-l", "30", "-x", "20",
             "-p", "5", "-g", "-o", str(work / f"slow{kind}"), "-u", f"{server.url}/v1/ask"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        rows = (work / f"slow{kind}.csv").read_text().splitlines()[1:]
        open_at = [(int(row.split(",")[0]), int(row.split(",")[3])) for row in rows]
        closed.append(max((second for second, still in open_at if still), default=0))
    return Row(
        "slowhttptest",
        f"{count} slow headers, then {count} slow bodies: all closed in <= {MOST_S:g} s",
        f"last one open after {closed[0]} s and {closed[1]} s",
        max(closed) <= MOST_S,
    )
