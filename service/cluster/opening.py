"""Opening an index whose shards are on a cluster, and answering from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from service.cluster.connection import join, survey
from service.cluster.far_shards import FarShards
from service.cluster.replicas import Replicas, ReplicaSettings
from service.errors import ArtefactError
from service.retrieval.answers import Answer, Question, answer
from service.retrieval.artefact import open_generation
from service.retrieval.sharded import ShardedIndex


def cluster_opener(
    address: str, root: Path, key: bytes | None, settings: ReplicaSettings, deadline_s: float
) -> Callable[[Path], ShardedIndex]:
    """
    Join the cluster, look at its nodes, and give the function that opens an index there.

    Raises:
        ConfigError, ClusterUnavailable: the cluster cannot be used.

    """
    join(address)
    survey([str(root.absolute())])
    replicas = Replicas(root, key, settings)

    def open_index(folder: Path) -> ShardedIndex:
        reader = open_generation(folder, key=key)
        shards = reader.info.get("shards")
        if not shards:
            raise ArtefactError(
                f"{reader.folder} is in one piece, and --cluster serves shards. Build it with: "
                "firstline-index build --shards N"
            )
        replicas.prepare(reader.generation, len(shards))
        return ShardedIndex(reader, FarShards(replicas, reader.generation, deadline_s))

    return open_index


def answer_from_shards(index: ShardedIndex, question: Question) -> Answer:
    """As ``answers.answer``; says so when a shard was away."""
    view = index.for_question()
    reply = answer(view, question)
    return replace(reply, partial=True) if view.partial else reply
