"""
Which replicas have fallen silent, and when somebody looks whether they are back.

Ray takes seconds, or a minute where a machine has lost its power, to notice what a question
notices at once. Until a silent replica has given a sign, no question depends on it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("firstline.cluster")
# Shard, and number of the replica.
Replica = tuple[int, int]
# A silent replica is looked at after so long; twice as long each time it falls silent again.
PAUSE_S = 1.0
MAX_PAUSE_S = 30.0


@dataclass(slots=True)
class _Fault:
    """Until when a replica is left alone, how long that is in all, and whether it is silent yet."""

    until: float
    pause_s: float
    silent: bool = True


class Standing:
    """What is known of the replicas of an index; questions and the care of replicas share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faults: dict[Replica, _Fault] = {}
        self._changing = threading.Lock()

    def is_silent(self, replica: Replica) -> bool:
        """Whether a replica is to be asked last."""
        fault = self._faults.get(replica)
        return fault is not None and fault.silent

    def fell_silent(self, replica: Replica) -> None:
        """It failed, or has not answered; questions that notice together are one failure."""
        now = self._clock()
        with self._changing:
            fault = self._faults.get(replica)
            if fault is not None and fault.silent:
                if fault.until <= now:
                    fault.until = now + fault.pause_s
                return
            pause_s = PAUSE_S if fault is None else min(2 * fault.pause_s, MAX_PAUSE_S)
            self._faults[replica] = _Fault(now + pause_s, pause_s)
        log.warning("replica_silent", shard=replica[0], replica=replica[1])

    def answered(self, replica: Replica) -> None:
        """It answered a question: nothing is held against it any more."""
        if replica not in self._faults:  # as nearly always; nobody waits for another
            return
        with self._changing:
            fault = self._faults.pop(replica, None)
        if fault is not None and fault.silent:
            log.info("replica_back", shard=replica[0], replica=replica[1])

    def gave_sign(self, replica: Replica) -> None:
        """It is there again; how it answers questions is still to be seen."""
        with self._changing:
            fault = self._faults.get(replica)
            if fault is None or not fault.silent:
                return
            fault.silent = False
        log.info("replica_back", shard=replica[0], replica=replica[1])

    def to_look_at(self) -> list[Replica]:
        """The silent replicas whose pause is over."""
        now = self._clock()
        with self._changing:
            return [
                replica
                for replica, fault in self._faults.items()
                if fault.silent and fault.until <= now
            ]
