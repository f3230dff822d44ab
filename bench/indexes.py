"""Indexes of the benchmarks' rows, built once by ``firstline-index`` and kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.command import Bench
from bench.timing import family, resident_bytes

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Built:
    """One build: its report, the seconds it took from start to end, and its largest memory."""

    report: dict[str, Any]
    seconds: float
    peak_bytes: int


def source(bench: Bench, n: int) -> Path:
    """The first *n* rows as JSON lines, written once."""
    path = bench.work / f"rows-{n}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".partial")
        with aside.open("w", encoding="utf-8") as file:
            for entry in bench.material.entries(n):
                record = {"id": entry.id, "title": entry.title, "answer": entry.text}
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        aside.replace(path)
    return path


def index(bench: Bench, n: int) -> Path:
    """The index of the first *n* rows, built where it is not there."""
    root = bench.work / f"index-{n}"
    if not (root / "CURRENT").exists():
        print(f"building an index of {n:,} rows (once)", file=sys.stderr, flush=True)
        run_build(source(bench, n), root)
    return root


def run_build(rows: Path, root: Path, *more: str) -> Built:
    """
    Build an index in a process of its own.

    Raises:
        SystemExit: the build failed; what it said is shown.

    """
    command = [str(BIN / "firstline-index"), "build", str(rows), "--out", str(root), "--json"]
    began = time.perf_counter()
    peak = 0
    with subprocess.Popen([*command, *more], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        said = b""
        while process.poll() is None:
            said += process.stdout.read() or b""
            peak = max(peak, sum(map(resident_bytes, family(process.pid))))
            time.sleep(0.05)
        said += process.stdout.read() or b""
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Built(json.loads(said), time.perf_counter() - began, peak)


@contextmanager
def serving(root: Path, *flags: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`firstline serve` on a free port: its address, and its process; stopped at the end."""
    command = [str(BIN / "firstline"), "serve", "--index", str(root), "--port", "0", *flags]
    journal = root.with_name(f"{root.name}-journal.sqlite3")
    environment = {
        **os.environ,
        "FIRSTLINE_LOG_LEVEL": "warning",
        "FIRSTLINE_JOURNAL_PATH": str(journal),
    }
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline().decode()
            yield line.split()[-1].rstrip("/"), process
        finally:
            process.terminate()
            process.wait(30)
