"""Hours of everything at once: words never seen, people coming and going, new indexes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from pathlib import Path

import aiohttp

from bench.reliability.row import Row
from bench.reliability.server import ADMIN_TOKEN, Server, serving
from bench.reliability.swaps import two_generations
from service.retrieval.artefact import publish

MOST_KB_PER_HOUR = 1_024
SAMPLE_S = 1.0
Sample = tuple[float, int, int]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _novel(rng: random.Random) -> str:
    words = ("".join(rng.choices(_LETTERS, k=rng.randint(4, 10))) for _ in range(4))
    return "printer " + " ".join(words)


async def soaked(server: Server, root: Path, names: list[str], seconds: float) -> list[Sample]:
    """(seconds, kB, descriptors), sampled while people ask, connect and new indexes come."""
    done = asyncio.Event()
    rng = random.Random(0)
    samples: list[Sample] = []
    async with aiohttp.ClientSession(server.url) as http:

        async def ask() -> None:
            while not done.is_set():
                async with http.post("/v1/ask", json={"question": _novel(rng)}) as response:
                    await response.read()

        async def come_and_go() -> None:
            while not done.is_set():
                async with http.ws_connect("/ws") as peer:
                    await peer.receive()
                    await peer.receive()
                    for _ in range(3):
                        await peer.send_str(_novel(rng))
                        while (await peer.receive_json())["type"] != "message":
                            pass

        async def swap() -> None:
            for name in itertools.cycle(names):
                if done.is_set():
                    return
                publish(root, name)
                headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
                async with http.post("/v1/reload", headers=headers):
                    pass
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(done.wait(), 2)

        work = [asyncio.create_task(one()) for one in (ask, ask, come_and_go, swap)]
        began = time.monotonic()
        while (at := time.monotonic() - began) < seconds:
            samples.append((at, server.resident_kb(), server.descriptors()))
            await asyncio.sleep(SAMPLE_S)
        done.set()
        await asyncio.gather(*work)
    return samples


def slope_per_hour(points: list[tuple[float, float]]) -> float:
    """Theil's and Sen's: the median of all slopes, which single jumps do not move."""
    step = max(1, len(points) // 300)
    thin = points[::step]
    slopes = sorted(
        (y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in itertools.combinations(thin, 2) if x2 > x1
    )
    return slopes[len(slopes) // 2] * 3_600


def measure(work: Path, seconds: float) -> Row:
    """*seconds*; the first third warms up."""
    root = work / "index"
    names = list(two_generations(root))
    # Conversations are kept for resuming up to a number: a small one is reached while warming up.
    with serving(root, work / "server", max_sessions=200) as server:
        samples = asyncio.run(soaked(server, root, names, seconds))
        alive = server.is_ready()
    steady = samples[len(samples) // 3 :]
    slope_kb = slope_per_hour([(at, kb) for at, kb, _ in steady])
    files = [count for _, _, count in steady]
    third = max(1, len(files) // 3)
    more_files = max(files[-third:]) - max(files[:third])
    return Row(
        "soak",
        f"{seconds / 60:g} min: memory slope <= 1 MB/h after warm-up, descriptors flat",
        f"{slope_kb:+,.0f} kB/h ({steady[0][1]:,} to {steady[-1][1]:,} kB), descriptors "
        f"{min(files)} to {max(files)}, {more_files:+} between first and last third, alive {alive}",
        alive and slope_kb <= MOST_KB_PER_HOUR and more_files <= 2,
    )
