"""
A node is lost: once while it builds, twice while it answers people over HTTP.

Of those the first is killed, which others notice as soon as they call it. The second goes still
with its connections open, as a machine does that has lost its power.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.cluster.corpus import questions, tickets
from bench.cluster.nodes import NODE, three_nodes
from index_builder.build import silent
from index_builder.config import BuildSettings
from index_builder.shards.command import build_in_shards
from service.cluster.connection import join, leave
from service.retrieval.answers import Question, answer
from service.retrieval.index import open_index

SETTINGS = BuildSettings(pickles=False)
SHARDS = 3
CLIENTS = 16
BEFORE_S, AFTER_S = 10.0, 25.0
DEADLINE_S = 2.0
LOSSES = {"killed": signal.SIGKILL, "still": signal.SIGSTOP}


@dataclass(frozen=True, slots=True)
class Told:
    """One request: when it was sent, how long it took, and what came back."""

    at: float
    took: float
    right: bool
    partial: bool
    failed: str


def measured(rows: int) -> dict[str, Any]:
    """Build with a node lost, serve with a node lost, reload under load."""
    with tempfile.TemporaryDirectory(prefix="firstline-") as folder, three_nodes() as cluster:
        root = Path(folder)
        source = root / "source"
        source.mkdir()
        _write(source, rows)
        here, whole, lost = root / "here", root / "whole", root / "lost"
        figures: dict[str, Any] = {"rows": rows, "shards": SHARDS}
        figures["build_here_s"] = _build(source, here, None)
        figures["build_three_nodes_s"] = _build(source, whole, cluster.address)
        figures["build_node_lost_s"] = _build(
            source, lost, cluster.address, _killing(cluster, "count")
        )
        cluster.add_node(**NODE)
        figures["builds_equal"] = _digest(here) == _digest(whole) == _digest(lost)
        for loss, sent in LOSSES.items():
            figures[loss] = asyncio.run(_serve(cluster, lost, sent))
            cluster.add_node(**NODE)
    return figures


def _write(source: Path, rows: int) -> None:
    for part in range(6):
        with (source / f"part-{part}.jsonl").open("w", encoding="utf-8") as file:
            for number, entry in enumerate(tickets(rows)):
                if number * 6 // rows == part:
                    record = {"id": entry.id, "title": entry.title, "answer": entry.text,
                              "questions": entry.questions}  # fmt: skip
                    file.write(json.dumps(record) + "\n")


def _build(
    source: Path,
    out: Path,
    address: str | None,
    progress: Callable[[str, int], Callable[[], object]] = silent,
) -> float:
    began = time.perf_counter()
    build_in_shards(
        [source],
        out,
        SETTINGS,
        shards=SHARDS,
        cluster=address,
        form=None,
        keep_going=False,
        tolerance=0.0,
        force=False,
        key=None,
        progress=progress,
    )
    return round(time.perf_counter() - began, 1)


def _killing(cluster: Any, stage: str) -> Callable[[str, int], Callable[[], object]]:
    """A progress bar that takes the last node away when a stage begins."""

    def progress(name: str, _total: int) -> Callable[[], object]:
        if name == stage:
            victim = cluster.list_all_nodes()[-1]
            threading.Timer(0.5, cluster.remove_node, (victim, False)).start()
        return lambda: None

    return progress


def _digest(root: Path) -> str:
    """One hash over every file of the live generation but its manifest, which has its birthday."""
    folder = root / (root / "CURRENT").read_text().strip()
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in ("manifest.json", "manifest.seal"):
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def _send(sent: signal.Signals, node: Any) -> None:
    """To all processes of a node: those that it began with, and their workers."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], check=True, capture_output=True, text=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = [one.process.pid for some in node.all_processes.values() for one in some]
    for parent in found:  # which grows meanwhile
        found += [child for child, of in pairs if of == parent]
    for process in found:
        with suppress(ProcessLookupError):
            os.kill(process, sent)


