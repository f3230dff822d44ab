"""Measures everything here and writes ``docs/scaling.md``: ``python -m bench.cluster.page``."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.cluster import building, losing, serving

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results" / "cluster.json"
PAGE = ROOT / "docs" / "scaling.md"
MILLION = 1_000_000
# Memory and cores of a node, and the share of its memory that shards may fill.
NODE_GB, NODE_CORES = 64, 8
HEADROOM = 0.66
# Median of one question over a million short rows on one core, measured when the kernel was chosen.
KERNEL_MS = 0.88


def main() -> None:
    """Measure what is asked for, keep the results, write the page from all that is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["building", "serving", "losing", []])
    parser.add_argument("--rows", type=int, default=30_000)
    chosen = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for part in chosen.parts:
        circumstances = _circumstances()
        results[part] = {"measured": circumstances, **MEASURES[part](chosen.rows)}
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    PAGE.write_text(page(results))


def _build_sizes(rows: int) -> dict[str, Any]:
    sizes = [(rows // 3, 3), (rows, 1), (rows, 3), (rows * 3, 3), (rows * 10, 3)]
    return {"runs": [building.measured(rows, shards) for rows, shards in sizes]}


MEASURES: dict[str, Callable[[int], dict[str, Any]]] = {
    "building": _build_sizes,
    "serving": serving.measured,
    "losing": losing.measured,
}


def _circumstances() -> dict[str, Any]:
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": commit,
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, "
        f"Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
    }


def _stamp(found: dict[str, Any]) -> str:
    measured = found["measured"]
    return (
        f"Measured at {measured['at']} at {measured['commit']} ({measured['machine']}); the load "
        f"average when it began was {measured['load']}.\n\n"
    )


def page(results: dict[str, Any]) -> str:
    """The document, every figure marked as measured or projected."""
    return "".join(
        [
            "# Past one machine: figures and sizes\n\n",
            "Written by `python -m bench.cluster.page` (`make cluster-check` measures what a lost ",
            "node costs) on one machine; three Ray nodes are three sets of processes on it, so ",
            "they share its two cores with whoever asks, and say what Ray costs, not what ",
            "machines gain. A row is a ticket: a title, one phrasing and 80 words of prose made ",
            "of the shipped corpus's fragments, one word in 25 being a name or number of its ",
            "own. How to build and serve is in [the how-to](how-to/cluster.md).\n\n",
            _building(results["building"]) if "building" in results else "",
            _serving(results["serving"]) if "serving" in results else "",
            _losing(results["losing"]) if "losing" in results else "",
            _ONE_MACHINE,
            _sizes(results) if {"building", "serving"} <= results.keys() else "",
        ]
    )


_ONE_MACHINE = (
    "## One machine, before and after (measured)\n\n"
    "What an answer costs on one machine did not change with all this: CPU time of 300 regression "
    "questions of the shipped corpus, seven interleaved runs of the commits before and after, "
    "median 410 and 415 microseconds an answer, a ratio of 1.01 where single runs "
    "differ by 1.3.\n\n"
)


def _building(found: dict[str, Any]) -> str:
    lines = [
        "## Building (measured)\n\n",
        _stamp(found),
        "In one process that holds one shard at a time.\n\n",
        "| rows | shards | CPU seconds | peak memory | shards on disk | shared on disk | pairs |\n"
        "|---|---|---|---|---|---|---|\n",
    ]
    for run in found["runs"]:
        lines.append(
            f"| {run['rows']:,} | {run['shards']} | {run['cpu_s']} | {run['peak_mb']:,} MB "
            f"| {run['shards_mb']:,} MB | {run['shared_mb']:,} MB | {run['counts']['pairs']:,} |\n"
        )
    return "".join(lines) + "\n"


def _serving(found: dict[str, Any]) -> str:
    lines = [
        f"## Serving (measured, {found['rows']:,} rows)\n\n",
        _stamp(found),
        '"here" is one process and one thread, without Ray. On three nodes one thread asks, ',
        f"then {serving.THREADS} do; *asker's CPU* is what a question costs the process that asks.",
        "\n\n| where | shards | replicas | one thread: q/s | p50 | p99 | asker's CPU "
        f"| {serving.THREADS} threads: q/s | p50 | p99 |\n",
        "|---|---|---|---|---|---|---|---|---|---|\n",
    ]
    for run in found["runs"]:
        alone = run.get("alone", run)
        cells = [run["where"], run["shards"] or "in one piece", run["replicas"] or "–"]
        cells += [alone["per_second"], f"{alone['p50_ms']} ms", f"{alone['p99_ms']} ms"]
        cells += [f"{alone['cpu_ms']} ms"]
        many = run.get("many")
        cells += (
            [many["per_second"], f"{many['p50_ms']} ms", f"{many['p99_ms']} ms"]
            if many
            else ["–"] * 3
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |\n")
    return "".join(lines) + "\n"


_LOSSES = {
    "killed": "its processes are killed",
    "still": "its processes go still, connections open, as without power",
}


def _losing(found: dict[str, Any]) -> str:
    equal = "the same to the byte" if found["builds_equal"] else "NOT the same"
    lines = [
        f"## Losing a node (measured, {found['rows']:,} rows, {found['shards']} shards, "
        "2 replicas)\n\n",
        _stamp(found),
        f"Built here in {found['build_here_s']} s, on three nodes in "
        f"{found['build_three_nodes_s']} s, and with a node killed while it counted in "
        f"{found['build_node_lost_s']} s: the three indexes are {equal}.\n\n",
        f"{losing.CLIENTS} clients ask over HTTP as fast as they are answered, with a deadline of "
        f"{losing.DEADLINE_S:g} s for the shards; after {losing.BEFORE_S:g} s a node is lost, and "
        f"they ask on for {losing.AFTER_S:g} s:\n\n",
        "| the node | replicas on it | questions/s, p50, p99 before | requests | wrong | hung "
        "| failed | told as partial | slowest | the last of these after |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n",
    ]
    for loss, said in _LOSSES.items():
        run = found[loss]
        lines.append(
            f"| {said} | {run['replicas_lost']} of {2 * found['shards']} "
            f"| {run['per_second_before']}, {run['p50_ms_before']} ms, "
            f"{run['p99_ms_before']} ms | {run['requests']:,} | {run['wrong']} | {run['hung']} "
            f"| {run['failed']} | {run['partial']} | {run['slowest_ms']:,} ms "
            f"| {run['whole_again_s']} s |\n"
        )
    missed = max(found[loss]["whole_again_s"] for loss in _LOSSES) > 10
    lines.append(
        "\nTargets: 0 wrong, 0 hung, whole again within 10 s"
        f"{'; the last was missed in this run' if missed else ''}. The shards' other replicas "
        "answer meanwhile: whole answers do not wait until Ray has noticed the loss "
        "([decisions/0073](decisions/0073-replicas.md)).\n\n"
    )
    return "".join(lines)


def _sizes(results: dict[str, Any]) -> str:
    runs = [run for run in results["building"]["runs"] if run["shards"] == 3]
    small, large = runs[-2], runs[-1]
    more = (large["rows"] - small["rows"]) / MILLION
    seconds = (large["cpu_s"] - small["cpu_s"]) / more
    disk = (large["shards_mb"] - small["shards_mb"]) / more / 1024
    shared = (large["shared_mb"] - small["shared_mb"]) / more / 1024
    # A process held a third of the rows at a time, and beside it what grows with all of them.
    memory = (large["peak_mb"] - small["peak_mb"]) / (more / 3) / 1024
    pairs = (large["counts"]["pairs"] - small["counts"]["pairs"]) / (large["rows"] - small["rows"])
    alone = [
        (run["shards"], run["alone"]["cpu_ms"], run["alone"]["p50_ms"])
        for run in results["serving"]["runs"]
        if run["where"] != "here"
    ]
    of_one = min(p50 for shards, _, p50 in alone if shards == 1)
    cpu_a_shard, cpu = np.polyfit([one[0] for one in alone], [one[1] for one in alone], 1)
    lines = [
        "## Sizes (projected)\n\n",
        "From the measurements above, each a difference between two sizes so that what does not ",
        "grow falls out:\n\n",
        f"- {seconds:,.0f} s of one core to build a million rows;\n",
        f"- {memory:.1f} GB of memory for a million rows of the shard that is being built;\n",
        f"- {disk:.2f} GB on disk, and mapped in memory while served, for a million rows of a "
        "shard;\n",
        f"- {shared:.2f} GB on disk for a million rows of what all shards share, of which a "
        "question touches some pages;\n",
        f"- {of_one:.1f} ms at p50 for a question to one shard over Ray, and {cpu_a_shard:.2f} ms ",
        "more of the asker's CPU for each further shard, however many machines these are on; ",
        f"{KERNEL_MS} ms at p50 to score a million rows on one core (measured apart, when the ",
        "kernel was chosen).\n\n",
        f"A shard is what a node of {NODE_GB} GB can build with a third to spare, one at a time ",
        "(`ray start --num-cpus 1` where it is built); to serve, each replica has a core and its ",
        f"shard in memory, on nodes of {NODE_CORES} cores and {NODE_GB} GB. Memory and disk grow ",
        "a little slower than rows (words repeat), and one process held what all shards share ",
        "beside its shard, so the projection errs on the high side; network between machines, ",
        "which is not measured here, adds to every answer. No p99 is projected: those above are ",
        "the waiting for two cores that nodes and askers share, and must be measured on the ",
        "machines that are to serve. The build's time is that of the work that is divided; ",
        "settling ids and numbering words is one process's and grows with all rows.\n\n",
        "| rows | shards | nodes (2 replicas) | memory of the shards | shared tables "
        "| build | p50 | questions/s of one asking process |\n|---|---|---|---|---|---|---|---|\n",
    ]
    per_shard = NODE_GB * HEADROOM / memory
    for rows in (10, 100, 1000):
        shards = math.ceil(rows / per_shard)
        in_memory = 2 * rows * disk / (NODE_GB * HEADROOM)
        nodes = max(3, math.ceil(2 * shards / NODE_CORES), math.ceil(in_memory))
        p50 = of_one + cpu_a_shard * (shards - 1) + KERNEL_MS * rows / shards
        lines.append(
            f"| {rows:,}M | {shards:,} | {nodes:,} | {rows * disk:,.0f} GB × 2 "
            f"| {rows * shared:,.0f} GB | {rows * seconds / 3600 / nodes:.1f} h "
            f"| {p50:,.0f} ms | {1000 / (cpu + cpu_a_shard * shards):,.0f} |\n"
        )
    lines.append(
        "\nEvery figure of this table is projected; the largest index that was built is "
        f"{large['rows']:,} rows. A question asks every shard, so with hundreds of shards it is "
        "slow whatever the machines: split such an archive into several indexes. A "
        "billion rows also meets the limit of 4.29 billion distinct "
        "terms (docs/decisions/0071): at "
        f"{pairs:.1f} new pairs a row, which falls as a corpus grows, pairs must be switched off "
        "in the blend, or the corpus split into several indexes.\n"
    )
    return "".join(lines)


if __name__ == "__main__":
    main()
