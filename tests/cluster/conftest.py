"""Three nodes of a Ray cluster on this machine, and a corpus small enough to build on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.cluster.connection import join, leave
from service.retrieval.entries import Entry

WORDS = (
    "printer offline wifi slow router paper jam driver blue screen mac sound reset cable".split()
)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A head and two more nodes; none of them outlives the tests."""
    pytest.importorskip("ray", reason="Ray (extra: cluster) is not installed")
    import ray
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
    # A lost node is noticed in two seconds instead of fifteen, so that the tests are quick.
    noticed = {"health_check_period_ms": 500, "health_check_failure_threshold": 4}
    head = {**node, "include_dashboard": False, "_system_config": noticed}
    started = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(2):
            started.add_node(**node)
        yield started
    finally:
        ray.shutdown()
        started.shutdown()


@pytest.fixture
def joined(cluster: Any) -> Iterator[Any]:
    """The cluster, joined for the time of one test."""
    join(cluster.address)
    yield cluster
    leave()


def corpus(count: int, shift: int = 0) -> tuple[Entry, ...]:
    """Entries that share their words; *shift* makes another corpus of the same ids."""
    return tuple(
        Entry(
            id=f"entry-{number}",
            title=" ".join(WORDS[(number * step + shift) % len(WORDS)] for step in (1, 3, 5)),
            text=f"Text {number} of {WORDS[(number + shift) % len(WORDS)]}.",
            questions=tuple(
                f"{WORDS[(number + n + shift) % len(WORDS)]} {WORDS[number * n % len(WORDS)]} {n}"
                for n in range(4)
            ),
        )
        for number in range(count)
    )
