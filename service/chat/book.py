"""The conversations that can be resumed: so many, for so long."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class SessionBook(Generic[Kept]):
    """
    Conversations by id, the longest untouched first out.

    Dropping one costs its person nothing while they are connected: the connection holds the
    conversation itself. Only coming back to it is no longer possible.
    """

    def __init__(self, max_sessions: int, ttl_s: float) -> None:
        self._max_sessions = max_sessions
        self._ttl_s = ttl_s
        self._entries: OrderedDict[str, tuple[Kept, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def keep(self, session_id: str, kept: Kept, now: float) -> None:
        """Keep or renew a conversation; *now* in seconds of any steady clock."""
        self._entries[session_id] = (kept, now)
        self._entries.move_to_end(session_id)
        self._forget(now)

    def find(self, session_id: str, now: float) -> Kept | None:
        """The conversation of this id, if it is still kept."""
        self._forget(now)
        found = self._entries.get(session_id)
        return None if found is None else found[0]

    def _forget(self, now: float) -> None:
        while self._entries:
            oldest = next(iter(self._entries))
            fresh = now - self._entries[oldest][1] < self._ttl_s
            if fresh and len(self._entries) <= self._max_sessions:
                return
            del self._entries[oldest]
