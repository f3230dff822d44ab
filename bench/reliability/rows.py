"""All promises and how much of each is tried: the whole, or a share of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.reliability import (
    damage,
    descriptors,
    disk_full,
    frames,
    fuzz_api,
    hostile_run,
    idle,
    shutdown,
    slow_headers,
    slow_readers,
    soak,
    swaps,
    texts,
)
from bench.reliability.knowledge import make_index
from bench.reliability.row import Row
from bench.reliability.server import serving
from service.retrieval.index import open_index

Measure = Callable[[Path, Path, float], Row]
ROOT = Path(__file__).resolve().parents[2]


def _count(whole: int, share: float) -> int:
    return max(1, round(whole * share))


def _hostile(index: Path, work: Path, share: float) -> Row:
    with serving(index, work, **hostile_run.SETTINGS) as server:
        return hostile_run.measure(server, rounds=3 + _count(17, share))


def _api(index: Path, work: Path, share: float) -> Row:
    with serving(index, work) as server:
        return fuzz_api.measure(server, _count(20_000, share))


def _texts(index: Path, _: Path, share: float) -> Row:
    return texts.measure(open_index(index), _count(100_000, share))


def _frames(index: Path, work: Path, share: float) -> Row:
    with serving(index, work) as server:
        return frames.measure(server.port, _count(100_000, share))


def _idle(index: Path, work: Path, share: float) -> Row:
    with serving(index, work, max_connections=6_000) as server:
        return idle.measure(server, 5_000, 600 * share)


def _slow_readers(index: Path, work: Path, _: float) -> Row:
    with serving(index, work) as server:
        return slow_readers.measure(server, 200)


def _slow_headers(index: Path, work: Path, share: float) -> Row:
    with serving(index, work) as server:
        return slow_headers.measure(server, _count(500, share))


def _slowhttptest(index: Path, work: Path, _: float) -> Row:
    with serving(index, work) as server:
        return slow_headers.measure_with_slowhttptest(server, 500, work)


def _shutdown(index: Path, work: Path, _: float) -> Row:
    with serving(index, work) as server:
        return shutdown.measure(server, 500, 20)


def _damage(index: Path, work: Path, share: float) -> Row:
    return damage.measure(index, work, _count(10_000, share))


def _swaps(_: Path, work: Path, share: float) -> Row:
    return swaps.measure(work, _count(1_000, share))


def _disk_full(index: Path, work: Path, share: float) -> Row:
    return disk_full.measure(index, work, _count(1_000, share))


def _descriptors(index: Path, work: Path, _: float) -> Row:
    return descriptors.measure(index, work, 10)


def _soak(_: Path, work: Path, share: float) -> Row:
    return soak.measure(work, 600 * share)


def _in_own_process(name: str, trials: int) -> Measure:
    """A row that forks, and so needs a parent without threads."""

    def measure(_: Path, __: Path, share: float) -> Row:
        ran = subprocess.run(
            [sys.executable, "-m", f"bench.reliability.{name}", str(_count(trials, share))],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = re.match(r"(.+): (\w+)\n  target    (.+)\n  measured  (.+)", ran.stdout)
        if found is None:
            return Row(name, "", f"did not run: {ran.stderr[-300:]}", False)
        return Row(found[1], found[3], found[4], found[2] == "pass")

    return measure


ROWS: dict[str, Measure] = {
    "hostile": _hostile,
    "api": _api,
    "texts": _texts,
    "frames": _frames,
    "idle": _idle,
    "slow-readers": _slow_readers,
    "slow-headers": _slow_headers,
    "slowhttptest": _slowhttptest,
    "shutdown": _shutdown,
    "damage": _damage,
    "killed-builder": _in_own_process("kill_builder", 3_100),
    "swaps": _swaps,
    "killed-server": _in_own_process("kill_server", 1_000),
    "disk-full": _disk_full,
    "descriptors": _descriptors,
    "soak": _soak,
}


def measured(names: list[str], work: Path, share: float) -> Iterator[tuple[str, Row]]:
    """One row after the other; one that breaks is a row that did not pass."""
    index = make_index(work / "index")
    for name in names:
        folder = work / name
        folder.mkdir()
        try:
            yield name, ROWS[name](index, folder, share)
        except Exception as error:
            yield name, Row(name, "", f"{type(error).__name__}: {error}"[:300], False)
