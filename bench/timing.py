"""How the speed benchmarks measure, and what they write beside every figure."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path("bench/results")
_LIBRARIES = (
    "numpy", "scipy", "scikit-learn", "numba", "spacy", "bm25s", "tantivy", "aiohttp", "uvloop",
    "orjson", "joblib",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Times:
    """
    The seconds of processor time that one contender took for each question.

    Every contender works in the thread that asks it. Its own time, and not the clock's: on a
    machine that others use too, whoever works longer is interrupted more.
    """

    seconds: tuple[float, ...]

    @property
    def median_us(self) -> float:
        """Microseconds of the median question."""
        return float(np.median(self.seconds)) * 1e6

    @property
    def p99_us(self) -> float:
        """Microseconds that one question in a hundred exceeds."""
        return float(np.percentile(self.seconds, 99)) * 1e6

    def as_dict(self) -> dict[str, float]:
        """What results keep."""
        return {"median_us": round(self.median_us, 2), "p99_us": round(self.p99_us, 2)}


def interleaved(
    contenders: Mapping[str, Callable[[Any], Any]],
    questions: Sequence[Any],
    *,
    budget_s: float = 20.0,
) -> dict[str, Times]:
    """
    Time every contender on every question, one after the other, so that a machine that is busy
    for a while is busy for all of them.

    A slow contender is asked fewer questions, evenly spread, to stay within its budget.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    every: dict[str, int] = {}
    for name, ask in contenders.items():
        for question in questions[:3]:  # the first may still compile something
            began = time.thread_time()
            ask(question)
            each = time.thread_time() - began
        every[name] = max(1, int(each * len(questions) / budget_s))
    for number, question in enumerate(questions):
        for name, ask in contenders.items():
            if number % every[name] == 0:
                began = time.thread_time()
                ask(question)
                seconds[name].append(time.thread_time() - began)
    return {name: Times(tuple(found)) for name, found in seconds.items()}


def growth(sizes: Sequence[int], medians_us: Sequence[float]) -> float:
    """The exponent b of time = a * rows**b, fitted on log axes: 1 is linear, 0 is flat."""
    slope, _ = np.polyfit(np.log(sizes), np.log(medians_us), 1)
    return float(slope)


def origin(material: str) -> dict[str, Any]:
    """Commit, machine and versions: what a figure means nothing without."""
    return {
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": _commit(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {name: found for name in _LIBRARIES if (found := _version(name))},
        "material": material,
        "timed": "processor time",
    }


def save(name: str, results: Mapping[str, Any]) -> Path:
    """Write one benchmark's results where ``bench.speed_page`` finds them."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    return path


def family(parent: int) -> list[int]:
    """A process and all that it started, as far as they still run."""
    found = [parent]
    for member in found:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in children.read_text("ascii").split()]
    return found


def resident_bytes(process: int) -> int:
    """The memory that a process has now, of its own and mapped; 0 when it has ended."""
    return _kilobytes(process, "status", "VmRSS:") * 1024


def proportional_bytes(process: int) -> int:
    """The same, with every shared page divided by the number of those who share it."""
    return _kilobytes(process, "smaps_rollup", "Pss:") * 1024


def _kilobytes(process: int, file: str, field: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/{file}").read_text("ascii").splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    return 0


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "not a checkout"


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
