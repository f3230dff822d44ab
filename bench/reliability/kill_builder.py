"""A builder killed at any moment leaves the old index or the new one, and never neither."""

from __future__ import annotations

import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.reliability.forked import fork, kill_after
from bench.reliability.knowledge import SETTINGS, entries
from bench.reliability.row import Row
from index_builder.build import build
from service.errors import FirstlineError
from service.retrieval.artefact import current, generations
from service.retrieval.index import open_index

UNDISTURBED = 5
# From a generation's real name to its name in CURRENT is a thousandth of a build: no moment drawn
# from the whole falls there, so every other trial waits for it and is killed within so long.
PUBLISHING_S = 0.0006
_GENERATION = re.compile(r"g-[^.]+")
# How a killed build left the folder.
BEFORE, BETWEEN, AFTER = "before", "between", "after"


def measure(trials: int) -> Row:
    """*trials* builds: every other killed anywhere in its time, the others while they publish."""
    rng = random.Random(0)
    lost: list[str] = []
    fell: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        out, log = Path(folder) / "index", Path(folder) / "log"

        def start() -> int:
            return fork(lambda: build(entries(), out, SETTINGS), log)

        build(entries(), out, SETTINGS)
        takes_s = statistics.median(_undisturbed_s(start) for _ in range(UNDISTURBED))
        for number in range(trials):
            before, known = current(out), _names(out)
            child = start()
            if number % 2:
                _wait_for_publishing(child, out, known)
                killed = kill_after(child, rng.uniform(0, PUBLISHING_S))
            else:
                killed = kill_after(child, rng.uniform(0, 1.2 * takes_s))
            try:
                where = _where(out, before, known)
            except FirstlineError as error:
                lost.append(f"trial {number}: {error}")
            else:
                fell[where] += killed
        build(entries(), out, SETTINGS)
        whole = set(generations(out))
        stale = [name for name in _names(out) if name[:2] == "g-" and name not in whole]
    killed_in_all = sum(fell.values()) + len(lost)
    return Row(
        "builder killed",
        f"{trials:,} trials, half of them while publishing: the old index or the new, never "
        "neither",
        f"{killed_in_all:,} killed: {fell[BEFORE]:,} before the new generation was whole, "
        f"{fell[BETWEEN]:,} between that and its name in CURRENT, {fell[AFTER]:,} after; "
        f"{len(lost)} lost {lost[:2] or ''}; {len(stale)} half-written folders left after the "
        "next build",
        not lost and not stale and killed_in_all > trials / 2 and fell[BETWEEN] + fell[AFTER] > 0,
    )


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _undisturbed_s(start: Callable[[], int]) -> float:
    began = time.perf_counter()
    os.waitpid(start(), 0)
    return time.perf_counter() - began


def _wait_for_publishing(child: int, out: Path, known: set[str]) -> None:
    """Until a whole new generation lies in *out*, or the child ends without one."""
    while not any(_GENERATION.fullmatch(name) for name in _names(out) - known):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return


def _where(out: Path, before: str, known: set[str]) -> str:
    """
    Where a kill fell; the index that it left is opened and answers for itself.

    Raises:
        FirstlineError: it left none.

    """
    if open_index(out).generation != before:
        return AFTER
    return BETWEEN if set(generations(out)) - known else BEFORE


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
