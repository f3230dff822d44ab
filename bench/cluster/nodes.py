"""Three nodes of a Ray cluster on this machine, for as long as something is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
# As RAY_health_check_... in the environment of the head: docs/how-to/cluster.md, deploy/kuberay.
NOTICED = {
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 2000,
    "health_check_failure_threshold": 3,
}


@contextmanager
def three_nodes() -> Iterator[Any]:
    """A head and two more; all of them are stopped at the end."""
    import ray
    from ray.cluster_utils import Cluster

    head = {**NODE, "include_dashboard": False, "_system_config": NOTICED}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(2):
            cluster.add_node(**NODE)
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()
