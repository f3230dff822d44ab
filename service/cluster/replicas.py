"""
The replicas of every shard: which node each is on, and who takes its place.

They are actors with names, so that every server of an index finds the same ones. Ray restarts one
whose process or node is lost, on another node; one that has ended for good is made anew here. One
that has fallen silent is asked last (``standing``) until it has opened the generation again.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ray
import structlog
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from service.cluster.keeper import ShardKeeper
from service.cluster.spreading import best_node, misplaced
from service.cluster.standing import PAUSE_S, Replica, Standing
from service.errors import ArtefactError

log = structlog.get_logger("firstline.cluster")
# Questions that one replica works on at a time; the loops let go of the interpreter.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class ReplicaSettings:
    """How many replicas each shard has, and what one is given."""

    replicas: int = 2
    cpus: float = 1.0
    lease_s: float = 30.0
    open_s: float = 120.0


class Replicas:
    """The actors of one index, and the care of them."""

    def __init__(self, root: Path, key: bytes | None, settings: ReplicaSettings) -> None:
        self._root = root.absolute()
        self._key = key
        self._settings = settings
        place = f"{self._root} {version('firstline')}".encode()
        # Servers of another version keep to their own actors while an update rolls on.
        self._namespace = f"firstline-{hashlib.sha256(place).hexdigest()[:12]}"
        self.standing = Standing()
        self._actors: dict[int, list[Any]] = {}
        # Where each replica is, or is to be; moves that were made are not made again.
        self._where: dict[Replica, str] = {}
        self._moved: set[tuple[Replica, str]] = set()
        self._generation = ""
        # Silent replicas that are opening the generation, with what they will say.
        self._looks: dict[Replica, Any] = {}
        self._stop = threading.Event()
        self._care = threading.Thread(target=self._look_after, daemon=True, name="replicas")
        self._actor = ray.remote(ShardKeeper)

    def of(self, shard: int) -> list[Any]:
        """The replicas of one shard."""
        return self._actors[shard]

    def prepare(self, generation: str, shards: int) -> None:
        """
        Open a generation on every replica, one shard after the other.

        Raises:
            ArtefactError: no replica of some shard can open it.

        """
        for shard in range(shards):
            actors = self._actors.get(shard) or self._make(shard)
            opened = [actor.prepare.remote(generation) for actor in actors]
            ray.wait(opened, num_returns=len(opened), timeout=self._settings.open_s)
            found = enumerate(_trouble(one) for one in opened)
            troubles = {number: trouble for number, trouble in found if trouble is not None}
            if len(troubles) == len(opened):
                raise troubles[0]
            for number, trouble in troubles.items():
                log.warning("replica_behind", shard=shard, reason=str(trouble))
                self.standing.fell_silent((shard, number))
        self._generation = generation

    def release(self, generation: str) -> None:
        """
        This server asks for a generation no more.

        Where that was the last one no more signs are given, and replicas that no other server
        looks after end by themselves.
        """
        if generation == self._generation:
            self._stop.set()
            return
        for actors in self._actors.values():
            for actor in actors:
                actor.forget.remote(generation)

    def _make(self, shard: int) -> list[Any]:
        nodes = _working_nodes()
        if shard == 0 and len(nodes) < self._settings.replicas:
            log.warning(
                "fewer_nodes_than_replicas",
                nodes=len(nodes),
                replicas=self._settings.replicas,
                consequence="several replicas of a shard share a node and are lost with it",
            )
        made = [self._named(shard, number, nodes) for number in range(self._settings.replicas)]
        self._actors[shard] = made
        if not self._care.is_alive():  # from the first one on: opening may outlast a lease
            self._care.start()
        return made

    def _named(self, shard: int, number: int, nodes: dict[str, float]) -> Any:
        cpus = self._settings.cpus
        # Soft, so that a lost one moves. What the nodes have no room for is left to Ray, whose
        # autoscaler may then add one.
        node = best_node((shard, number), self._where, nodes, cpus)
        where: Any = "SPREAD"
        if node is not None:
            where = NodeAffinitySchedulingStrategy(node, soft=True)
            self._where[shard, number] = node
        return self._actor.options(
            name=f"shard-{shard}-{number}",
            namespace=self._namespace,
            get_if_exists=True,
            lifetime="detached",
            num_cpus=cpus,
            # Ray puts what takes nothing anywhere, whatever it is told; a byte is something.
            memory=None if cpus else 1,
            max_concurrency=_AT_ONCE,
            max_restarts=-1,
            max_task_retries=0,  # Ray would wait for this one; we ask another
            scheduling_strategy=where,
        ).remote(str(self._root), shard, self._key, self._settings.lease_s)

    def _look_after(self) -> None:
        """Give signs of life, and take back or make anew what has fallen silent."""
        every_s = self._settings.lease_s / 5
        signs_due = time.monotonic() + every_s
        while not self._stop.wait(min(PAUSE_S, every_s)):
            if not ray.is_initialized():  # a call would start a cluster of its own
                return
            try:
                if time.monotonic() >= signs_due:
                    signs_due = time.monotonic() + every_s
                    self._give_signs()
                    self._spread()
                self._look_at_silent()
            except Exception as error:
                log.warning("replicas_not_seen", reason=repr(error))

    def _give_signs(self) -> None:
        signs = {
            actor.touch.remote(): (shard, number)
            for shard, actors in list(self._actors.items())
            for number, actor in enumerate(actors)
        }
        done, _ = ray.wait(list(signs), num_returns=len(signs), timeout=self._settings.lease_s / 10)
        for sign in done:  # the others may only be at work: questions know that better
            if _trouble(sign) is None:
                self._where[signs[sign]] = ray.get(sign).node
            else:
                self.standing.fell_silent(signs[sign])

    def _spread(self) -> None:
        """
        Move a replica that shares its node with another of its shard, one at a time.

        It is ended here, and made anew where it should be when it is looked at.
        """
        if any(self.standing.is_silent(replica) for replica in self._where):
            return
        nodes = _working_nodes()
        for replica, node in misplaced(self._where, nodes, self._settings.cpus):
            if (replica, node) not in self._moved:
                shard, number = replica
                log.info("replica_moved", shard=shard, replica=number, node=node)
                self._moved.add((replica, node))
                self.standing.fell_silent(replica)
                ray.kill(self._actors[shard][number])
                return

    def _look_at_silent(self) -> None:
        """
        Have each silent replica open the generation; one that does is asked by people again.

        Nothing is waited for: what has not answered yet is looked at again next time.
        """
        for replica in self.standing.to_look_at():
            if replica not in self._looks and self._generation:
                shard, number = replica
                actor = self._actors[shard][number]
                self._looks[replica] = actor.prepare.remote(self._generation)
        if not self._looks:
            return
        done, _ = ray.wait(list(self._looks.values()), num_returns=len(self._looks), timeout=0)
        for replica in [one for one, look in self._looks.items() if look in done]:
            trouble = _trouble(self._looks.pop(replica))
            if trouble is None:
                self.standing.gave_sign(replica)
                continue
            self.standing.fell_silent(replica)
            if isinstance(trouble, ReplicaEnded):
                self._make_anew(*replica)

    def _make_anew(self, shard: int, number: int) -> None:
        log.warning("replica_made_anew", shard=shard, replica=number)
        anew = self._named(shard, number, _working_nodes())
        self._actors[shard][number] = anew
        self._looks[shard, number] = anew.prepare.remote(self._generation)


def _working_nodes() -> dict[str, float]:
    """Living nodes with their CPUs; those that are there to coordinate have none and are left."""
    living = {
        node["NodeID"]: float(node["Resources"].get("CPU", 0.0))
        for node in sorted(ray.nodes(), key=lambda node: str(node["NodeID"]))
        if node["Alive"]
    }
    return {node: cpus for node, cpus in living.items() if cpus > 0} or living


class ReplicaEnded(ArtefactError):
    """An actor that Ray will not restart."""


def _trouble(reference: Any) -> ArtefactError | None:
    """What went wrong with a call; None where it is done well."""
    try:
        ray.get(reference, timeout=0)
    except ray.exceptions.ActorDiedError as error:
        return ReplicaEnded(f"A replica of a shard has ended: {str(error).splitlines()[0]}")
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ArtefactError):
            return error.cause
        return ArtefactError(f"A shard could not be opened: {error.cause or error!r}")
    except ray.exceptions.GetTimeoutError:
        cpus = ray.cluster_resources().get("CPU", 0)
        return ArtefactError(
            f"A replica of a shard did not start in time; the cluster has {cpus:g} CPUs, and each "
            "replica takes cluster_shard_cpus of them. Add nodes, or lower cluster_replicas."
        )
    except ray.exceptions.RayError as error:
        return ArtefactError(f"A shard could not be opened: {error!r}")
    return None
