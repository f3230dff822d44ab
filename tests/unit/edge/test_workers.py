"""Several processes on one port, for real: they share it, come back, and leave together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LIMIT_S = 30
HEALTHZ = 'firstline_requests_total{method="GET",route="/healthz",status="200"}'


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A supervisor of two workers, and its address; nothing of it outlives the test."""
    command = [sys.executable, "-m", "service", "serve", "--workers", "2", "--port", "0"]
    with subprocess.Popen(
        [*command, "--index", str(tmp_path / "nowhere")], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "answers at" in line)
            yield process, line.split()[-1]
        finally:
            left = workers_of(process.pid)
            process.kill()
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def workers_of(pid: int) -> set[int]:
    """The processes that serve."""
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return set()


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has collected yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until(true: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    limit = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < limit, "it never came true"
        time.sleep(0.05)


def alive(address: str) -> bool:
    """Whether somebody answers."""
    try:
        with urllib.request.urlopen(f"{address}healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="needs /proc to see child processes"
)


@needs_proc
def test_a_worker_that_dies_is_replaced(supervisor: tuple[subprocess.Popen[str], str]) -> None:
    """And the port keeps answering."""
    process, address = supervisor
    until(lambda: len(workers_of(process.pid)) == 2)
    before = workers_of(process.pid)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(workers_of(process.pid) - {victim}) == 2)
    until(lambda: alive(address))
    assert process.poll() is None


@needs_proc
def test_sigterm_ends_all_of_them_with_exit_0(
    supervisor: tuple[subprocess.Popen[str], str],
) -> None:
    """Nobody is left behind on the port."""
    process, address = supervisor
    until(lambda: len(workers_of(process.pid)) == 2)
    left = workers_of(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(LIMIT_S) == 0
    assert all(map(gone, left))
    assert not alive(address)


@needs_proc
def test_workers_do_not_outlive_their_supervisor(
    supervisor: tuple[subprocess.Popen[str], str],
) -> None:
    """Even if it is killed without a word."""
    process, address = supervisor
    until(lambda: len(workers_of(process.pid)) == 2)
    left = workers_of(process.pid)
    process.kill()
    until(lambda: all(map(gone, left)))
    assert not alive(address)


def metrics(address: str) -> dict[str, float]:
    """Every series of a scrape; none where nobody listens."""
    try:
        with urllib.request.urlopen(f"{address}metrics", timeout=5) as response:
            lines = response.read().decode().splitlines()
    except OSError:
        return {}
    rows = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {series: float(number) for series, _, number in rows}


@needs_proc
def test_one_scrape_tells_of_all_workers(supervisor: tuple[subprocess.Popen[str], str]) -> None:
    """Whoever is asked, the sums are the same; they stay when a worker dies."""
    process, address = supervisor
    until(lambda: len(workers_of(process.pid)) == 2)
    until(lambda: alive(address))
    before = metrics(address).get(HEALTHZ, 0.0)
    for _ in range(40):
        assert alive(address)
    assert {metrics(address)[HEALTHZ] for _ in range(20)} == {before + 40}
    victim = min(workers_of(process.pid))
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(workers_of(process.pid) - {victim}) == 2)
    # The one that is left may still be starting.
    until(lambda: metrics(address).get(HEALTHZ) == before + 40)


def test_a_port_that_another_server_shares_is_refused(
    supervisor: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    """Workers share their port with each other, not with a stranger."""
    _, address = supervisor
    port = address.rstrip("/").rsplit(":", 1)[1]
    command = [sys.executable, "-m", "service", "serve", "--workers", "2", "--port", port]
    second = subprocess.run(
        [*command, "--index", str(tmp_path)], capture_output=True, text=True, timeout=LIMIT_S
    )
    assert second.returncode == 2
    assert f"port {port}" in second.stderr
