"""What a build takes a million rows: time, memory of one worker and of the driver, disk."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.cluster.corpus import tickets
from index_builder.build import silent
from index_builder.config import BuildSettings
from index_builder.shards.build import build_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import OwnHands

SETTINGS = BuildSettings(pickles=False)


def build(rows: int, shards: int, root: Path) -> dict[str, Any]:
    """Build here; the peak memory is this process's, so it must have done nothing else."""
    # CPU time: other work on the machine does not count.
    began = time.process_time()
    report = build_shards(
        tickets(rows), Depot(str(root)), SETTINGS, shards=shards, hands=OwnHands(silent)
    )
    folder = root / report.generation
    of_shards = sum(p.stat().st_size for p in folder.glob("shard-*/*"))
    shared = sum(p.stat().st_size for p in folder.glob("*") if p.is_file())
    return {
        "rows": rows,
        "shards": shards,
        "cpu_s": round(time.process_time() - began, 1),
        "stages": {name: round(value, 1) for name, value in report.stages.items()},
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "shards_mb": round(of_shards / 2**20, 1),
        "shared_mb": round(shared / 2**20, 1),
        "counts": report.counts,
    }


def measured(rows: int, shards: int) -> dict[str, Any]:
    """The same in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="firstline-") as root:
        command = [sys.executable, "-m", "bench.cluster.building", str(rows), str(shards), root]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


if __name__ == "__main__":
    print(json.dumps(build(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))))
