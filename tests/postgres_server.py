"""A PostgreSQL of our own, from Debian's package, on a free port and thrown away afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGED = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
READY_WITHIN_S = 30


@dataclass
class Postgres:
    """A running server and its folder."""

    folder: Path
    port: int
    owner: str | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        return self.dsn_of("postgres")

    def dsn_of(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://firstline@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *words: str) -> None:
        """One of the package's programs, as who owns the folder."""
        subprocess.run(
            [PACKAGED[-1].with_name(program), *words],
            check=True,
            capture_output=True,
            user=self.owner,
            cwd="/",
            timeout=60,
        )

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self.process = subprocess.Popen(
            [
                *(PACKAGED[-1], "-D", self.folder / "data", "-k", self.folder),
                *("-h", "127.0.0.1", "-p", str(self.port)),
                *("-c", "fsync=off", "-c", "shared_buffers=16MB"),
            ],
            user=self.owner,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            try:
                self.run("pg_isready", "-h", "127.0.0.1", "-p", str(self.port))
                return
            except subprocess.CalledProcessError:
                time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not take connections in time")

    def stop(self) -> None:
        """Stop it at once, connections or not."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=20)
            self.process = None

    def fresh_database(self, name: str) -> str:
        """The DSN of a new, empty database."""
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "firstline", name)
        return self.dsn_of(name)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server for as long as the block runs; skipped with a reason where there is no package."""
    if not PACKAGED:
        reason = "PostgreSQL is not installed: apt-get install postgresql"
        if os.environ.get("FIRSTLINE_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    # Not below pytest's own folder: that is closed to the user who must own this one.
    folder = Path(tempfile.mkdtemp(prefix="firstline-postgres-"))
    server = Postgres(folder, _free_port(), _owner())
    try:
        if server.owner is not None:
            shutil.chown(folder, server.owner)
        server.run("initdb", "-D", str(folder / "data"), "-U", "firstline", "-A", "trust", "-N")
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: then its own user, which the package makes."""
    return pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
