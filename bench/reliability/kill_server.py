"""A server killed at random moments has kept all feedback it said it keeps."""

from __future__ import annotations

import http.client
import json
import random
import socket
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from bench.reliability.forked import fork, kill_after
from bench.reliability.knowledge import QUESTION, make_index
from bench.reliability.row import Row
from service.config import ServiceConfig
from service.edge.logs import configure_logs
from service.edge.serving import run
from service.retrieval.answers import Question, answer
from service.retrieval.index import open_index

LONGEST_S = 0.25
START_WITHIN_S = 20.0


def measure(trials: int) -> Row:
    """*trials* servers over one journal, each killed while feedback comes in."""
    rng = random.Random(0)
    acknowledged: list[str] = []
    killed = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_index(root / "index")
        answer(open_index(root / "index"), Question(QUESTION))  # compiled once
        journal = root / "journal.sqlite3"
        for number in range(trials):
            port = _free_port()
            config = ServiceConfig(index=root / "index", journal_path=journal, port=port)
            child = fork(lambda config=config: _serve(config), root / "log")  # type: ignore[misc]
            try:
                _give_feedback(port, f"t{number}", rng.uniform(0, LONGEST_S), acknowledged)
            finally:
                killed += kill_after(child, 0)
        found, sound = _in_journal(journal)
    lost = set(acknowledged) - found
    return Row(
        "server killed",
        f"{trials:,} trials: 0 acknowledged feedback lost, database intact",
        f"{killed:,} killed, {len(acknowledged):,} acknowledged, {len(lost)} lost, "
        f"integrity check {sound}",
        not lost and sound == "ok" and killed == trials and len(acknowledged) > trials,
    )


def _serve(config: ServiceConfig) -> None:
    configure_logs("json", "warning")
    run(config, lambda _: None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _give_feedback(port: int, name: str, seconds: float, acknowledged: list[str]) -> None:
    """One after the other for *seconds*; what got 201 is noted."""
    limit = time.monotonic() + START_WITHIN_S
    while time.monotonic() < limit:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.01)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        ends = None
        count = 0
        while ends is None or time.monotonic() < ends:
            request_id = f"{name}-{count}"
            body = json.dumps({"request_id": request_id, "helpful": True})
            connection.request("POST", "/v1/feedback", body)
            response = connection.getresponse()
            response.read()
            if response.status == 201:
                acknowledged.append(request_id)
                ends = ends or time.monotonic() + seconds  # the journal is open by now
            count += 1


def _in_journal(journal: Path) -> tuple[set[str], str]:
    with closing(sqlite3.connect(journal)) as database:
        sound = database.execute("PRAGMA integrity_check").fetchone()[0]
        rows = database.execute("SELECT request_id FROM feedback").fetchall()
    return {row[0] for row in rows}, sound


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
