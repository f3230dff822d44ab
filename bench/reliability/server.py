"""A real server in a process of its own, and what can be seen of it from outside."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_WITHIN_S = 60.0
ADMIN_TOKEN = "a-token-for-the-admin-routes"


@dataclass
class Server:
    """A running ``firstline serve``, its log and its journal."""

    process: subprocess.Popen[bytes]
    log: Path
    journal: Path
    port: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, timeout_s: float = 10.0) -> Any:
        """The JSON of an address."""
        with urllib.request.urlopen(self.url + path, timeout=timeout_s) as response:
            return json.load(response)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self.get("/readyz", 2)["index"])
        except OSError:
            return False

    def resident_kb(self) -> int:
        """Memory that is its own or shared, in kB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(
            next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
        )

    def descriptors(self) -> int:
        """Open files and sockets."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def log_lines(self) -> list[str]:
        """Everything it has written."""
        return self.log.read_text("utf-8", "replace").splitlines()

    def stop(self, timeout_s: float = 20.0) -> int:
        """Ask it to end, and wait: its exit code, -9 where it had to be killed."""
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout_s)
        self.process.kill()
        return self.process.wait()


@contextlib.contextmanager
def serving(
    index: Path, folder: Path, prepare: Callable[[], None] | None = None, **settings: object
) -> Iterator[Server]:
    """
    Serve *index* while the block runs.

    Args:
        index: the folder with CURRENT.
        folder: where its log and its journal are kept.
        prepare: runs in the new process before anything else.
        settings: as in ``firstline.toml``.

    """
    folder.mkdir(parents=True, exist_ok=True)
    log, journal = folder / "server.log", folder / "journal.sqlite3"
    values = {
        "index": index,
        "port": 0,
        "journal_path": journal,
        "admin_token": ADMIN_TOKEN,
        "log_format": "json",
    } | settings
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FIRSTLINE_")}
    environment |= {f"FIRSTLINE_{name.upper()}": _text(value) for name, value in values.items()}
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            stdout=written,
            stderr=written,
            env=environment,
            preexec_fn=prepare,
        )
    server = Server(process, log, journal)
    try:
        server.port = _announced_port(server)
        yield server
    finally:
        server.stop()


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def _announced_port(server: Server) -> int:
    limit = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < limit:
        for line in server.log_lines():
            if "answers at" in line:
                return int(line.rstrip("/").rsplit(":", 1)[1])
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended: {server.log.read_text()[-500:]}")
        time.sleep(0.02)
    raise RuntimeError("the server was not ready in time")
