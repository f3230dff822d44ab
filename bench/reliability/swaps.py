"""Indexes swapped under load: no request fails, and no answer is made of two generations."""

from __future__ import annotations

import asyncio
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.reliability.row import Row
from bench.reliability.server import ADMIN_TOKEN, Server, serving
from index_builder.build import build
from index_builder.config import BuildSettings
from service.retrieval.artefact import publish
from service.retrieval.entries import Entry

SETTINGS = BuildSettings(lemmas="none", pickles=False)
ASKERS = 4
QUESTION = "the printer is offline"


@dataclass
class Seen:
    """What came back while indexes were swapped."""

    answers: int = 0
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    generations: set[str] = field(default_factory=set)


def two_generations(root: Path) -> dict[str, str]:
    """Two indexes that answer the same question with their own words: generation -> word."""
    words = {}
    for word in ("amber", "violet"):
        entries = [
            Entry(
                id=f"{word}-{number}",
                title="The printer is offline" if number == 0 else f"Thing {number} is {word}",
                text=f"Press the {word} button.",
            )
            for number in range(30)
        ]
        words[build(entries, root, SETTINGS).generation] = word
    return words


def note(seen: Seen, words: dict[str, str], reply: dict[str, object]) -> None:
    """Every part of an answer must be of the generation it says it is of."""
    seen.answers += 1
    index, answer = reply["index"], reply["answer"]
    assert isinstance(index, dict)
    word = words[index["generation"]]
    seen.generations.add(index["generation"])
    parts = [hit["id"] for hit in reply["hits"]]  # type: ignore[attr-defined]
    if isinstance(answer, dict):
        parts += [answer["id"], answer["text"]]
    if not parts or not all(word in part for part in parts):
        seen.mixed.append(f"{word}: {parts}")


async def swapped(server: Server, root: Path, words: dict[str, str], swaps: int) -> Seen:
    """Ask over HTTP and a WebSocket while the index is swapped *swaps* times."""
    seen = Seen()
    done = asyncio.Event()
    async with aiohttp.ClientSession(server.url) as http:

        async def ask() -> None:
            while not done.is_set():
                async with http.post("/v1/ask", json={"question": QUESTION}) as response:
                    if response.status != 200:
                        seen.failed.append(f"{response.status} {await response.text()}")
                        continue
                    note(seen, words, await response.json())

        async def talk() -> None:
            async with http.ws_connect("/ws") as socket:
                while not done.is_set():
                    await socket.send_json({"type": "question", "text": QUESTION})
                    while (frame := await socket.receive_json())["type"] != "message" or (
                        frame["kind"] == "greeting"
                    ):
                        if frame["type"] == "error":
                            seen.failed.append(frame["code"])
                            break
                    else:
                        note(seen, words, frame)

        asking = [asyncio.create_task(work()) for work in (ask,) * ASKERS + (talk,) * ASKERS]
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        names = list(words)
        for number in range(swaps):
            publish(root, names[number % 2])
            async with http.post("/v1/reload", headers=headers) as response:
                if response.status != 200:
                    seen.failed.append(f"reload: {response.status}")
        done.set()
        for outcome in await asyncio.gather(*asking, return_exceptions=True):
            if isinstance(outcome, BaseException):
                seen.failed.append(repr(outcome))
    return seen


def measure(work: Path, swaps: int) -> Row:
    """*swaps* swaps."""
    root = work / "index"
    words = two_generations(root)
    with serving(root, work / "server") as server:
        seen = asyncio.run(swapped(server, root, words, swaps))
        assert urllib.request.urlopen(f"{server.url}/readyz").status == 200
    return Row(
        "hot reload under load",
        f"{swaps:,} swaps: 0 failed requests, 0 answers mixing two generations",
        f"{seen.answers:,} answers of {len(seen.generations)} generations, "
        f"{len(seen.failed)} failed {seen.failed[:2] or ''}, "
        f"{len(seen.mixed)} mixed {seen.mixed[:2] or ''}",
        not seen.failed and not seen.mixed and len(seen.generations) == 2,
    )
