"""
``python -m bench.opening``: how long until an index answers, and does taking up a new one show?

From exec to the first answer over HTTP; checksums beside a plain SHA-256 of the same bytes; and
the longest gap between two answers while a server takes up another generation.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import uvloop

from bench.command import Bench, arguments
from bench.indexes import index, serving
from bench.timing import origin, save
from service.retrieval.artefact import MANIFEST, current, publish, read_manifest, verify
from service.retrieval.index import open_index
from service.retrieval.seal import SEAL, seal

_SIZES = {"quick": (20_000,), "full": (20_000, 100_000, 1_000_000)}
_ROUNDS = 5
# What the server must answer without; see also tests/house.
_HEAVY = ("spacy", "nltk", "sklearn")


def main() -> None:
    """Measure each size, print, save."""
    bench = arguments(__doc__)
    results: dict[str, Any] = {**origin(bench.material.name), "sizes": {}}
    for n in bench.sizes or _SIZES[bench.extent]:
        root = index(bench, n)
        figures = {
            "ready_s": _ready(root),
            "open_s": _opened(root),
            "heavy_imports": _heavy(root),
            **_checksums(root),
            "reload": uvloop.run(_reload(bench, root)),
        }
        results["sizes"][n] = figures
        print(f"{n:,} rows: {figures}")
    print("written:", save("opening", results))


def _ready(root: Path) -> float:
    """Seconds from exec to an answer, the median of some starts."""
    seconds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        with serving(root) as (url, _):
            urllib.request.urlopen(f"{url}/v1/ask?q=reset+the+network").close()
            seconds.append(time.perf_counter() - began)
    return round(float(np.median(seconds)), 3)


def _opened(root: Path) -> float:
    """Seconds that opening takes in a process that has imported everything."""
    seconds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        open_index(root)
        seconds.append(time.perf_counter() - began)
    return round(float(np.median(seconds)), 4)


def _heavy(root: Path) -> list[str]:
    """Which heavy libraries a process has imported that has answered a question."""
    program = (
        "import sys; from pathlib import Path; from service.retrieval.index import open_index; "
        "from service.retrieval.answers import Question, answer; "
        "answer(open_index(Path(sys.argv[1])), Question('reset the network')); "
        f"print(*(name for name in {_HEAVY} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def _checksums(root: Path) -> dict[str, float]:
    """Bytes a second of our check, and of one thread that hashes the same files."""
    folder = root / current(root)
    manifest = read_manifest(folder)
    total = sum(entry["bytes"] for entry in manifest.files.values())
    ours, plain = [], []
    for _ in range(3):
        began = time.perf_counter()
        verify(folder, manifest)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        for name in manifest.files:
            with (folder / name).open("rb") as file:
                hashlib.file_digest(file, "sha256")
        plain.append(time.perf_counter() - began)
    return {
        "checksum_gb_s": round(total / min(ours) / 1e9, 2),
        "one_thread_gb_s": round(total / min(plain) / 1e9, 2),
    }


async def _reload(bench: Bench, root: Path) -> dict[str, float]:
    """Milliseconds between an answer and the next, without and with a generation taken up."""
    questions = bench.material.questions(200)
    with serving(root) as (url, _):
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws") as socket:
            calm, _ = await _longest_gap(socket, questions, 3)
            name = current(root)
            # The same files under another name are another generation to the server.
            twin = _twin(root, name)
            try:
                asking = asyncio.create_task(_longest_gap(socket, questions, 15))
                await asyncio.sleep(1)
                publish(root, twin.name)
                during, notices = await asking
            finally:
                publish(root, name)
                shutil.rmtree(twin)
            if not notices:
                raise SystemExit("the server took up no other generation while it was asked")
    return {"longest_gap_calm_ms": calm, "longest_gap_reloading_ms": during}


def _twin(root: Path, name: str) -> Path:
    """A generation with the files of another, linked, under a name of its own."""
    twin = root / f"{name}-twin"
    twin.mkdir()
    for file in (root / name).iterdir():
        if file.name not in {MANIFEST, SEAL}:
            (twin / file.name).hardlink_to(file)
    manifest = (root / name / MANIFEST).read_bytes().replace(name.encode(), twin.name.encode())
    (twin / MANIFEST).write_bytes(manifest)
    (twin / SEAL).write_bytes(seal(manifest, None))
    return twin


async def _longest_gap(
    socket: aiohttp.ClientWebSocketResponse, questions: list[str], seconds: float
) -> tuple[float, int]:
    """
    Ask without a pause; the longest time between two replies, in milliseconds, and how often it
    was told that another generation answers.
    """
    until = time.perf_counter() + seconds
    gaps, number, last, notices = [], 0, time.perf_counter(), 0
    while last < until:
        await socket.send_json({"type": "question", "text": questions[number % len(questions)]})
        while True:
            reply = await socket.receive_json(timeout=30)
            # The greeting, and the notice of a new index, are no replies.
            if reply["type"] == "message" and reply["kind"] != "greeting":
                break
            notices += reply["type"] == "notice"
        now = time.perf_counter()
        gaps.append(now - last)
        last, number = now, number + 1
    return round(max(gaps[5:]) * 1e3, 2), notices


if __name__ == "__main__":
    main()
