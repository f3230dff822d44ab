"""Three nodes of a Ray cluster on this machine, and a corpus small enough to build on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index_builder.build import silent
from index_builder.config import BuildSettings
from index_builder.shards.command import build_in_shards
from index_builder.shards.hands import Progress
from service.cluster.connection import join, leave
from service.retrieval.entries import Entry

WORDS = (
    "printer offline wifi slow router paper jam driver blue screen mac sound reset cable".split()
)
SETTINGS = BuildSettings(lemmas="none", pickles=False)


@pytest.fixture(scope="session")
def storage() -> Iterator[str | None]:
    """Where a server on this machine speaks S3; None where what it takes is not installed."""
    try:
        import s3fs  # noqa: F401 - what fsspec opens s3:// with
        from moto.server import ThreadedMotoServer
    except ImportError:
        yield None
        return
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield address
    server.stop()


@pytest.fixture(scope="session")
def cluster(storage: str | None) -> Iterator[Any]:
    """A head and two more nodes, which know the storage; none of them outlives the tests."""
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


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of the live generation; of its manifest, not the name and the birthday."""
    folder = root / (root / "CURRENT").read_text().strip()
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    manifest = json.loads(found.pop("manifest.json"))
    del found["manifest.seal"]  # the digest of that manifest
    del manifest["generation"], manifest["created"]
    return {**found, "manifest": json.dumps(manifest).encode()}


def build_there(source: Path, out: Path | str, address: str, progress: Progress = silent) -> None:
    """The same corpus, from three files, on the cluster."""
    lines = [
        json.dumps({"id": e.id, "title": e.title, "questions": e.questions, "answer": e.text})
        for e in corpus(60)
    ]
    source.mkdir()
    for part in range(3):
        text = "\n".join(lines[part * 20 : part * 20 + 20])
        (source / f"part-{part}.jsonl").write_text(text + "\n")
    build_in_shards(
        [source],
        out,
        SETTINGS,
        shards=3,
        cluster=address,
        form=None,
        keep_going=False,
        tolerance=0,
        force=False,
        key=None,
        progress=progress,
    )
