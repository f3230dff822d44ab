"""WebSocket frames in every order, good and bad, against a reference implementation."""

import asyncio

from bench.reliability.frames import differences
from bench.reliability.server import Server

SEQUENCES = 3_000


def test_random_frames_are_taken_as_the_reference_takes_them(server: Server) -> None:
    """The same messages taken, the same pings answered, the same code to close with."""
    reasons, unexplained = asyncio.run(differences(server.port, SEQUENCES))
    assert unexplained == []
    assert reasons["equal"] > SEQUENCES / 2
    assert sum(reasons.values()) == SEQUENCES
