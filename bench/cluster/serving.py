"""Questions a second and the slowest in a hundred, against shards and replicas."""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.cluster.corpus import questions, tickets
from bench.cluster.nodes import three_nodes
from index_builder.build import build, silent
from index_builder.config import BuildSettings
from index_builder.shards.build import build_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import OwnHands
from service.cluster.connection import join, leave
from service.cluster.opening import answer_from_shards, cluster_opener
from service.cluster.replicas import ReplicaSettings
from service.retrieval.answers import Answer, Question, answer
from service.retrieval.index import open_index

SETTINGS = BuildSettings(pickles=False)
SHARDS = (1, 2, 4)
REPLICAS = (1, 2)
THREADS = 8
SECONDS = 4.0


def asked(ask: Callable[[Question], Answer], threads: int) -> dict[str, float]:
    """Ask from so many threads for some seconds; the CPU time is that of the asking process."""
    texts = itertools.cycle(Question(text) for text in questions(500))
    turn = threading.Lock()
    took: list[float] = []
    until = time.perf_counter() + SECONDS

    def work() -> None:
        while time.perf_counter() < until:
            with turn:
                question = next(texts)
            began = time.perf_counter()
            ask(question)
            took.append((time.perf_counter() - began) * 1e3)

    spent = time.process_time()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spent = time.process_time() - spent
    took.sort()
    return {
        "per_second": round(len(took) / SECONDS),
        "p50_ms": round(took[len(took) // 2], 2),
        "p99_ms": round(took[int(len(took) * 0.99)], 2),
        "cpu_ms": round(spent / len(took) * 1e3, 2),
    }


def measured(rows: int) -> dict[str, Any]:
    """One index in one piece, in shards here, and in shards on three nodes of this machine."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="firstline-") as folder:
        root = Path(folder)
        build(list(tickets(rows)), root / "0", SETTINGS)
        for shards in SHARDS:
            hands = OwnHands(silent)
            out = Depot(str(root / str(shards)))
            build_shards(tickets(rows), out, SETTINGS, shards=shards, hands=hands)
        for shards in (0, *SHARDS):
            index = open_index(root / str(shards))
            index.warm()
            here = asked(lambda question, index=index: answer(index, question), 1)
            found.append({"where": "here", "shards": shards, "replicas": 0, **here})
        with three_nodes() as cluster:
            for shards, replicas in itertools.product(SHARDS, REPLICAS):
                found.append(_on_cluster(cluster.address, root / str(shards), shards, replicas))
    return {"rows": rows, "runs": found}


def _on_cluster(address: str, root: Path, shards: int, replicas: int) -> dict[str, Any]:
    settings = ReplicaSettings(replicas, cpus=0, lease_s=5)
    index = cluster_opener(address, root, None, settings, 10.0)(root)
    index.warm()
    alone = asked(lambda question: answer_from_shards(index, question), 1)
    many = asked(lambda question: answer_from_shards(index, question), THREADS)
    index.close()
    leave()
    time.sleep(8)  # the replicas' lease runs out
    join(address)
    return {
        "where": "three nodes",
        "shards": shards,
        "replicas": replicas,
        "alone": alone,
        "many": many,
    }
