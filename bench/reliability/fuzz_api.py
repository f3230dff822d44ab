"""schemathesis reads our OpenAPI document and sends what nobody thought of."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.reliability.row import Row
from bench.reliability.server import ADMIN_TOKEN, Server

AT_ONCE = 2
# Everything an answer can be held to; that nonsense is refused is the hostile requests' row.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def fuzzed(server: Server, per_operation: int, seed: int = 1) -> tuple[int, str]:
    """How many cases were sent, and the report where any was answered wrongly."""
    ran = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            *("run", f"{server.url}/openapi.json", "--no-color", "--phases", "fuzzing"),
            *("--max-examples", str(per_operation), "--seed", str(seed)),
            *("--checks", ",".join(CHECKS), "--generation-database", "none"),
            *("--header", f"Authorization: Bearer {ADMIN_TOKEN}"),
        ],
        cwd=server.log.parent,  # it keeps a cache where it runs
        capture_output=True,
        text=True,
        check=False,
    )
    counted = re.search(r"([\d,]+) generated", ran.stdout)
    cases = int(counted[1].replace(",", "")) if counted else 0
    return cases, "" if ran.returncode == 0 else ran.stdout[-4_000:] + ran.stderr[-1_000:]


def measure(server: Server, cases: int) -> Row:
    """At least *cases*, in rounds of other seeds, two at a time: each keeps one core busy."""
    sent, reports = 0, [""]
    with ThreadPoolExecutor(AT_ONCE) as beside:
        for first in itertools.count(1, AT_ONCE):
            rounds = beside.map(
                lambda seed: fuzzed(server, 500, seed), range(first, first + AT_ONCE)
            )
            added, reports = zip(*rounds, strict=True)
            sent += sum(added)
            if sent >= cases or any(reports) or not all(added):
                break
    report = "".join(reports)
    return Row(
        "API fuzz",
        f"{cases:,} cases over our OpenAPI: 0 5xx, 0 schema violations",
        f"{sent:,} cases, {'none' if not report else report[-300:]}",
        not report and sent >= cases,
    )
