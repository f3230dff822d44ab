"""
Joining a Ray cluster, and looking at its nodes before any work starts.

Ray waits ten minutes and more for a cluster that is not there, and finds out late that a node has
another version or does not see a folder. Here each is a sentence at once.
"""

from __future__ import annotations

import os
import platform
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from service.errors import ClusterUnavailable, ConfigError

# Ray starts a cluster of its own where it is used without one: after ours is left, by a thread that
# is a moment late. It looks at this when it is imported.
os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")
_CONNECT_S = 3.0
_JOIN_S = 30.0
_SURVEY_S = 60.0
# Where Ray notes the address of the cluster that was started on this machine.
_NOTED = Path("/tmp/ray/ray_current_cluster")  # noqa: S108 - Ray's choice


@dataclass(frozen=True, slots=True)
class Node:
    """What one node says of itself; ``unseen`` are the places that it cannot see."""

    address: str
    python: str
    ray: str
    firstline: str
    unseen: tuple[str, ...]


def join(address: str) -> None:
    """
    Join the cluster at *address*: ``HOST:PORT`` of its head, or ``auto`` for the one of this node.

    Joined already, nothing happens.

    Raises:
        ConfigError: Ray is not installed, the address is none, or the versions differ.
        ClusterUnavailable: no cluster answers there.

    """
    try:
        import ray
    except ImportError:
        raise ConfigError(
            "--cluster needs Ray, which is not installed: pip install 'firstline[cluster]'"
        ) from None
    if ray.is_initialized():
        return
    place = _address(address)
    _knock(address, *place)
    trouble: list[BaseException] = []
    done = threading.Event()

    def begin() -> None:
        try:
            ray.init(address=f"{place[0]}:{place[1]}", log_to_driver=False, configure_logging=False)
        except BaseException as error:
            trouble.append(error)
        done.set()

    # Ray has no deadline for this: a port that is not a cluster's would hold us for minutes.
    threading.Thread(target=begin, daemon=True, name="join-cluster").start()
    if not done.wait(_JOIN_S):
        raise ClusterUnavailable(
            f"{address} takes connections but did not answer as a Ray cluster within {_JOIN_S:g} "
            "s. Give the address of the cluster's head, as `ray start --head` printed it."
        )
    if trouble:
        raise _explained(address, trouble[0]) from trouble[0]


def leave() -> None:
    """Leave the cluster; it goes on without us."""
    import ray

    ray.shutdown()


def _address(address: str) -> tuple[str, int]:
    if address == "auto":
        found = os.environ.get("RAY_ADDRESS", "")
        if not found and _NOTED.is_file():
            found = _NOTED.read_text("utf-8").strip()
        if not found:
            raise ClusterUnavailable(
                "--cluster auto: no Ray cluster runs on this machine. Start one with `ray start "
                "--head`, join one with `ray start --address=HOST:PORT`, or name its address."
            )
        address = found
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdigit():
        raise ConfigError(
            f"--cluster {address}: expected HOST:PORT of the cluster's head, or auto. Run this on "
            "a machine of the cluster: a ray:// address is not enough."
        )
    return host.strip("[]"), int(port)


def _knock(address: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), _CONNECT_S).close()
    except OSError as error:
        raise ClusterUnavailable(
            f"--cluster {address}: nothing answers at {host} port {port} "
            f"({error.strerror or error}). Start a cluster with `ray start --head`, or check the "
            "address."
        ) from error


def _explained(address: str, error: BaseException) -> Exception:
    text = " ".join(str(error).split())
    if "ersion mismatch" in text:
        return ConfigError(
            f"--cluster {address}: the cluster and this machine differ in their versions. {text} "
            "Install the same Python and firstline[cluster] on every node."
        )
    return ClusterUnavailable(f"--cluster {address}: the cluster could not be joined: {text[:500]}")


def describe_node(places: Sequence[str]) -> Node:
    """Run on each node: its versions, and which of *places* it cannot see."""
    import ray

    unseen = tuple(place for place in places if not _sees(place))
    return Node(
        ray.util.get_node_ip_address(),
        platform.python_version(),
        str(ray.__version__),
        version("firstline"),
        unseen,
    )


def _sees(place: str) -> bool:
    if "://" not in place:
        return Path(place).exists()
    from fsspec.core import url_to_fs

    files, path = url_to_fs(place)
    return bool(files.exists(path))


def survey(places: Sequence[str]) -> list[Node]:
    """
    Ask every node for its versions and whether it sees *places*.

    Raises:
        ConfigError: a node has other versions than this one, or cannot see a place.
        ClusterUnavailable: a node does not answer, or there is none that works.

    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    asked: list[tuple[str, str, Any]] = []
    ask = ray.remote(num_cpus=0, max_retries=0)(describe_node)
    for node in ray.nodes():
        if node["Alive"]:
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            name = f"{node['NodeManagerAddress']} ({node['NodeID'][:8]})"
            reference = ask.options(scheduling_strategy=there).remote(list(places))
            asked.append((node["NodeID"], name, reference))
    if not ray.cluster_resources().get("CPU"):
        raise ClusterUnavailable("The cluster has no CPU to work with. Add a node to it.")
    references = [reference for _, _, reference in asked]
    ray.wait(references, num_returns=len(references), timeout=_SURVEY_S)
    # A node that was lost meanwhile, or a little before, has no work to do wrongly.
    lost = {node["NodeID"] for node in ray.nodes() if not node["Alive"]}
    return [_checked(name, reference) for node, name, reference in asked if node not in lost]


def _checked(name: str, reference: Any) -> Node:
    import ray

    own = (platform.python_version(), str(ray.__version__), version("firstline"))
    try:
        node: Node = ray.get(reference, timeout=0.1)
    except ray.exceptions.RayTaskError as error:
        raise ConfigError(
            f"Node {name} cannot run Firstline: {type(error.cause or error).__name__}: "
            f"{str(error.cause or error).splitlines()[-1]}. Install firstline[cluster] "
            f"{own[2]} there."
        ) from error
    except (ray.exceptions.RayError, TimeoutError) as error:
        raise ClusterUnavailable(
            f"Node {name} does not answer. Remove it from the cluster, or mend it."
        ) from error
    found = (node.python, node.ray, node.firstline)
    if found != own:
        raise ConfigError(
            f"Node {name} has Python {found[0]}, Ray {found[1]}, Firstline {found[2]}; this "
            f"machine has Python {own[0]}, Ray {own[1]}, Firstline {own[2]}. Install the same "
            "versions on every node."
        )
    if node.unseen:
        raise ConfigError(
            f"Node {name} cannot see {node.unseen[0]}. Put it on storage that every node mounts "
            "at the same path, or name an fsspec URL such as s3://."
        )
    return node
