"""More than 300 fixed hostile requests: HTTP, WebSocket, static files, headers, Unicode, JSON."""

from bench.reliability.hostile import cases
from bench.reliability.hostile_run import measure
from bench.reliability.server import Server


def test_there_are_hundreds_of_cases_with_names_of_their_own() -> None:
    """None hides another."""
    names = [case.name for case in cases()]
    assert len(names) > 300
    assert len(set(names)) == len(names)


def test_each_gets_its_documented_refusal_and_leaves_nothing_behind(server: Server) -> None:
    """A 4xx, a close code or an error frame, time after time; memory stays, no defect is logged."""
    row = measure(server, rounds=4)
    assert row.passed, row.measured
    assert not [line for line in server.log_lines() if '"defect"' in line]
