"""What runs on the nodes: one replica of one shard, with every generation that is asked of it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.retrieval.shard import Shard, ShardReader


@dataclass(frozen=True, slots=True)
class Sign:
    """Where a replica is: the id of its node, and its process there."""

    node: str
    process: int


class ShardKeeper:
    """
    Opens generations when they are asked for, so that one which was restarted needs no telling.

    It is not any server's own: all servers of an index share it, and when none of them has given
    a sign for *lease_s* it calls *leave*.
    """

    def __init__(
        self,
        root: str,
        shard: int,
        key: bytes | None,
        lease_s: float,
        leave: Callable[[], None] | None = None,
    ) -> None:
        self._root = Path(root)
        self._shard = shard
        self._key = key
        self._open: dict[str, Shard] = {}
        self._opening = threading.Lock()
        self._seen = time.monotonic()
        watch = threading.Thread(target=self._watch, args=(lease_s, leave or _leave), daemon=True)
        watch.start()

    def prepare(self, generation: str) -> None:
        """Open a generation beside the one that answers, and compile what it needs."""
        self._of(generation).warm()

    def ask(self, generation: str, method: str, arguments: tuple[Any, ...]) -> Any:
        """Call a method of the shard in one generation."""
        return getattr(self._of(generation), method)(*arguments)

    def forget(self, generation: str) -> None:
        """Let go of a generation; it is opened again should somebody still ask."""
        self._open.pop(generation, None)

    def touch(self) -> Sign:
        """A sign of life from a server, and one for it."""
        self._seen = time.monotonic()
        return Sign(_node(), os.getpid())

    def _of(self, generation: str) -> Shard:
        self._seen = time.monotonic()
        shard = self._open.get(generation)
        if shard is None:
            with self._opening:
                shard = self._open.get(generation)
                if shard is None:
                    reader = ShardReader(self._root / generation, self._shard, self._key)
                    shard = self._open[generation] = Shard(reader)
        return shard

    def _watch(self, lease_s: float, leave: Callable[[], None]) -> None:
        while time.monotonic() - self._seen < lease_s:
            time.sleep(lease_s / 10)
        leave()


def _node() -> str:
    """The Ray node that this runs on; empty outside of Ray."""
    import ray

    return str(ray.get_runtime_context().get_node_id()) if ray.is_initialized() else ""


def _leave() -> None:
    """End this actor for good; merely to exit would have it restarted."""
    import ray

    ray.kill(ray.get_runtime_context().current_actor, no_restart=True)
