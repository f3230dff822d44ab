"""Which node a replica is made on, and which replica has to move."""

from __future__ import annotations

from service.cluster.spreading import best_node, misplaced

NODES = {"a": 2.0, "b": 2.0, "c": 2.0}


def test_replicas_are_dealt_out_evenly_and_apart() -> None:
    """Two of each of three shards on three nodes: each node has two, of different shards."""
    where: dict[tuple[int, int], str] = {}
    for shard in range(3):
        for number in range(2):
            node = best_node((shard, number), where, NODES, 1.0)
            assert node is not None
            where[shard, number] = node
    assert sorted(where.values()) == ["a", "a", "b", "b", "c", "c"]
    assert all(where[shard, 0] != where[shard, 1] for shard in range(3))
    assert list(misplaced(where, NODES, 1.0)) == []


def test_a_full_node_is_left_out() -> None:
    """None when all are full, so that Ray may add one; without CPUs there is always room."""
    where = {(0, 0): "a", (0, 1): "b"}
    assert best_node((1, 0), where, {"a": 1.0, "b": 1.0, "c": 1.0}, 1.0) == "c"
    assert best_node((1, 0), where, {"a": 1.0, "b": 1.0}, 1.0) is None
    assert best_node((1, 0), where, {"a": 0.0}, 0.0) == "a"


def test_one_of_two_on_the_same_node_is_moved() -> None:
    """To the node with least on it; not where the third of its shard is, nor onto a full one."""
    where = {(0, 0): "a", (0, 1): "a", (0, 2): "b", (1, 0): "c"}
    assert next(misplaced(where, NODES, 1.0)) == ((0, 0), "c")
    assert list(misplaced(where, {"a": 2.0, "b": 2.0}, 1.0)) == []
    assert list(misplaced(where, {**NODES, "c": 1.0}, 1.0)) == []
