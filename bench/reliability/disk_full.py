"""No room on the disk: questions are answered, feedback is refused, and ``/readyz`` says so."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.reliability.row import Row
from bench.reliability.server import Server, serving

SIZE = "4m"


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of its own in *folder*; False where this process may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
        capture_output=True, check=False,
    ).returncode == 0  # fmt: skip
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder: Path) -> Path:
    """Take all the room there is."""
    path = folder / "everything"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4_096)
    return path


def feedback(server: Server, request_id: str) -> int:
    """The status that feedback gets."""
    body = json.dumps({"request_id": request_id, "helpful": True}).encode()
    request = urllib.request.Request(f"{server.url}/v1/feedback", body)
    try:
        return int(urllib.request.urlopen(request, timeout=20).status)
    except urllib.error.HTTPError as error:
        return int(error.code)


def measure(index: Path, work: Path, questions: int) -> Row:
    """*questions* on a full disk, then room again."""
    target = "questions answered 100%, feedback refused with 503, /readyz says degraded"
    disk = work / "disk"
    with small_disk(disk) as mounted:
        if not mounted:
            return Row("disk full", target, "not measured: mounting a disk needs root", False)
        with serving(index, disk) as server:
            before = feedback(server, "before-1")
            filling = fill(disk)
            refused = answered = 0
            for number in range(questions):
                with contextlib.suppress(OSError):
                    answered += server.get("/v1/ask?q=printer+offline")["outcome"] == "answer"
                if number % 10 == 0:
                    refused += feedback(server, f"full-{number}") == 503
            state = server.get("/readyz")
            filling.unlink()
            limit = time.monotonic() + 30
            while (after := feedback(server, "after-1")) != 201 and time.monotonic() < limit:
                time.sleep(0.2)
    asked = -(-questions // 10)
    return Row(
        "disk full",
        target,
        f"{answered} of {questions} answered, {refused} of {asked} feedback refused with 503, "
        f"{state['status']} ({state.get('code')}); before {before}, with room again {after}",
        (before, answered, refused, state["status"], after)
        == (201, questions, asked, "degraded", 201),
    )
