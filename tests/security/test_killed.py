"""Processes that are killed at random moments lose nothing that they said was safe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRIALS = 20

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def run(row: str) -> str:
    """One row of the reliability table, in a process without threads, from which it can fork."""
    ran = subprocess.run(
        [sys.executable, "-m", f"bench.reliability.{row}", str(TRIALS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@needs_fork
def test_a_killed_builder_leaves_the_old_index_or_the_new() -> None:
    """Never neither; what it left half-written the next build sweeps away."""
    said = run("kill_builder")
    assert ": pass" in said, said


@needs_fork
def test_a_killed_server_keeps_what_it_acknowledged() -> None:
    """Each feedback that got 201 is in the journal, and the journal is whole."""
    said = run("kill_server")
    assert ": pass" in said, said
