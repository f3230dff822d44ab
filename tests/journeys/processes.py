"""Our commands as real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
READY_WITHIN_S = 60


@dataclass
class Server:
    """A running `firstline serve`."""

    url: str
    index: Path
    process: subprocess.Popen[bytes]

    @property
    def ws_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/ws"

    def stop(self) -> int:
        """Ask it to end, and wait: its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def run_command(*words: str | Path, **more: object) -> subprocess.CompletedProcess[str]:
    """One of our commands, from the environment that runs the tests."""
    return subprocess.run(
        [str(BIN / str(words[0])), *(str(word) for word in words[1:])],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **more,  # type: ignore[call-overload]
    )


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(
    index: Path,
    *flags: str,
    port: int | None = None,
    scheme: str = "http",
    environ: Mapping[str, str] | None = None,
) -> Server:
    """Start `firstline serve` and wait until it listens."""
    port = port or free_port()
    process = subprocess.Popen(
        [str(BIN / "firstline"), "serve", "--index", str(index), "--port", str(port), *flags],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={
            **os.environ,
            "FIRSTLINE_LOG_LEVEL": "warning",
            # What tests ask must not stand among the questions of people.
            "FIRSTLINE_JOURNAL_PATH": str(index.with_name(f"{index.name}-journal.sqlite3")),
            **(environ or {}),
        },
    )
    server = Server(f"{scheme}://localhost:{port}", index, process)
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it listened")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                pass
            if scheme == "http":
                urllib.request.urlopen(f"{server.url}/readyz", timeout=5).close()
            return server
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.05)
    server.stop()
    raise RuntimeError("the server was not ready in time")
