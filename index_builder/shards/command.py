"""What ``build --shards`` and ``build --cluster`` do, from sources to a report."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from index_builder.build import BuildReport
from index_builder.config import BuildSettings
from index_builder.corpus_files import read_beside
from index_builder.shards.build import build_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import Hands, OwnHands, Progress
from index_builder.shards.reading import read_in_pieces
from index_builder.sources.ledger import Ledger
from index_builder.sources.reading import Reading, read
from service.errors import ConfigError


def build_in_shards(
    sources: Sequence[Path],
    out: Path | str,
    settings: BuildSettings,
    *,
    shards: int | None,
    cluster: str | None,
    form: str | None,
    keep_going: bool,
    tolerance: float,
    force: bool,
    key: bytes | None,
    progress: Progress,
) -> tuple[BuildReport, Ledger]:
    """
    Build in this process, or on a cluster that was looked at first.

    Raises:
        ConfigError, ClusterUnavailable: the cluster cannot be used; nothing was begun.
        CorpusError: the sources have problems; nothing was published.

    """
    depot = Depot(out if isinstance(out, str) else str(out.absolute()))
    if cluster is None:
        if shards is None:
            raise ConfigError(f"--out {depot.place} is a URL: say into how many --shards to cut it")
        reading = read(sources, form=form, keep_going=keep_going)
        return _build(
            reading, sources, depot, settings, shards, OwnHands(progress), tolerance, force, key
        )
    from index_builder.cluster import RayHands
    from service.cluster.connection import join, leave, survey

    sources = [source.absolute() for source in sources]
    work = f".read-{secrets.token_hex(6)}"
    join(cluster)
    try:
        # A folder may be there on every node and yet be another one on each: look for a file.
        depot.write(f"{work}/seen", b"")
        nodes = survey([*map(str, sources), f"{depot.place}/{work}/seen"])
        hands = RayHands(progress)
        items = read_in_pieces(sources, form, depot, work, hands)
        reading = read(sources, form=form, keep_going=keep_going, items=items)
        return _build(
            reading, sources, depot, settings, shards or len(nodes), hands, tolerance, force, key
        )
    finally:
        depot.remove(work)
        leave()


def _build(
    reading: Reading,
    sources: Sequence[Path],
    depot: Depot,
    settings: BuildSettings,
    shards: int,
    hands: Hands,
    tolerance: float,
    force: bool,
    key: bytes | None,
) -> tuple[BuildReport, Ledger]:
    report = build_shards(
        reading.entries,
        depot,
        settings,
        shards=shards,
        hands=hands,
        beside=read_beside(sources),
        tolerance=tolerance,
        force=force,
        key=key,
    )
    return report, reading.ledger
