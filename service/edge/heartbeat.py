"""
Finding peers that are gone and could not say so: one watch over all of them.

aiohttp would do it with two timers for each connection, 3 kB when thousands are idle, and ping all
who came together at the same instant.
"""

from __future__ import annotations

import asyncio
import itertools

from service.edge.connection import Connection

# Peers take turns in so many groups, so that a thousand pongs do not come in at once.
GROUPS = 16


class Heartbeat:
    """Pings whoever was silent for a pause, and hangs up where nothing comes for half another."""

    def __init__(self, pause_s: float) -> None:
        # A connection counts half pauses; see Connection.beat.
        self._turn_s = pause_s / 2 / GROUPS
        self._groups: tuple[set[Connection], ...] = tuple(set() for _ in range(GROUPS))

    def watch(self, connection: Connection) -> None:
        """From now on."""
        min(self._groups, key=len).add(connection)

    def forget(self, connection: Connection) -> None:
        """It has ended."""
        for group in self._groups:
            group.discard(connection)

    async def keep_beating(self) -> None:
        """Until cancelled."""
        for group in itertools.cycle(self._groups):
            await asyncio.sleep(self._turn_s)
            for connection in list(group):
                await connection.beat()