async def _serve(cluster: Any, root: Path, sent: signal.Signals) -> dict[str, Any]:
    index = open_index(root)
    want = {text: answer(index, Question(text)).hits[0].id for text in questions(200)
            if answer(index, Question(text)).hits}  # fmt: skip
    server, address = await asyncio.to_thread(_start, cluster.address, root)
    victim, held = await asyncio.to_thread(_fullest, cluster)
    try:
        told: list[Told] = []
        stop = asyncio.Event()
        connector = aiohttp.TCPConnector(limit=CLIENTS)
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            clients = [
                asyncio.create_task(_client(session, address, want, number, told, stop))
                for number in range(CLIENTS)
            ]
            await asyncio.sleep(BEFORE_S)
            lost = time.monotonic()
            _send(sent, victim)
            await asyncio.sleep(AFTER_S)
            stop.set()
            await asyncio.gather(*clients)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        _send(signal.SIGKILL, victim)
        cluster.remove_node(victim, allow_graceful=False)
    return {"replicas_lost": held, **_figures(told, lost)}


def _fullest(cluster: Any) -> tuple[Any, int]:
    """The node beside the head that holds the most replicas, and how many these are."""
    import ray

    join(cluster.address)
    actors = ray.util.list_named_actors(all_namespaces=True)
    signs = [ray.get_actor(**actor).touch.remote() for actor in actors]
    held = Counter(sign.node for sign in ray.get(signs))
    leave()
    victim = max(cluster.worker_nodes, key=lambda node: held[node.node_id])
    return victim, held[victim.node_id]


def _start(cluster: str, root: Path) -> tuple[subprocess.Popen[str], str]:
    settings = {
        "FIRSTLINE_JOURNAL": "0",
        "FIRSTLINE_CLUSTER_SHARD_CPUS": "0",
        "FIRSTLINE_CLUSTER_DEADLINE_S": str(DEADLINE_S),
    }
    command = [sys.executable, "-m", "service", "serve", "--index", str(root), "--port", "0",
               "--cluster", cluster]  # fmt: skip
    server = subprocess.Popen(
        command, env=os.environ | settings, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    assert server.stderr is not None
    for line in server.stderr:
        if "answers at" in line:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return server, line.split()[-1]
    raise RuntimeError("the server did not start")


async def _client(
    session: aiohttp.ClientSession,
    address: str,
    want: dict[str, str],
    number: int,
    told: list[Told],
    stop: asyncio.Event,
) -> None:
    texts = list(want)
    while not stop.is_set():
        number += 1
        text = texts[number % len(texts)]
        at = time.monotonic()
        right = partial = False
        failed = ""
        try:
            async with session.get(f"{address}v1/ask", params={"q": text}) as response:
                fields = await response.json(content_type=None)
                failed = "" if response.status == 200 else str(fields.get("code"))
                partial = bool(fields.get("partial"))
                hits = fields.get("hits") or [{"id": None}]
                right = not failed and hits[0]["id"] == want[text]
        except (aiohttp.ClientError, TimeoutError) as error:
            failed = type(error).__name__
        told.append(Told(at, time.monotonic() - at, right, partial, failed))


def _figures(told: list[Told], lost: float) -> dict[str, Any]:
    before = sorted(one.took for one in told if one.at < lost - 1)
    less = [
        one.at + one.took
        for one in told
        if (one.partial or one.failed) and one.at + one.took > lost
    ]
    return {
        "requests": len(told),
        "per_second_before": round(len(before) / (BEFORE_S - 1)),
        "p50_ms_before": round(before[len(before) // 2] * 1e3, 1),
        "p99_ms_before": round(before[int(len(before) * 0.99)] * 1e3, 1),
        "slowest_ms": round(max(one.took for one in told) * 1e3),
        "wrong": sum(not (one.right or one.partial or one.failed) for one in told),
        "hung": sum(one.took > DEADLINE_S + 3 for one in told),
        "failed": sum(bool(one.failed) for one in told),
        "partial": sum(one.partial for one in told),
        "partial_before": sum(one.partial for one in told if one.at + one.took < lost),
        "whole_again_s": round(max([0.0, *(at - lost for at in less)]), 1),
    }
