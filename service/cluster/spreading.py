"""
On which node a replica is to be: not where another of its shard is, and not where all are.

Ray starts a lost replica again wherever there is room, beside its twin too, and leaves it there
when a new node has come. The next loss would then take the whole shard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from service.cluster.standing import Replica

# Where each replica is, by the id of its node.
Whereabouts = Mapping[Replica, str]


def best_node(
    replica: Replica, where: Whereabouts, nodes: Mapping[str, float], cpus: float
) -> str | None:
    """
    The node with the fewest replicas of the same shard, then the fewest of all; None: no room.

    Args:
        replica: the one that a node is wanted for; where it is now does not count.
        where: the replicas of the index.
        nodes: the working nodes, each with its CPUs.
        cpus: what a replica takes of them.

    """
    others = [(one, node) for one, node in where.items() if one != replica]
    held = Counter(node for _, node in others)
    of_shard = Counter(node for (shard, _), node in others if shard == replica[0])
    roomy = [node for node, has in nodes.items() if (held[node] + 1) * cpus <= has]
    return min(roomy, key=lambda node: (of_shard[node], held[node]), default=None)


def misplaced(
    where: Whereabouts, nodes: Mapping[str, float], cpus: float
) -> Iterator[tuple[Replica, str]]:
    """The replicas that share a node with one of their shard, each with a node that has none."""
    for replica, node in sorted(where.items()):
        shared = {there for one, there in where.items() if one[0] == replica[0] and one != replica}
        if node in shared:
            better = best_node(replica, where, nodes, cpus)
            if better is not None and better not in shared:
                yield replica, better
