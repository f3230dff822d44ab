"""A builder killed at random moments leaves the old index or the new one, and never neither."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from bench.reliability.forked import fork, kill_after
from bench.reliability.knowledge import SETTINGS, entries
from bench.reliability.row import Row
from index_builder.build import build
from service.errors import FirstlineError
from service.retrieval.artefact import current
from service.retrieval.index import open_index


def measure(trials: int) -> Row:
    """*trials* builds, killed anywhere between their beginning and a little after their end."""
    rng = random.Random(0)
    lost: list[str] = []
    killed = renewed = 0
    with tempfile.TemporaryDirectory() as folder:
        out, log = Path(folder) / "index", Path(folder) / "log"
        build(entries(), out, SETTINGS)
        began = time.perf_counter()
        build(entries(), out, SETTINGS)
        takes_s = time.perf_counter() - began
        for number in range(trials):
            before = current(out)
            child = fork(lambda: build(entries(), out, SETTINGS), log)
            killed += kill_after(child, rng.uniform(0, 1.2 * takes_s))
            try:
                renewed += open_index(out).generation != before
            except FirstlineError as error:
                lost.append(f"trial {number}: {error}")
        left = [path.name for path in out.iterdir() if path.name.endswith(".partial")]
        build(entries(), out, SETTINGS)
        stale = [name for name in left if (out / name).exists()]
    return Row(
        "builder killed",
        f"{trials:,} trials: the old index or the new, never neither",
        f"{killed:,} killed, {renewed:,} had published, {len(lost)} lost {lost[:2] or ''}; "
        f"{len(stale)} half-written folders left after the next build",
        not lost and not stale and killed > trials / 2,
    )


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
