"""``python -m bench.reliability``: every promise, tried long; docs/reliability.md from it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.reliability.row import Row
from bench.reliability.rows import ROOT, ROWS, measured

RESULTS = ROOT / "bench/results/reliability.json"
PAGE = ROOT / "docs" / "reliability.md"

_HEAD = """# Reliability

What the server is put through by `make reliability`, and what came of it. The same modules, run
smaller, are tests of every `make test` ([threat model](explanation/threat-model.md)). A row says
how it was measured last: the commit, the time, and the share of the trials; 1 is the whole. This
page is written by the program.

{machine}

| promise | target | measured | | share | took | commit |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Result:
    """A row and how it came about."""

    row: Row
    share: float
    seconds: float
    commit: str
    machine: str
    day: str


def main() -> int:
    """0 if every row passed."""
    parser = argparse.ArgumentParser(prog="python -m bench.reliability", description=__doc__)
    parser.add_argument("rows", nargs="*", help=f"which of {', '.join(ROWS)}; all if none is named")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials and of the time")
    given = parser.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    results = _read()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
        began = time.monotonic()
        for name, row in measured(given.rows or list(ROWS), Path(folder), given.share):
            took, began = time.monotonic() - began, time.monotonic()
            print(row, flush=True)
            failed += not row.passed
            results[name] = Result(
                row, given.share, took, _commit(), _machine(), f"{datetime.now(UTC):%Y-%m-%d}"
            )
            _write(results)
    return 3 if failed else 0


def _read() -> dict[str, Result]:
    if not RESULTS.is_file():
        return {}
    kept = json.loads(RESULTS.read_text("utf-8"))
    return {
        name: Result(**{**fields, "row": Row(**fields["row"])}) for name, fields in kept.items()
    }


def _write(results: dict[str, Result]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({k: asdict(v) for k, v in results.items()}, indent=1), "utf-8")
    machines = sorted({result.machine for result in results.values()})
    lines = [_HEAD.format(machine="\n".join(machines))]
    for name in ROWS:
        if name in results:
            lines.append(_line(results[name]))
    PAGE.write_text("".join(lines), "utf-8")


def _line(result: Result) -> str:
    row = result.row
    measured_text = row.measured.replace("|", "/").replace("\n", " ")
    return (
        f"| {row.goal} | {row.target} | {measured_text} | {row.verdict} | {result.share:g} "
        f"| {result.seconds:.0f} s | `{result.commit}` {result.day} |\n"
    )


def _commit() -> str:
    ran = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout.strip() or "unknown"


def _machine() -> str:
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(": ")[2]
            break
    return (
        f"Measured on {os.cpu_count()} cores of {model}, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}."
    )


if __name__ == "__main__":
    sys.exit(main())
