"""
How many connections may be open, of all and of one address.

A server that runs out of file descriptors cannot open a new index, write its journal or accept
anybody, and says so thousands of times a second. So connections are counted, and there are never
more of them than leave room for everything else.
"""

from __future__ import annotations

from collections import Counter

from service.edge.callers import Caller, Callers

# Kept back for the index, the journal, reloads and the log.
RESERVED_DESCRIPTORS = 128
MOST_SOCKETS = 65_536


def allow_many_descriptors() -> int:
    """Raise this process's limit of open files as far as it may; what it is then."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_SOCKETS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_SOCKETS + RESERVED_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


class Gate:
    """How many connections there are: of all, and of each address."""

    def __init__(self, callers: Callers, max_open: int, max_of_one: int) -> None:
        self._callers = callers
        self._max_open = max_open
        self._max_of_one = max_of_one
        self._of_one: Counter[str] = Counter()
        self.open = 0

    def enter(self, address: str | None) -> Caller | None:
        """Who came in; None where there is no room for them."""
        caller = self._callers.at(address)
        if self.open >= self._max_open:
            return None
        if self._is_counted(caller):
            if self._of_one[caller.key] >= self._max_of_one:
                return None
            self._of_one[caller.key] += 1
        self.open += 1
        return caller

    def leave(self, caller: Caller) -> None:
        """Who came in has gone."""
        self.open -= 1
        if self._is_counted(caller):
            self._of_one[caller.key] -= 1
            if not self._of_one[caller.key]:
                del self._of_one[caller.key]

    def _is_counted(self, caller: Caller) -> bool:
        # All who come over a proxy share its address; they are counted one by one behind it.
        return bool(self._max_of_one) and not (caller.is_unlimited or caller.is_proxy)
