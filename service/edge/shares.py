"""
Each client's share of the server: so many questions, conversations, requests and bytes a minute.

``limits`` counts; where the counters are kept is ours. Its own memory never refuses a new key and
sweeps all of them in a thread of its own every 10 ms, so whoever writes from many addresses could
fill the one and busy the other (docs/decisions/0050).
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from service.edge.callers import Caller
from service.errors import RateLimited, TooManyConnections


@dataclass(frozen=True, slots=True)
class Shares:
    """What one client may take; 0 is as much as it likes."""

    questions_per_minute: int
    connections_per_minute: int
    requests_per_minute: int
    bytes_per_minute: int
    connections: int
    max_tracked_clients: int


class CountersInMemory(Storage):
    """The counters of at most *max_keys* clients; beyond that the oldest is forgotten."""

    # Not to be had by a name in a URI: the class is passed on itself.
    STORAGE_SCHEME = None

    def __init__(self, max_keys: int, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._max_keys = max_keys
        self._now = now
        self._counters: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counters)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a storage of this kind can raise: nothing of its own."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter, begun anew where its minute is over; its new value."""
        now = self._now()
        count, expires = self._counters.pop(key, (0, 0.0))
        if expires <= now:
            count, expires = 0, now + expiry
            self._make_room(now)
        self._counters[key] = (count + amount, expires)
        return count + amount

    def _make_room(self, now: float) -> None:
        while self._counters:
            oldest = next(iter(self._counters))
            if len(self._counters) < self._max_keys and self._counters[oldest][1] > now:
                return
            del self._counters[oldest]

    def get(self, key: str) -> int:
        """A counter's value."""
        count, expires = self._counters.get(key, (0, 0.0))
        return count if expires > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """When a counter begins anew, in seconds since the epoch."""
        return self._counters.get(key, (0, self._now()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all counters; how many there were."""
        count = len(self._counters)
        self._counters.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._counters.pop(key, None)


class FairShares:
    """Refuses, with a sentence and the seconds to wait, whoever takes more than their share."""

    def __init__(self, shares: Shares, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._counters = CountersInMemory(shares.max_tracked_clients, now)
        self._limiter = FixedWindowRateLimiter(self._counters)
        self._questions = _per_minute(shares.questions_per_minute)
        self._connects = _per_minute(shares.connections_per_minute)
        self._requests = _per_minute(shares.requests_per_minute)
        self._bytes = _per_minute(shares.bytes_per_minute)
        self._max_connections = shares.connections
        self._open: Counter[str] = Counter()

    def request(self, caller: Caller) -> None:
        """
        One request of the API.

        Raises:
            RateLimited: one too many this minute, or too many bytes.

        """
        self._take(caller, self._requests, "requests")
        if self._bytes is not None and not caller.is_unlimited:
            self._refuse_unless(
                self._limiter.test(self._bytes, "bytes", caller.key), caller, self._bytes, "bytes"
            )

    def question(self, caller: Caller) -> None:
        """
        One question, pick or feedback.

        Raises:
            RateLimited: one too many this minute.

        """
        self._take(caller, self._questions, "questions")

    def count_bytes(self, caller: Caller, number: int) -> None:
        """Bytes that came or went; they are counted afterwards, and the next request refused."""
        if self._bytes is not None and not caller.is_unlimited:
            self._limiter.hit(self._bytes, "bytes", caller.key, cost=number)

    def connect(self, caller: Caller) -> None:
        """
        A conversation begins.

        Raises:
            RateLimited: one too many this minute.
            TooManyConnections: one too many at the same time.

        """
        self._take(caller, self._connects, "connections")
        if self._is_open_limited(caller) and self._open[caller.key] >= self._max_connections:
            raise TooManyConnections(
                f"{self._max_connections} conversations are open from your address. Close one."
            )
        if self._is_open_limited(caller):
            self._open[caller.key] += 1

    def disconnect(self, caller: Caller) -> None:
        """A conversation has ended."""
        if self._is_open_limited(caller):
            self._open[caller.key] -= 1
            if not self._open[caller.key]:
                del self._open[caller.key]

    def _is_open_limited(self, caller: Caller) -> bool:
        return bool(self._max_connections) and not caller.is_unlimited

    def _take(self, caller: Caller, item: RateLimitItemPerMinute | None, what: str) -> None:
        if item is not None and not caller.is_unlimited:
            self._refuse_unless(self._limiter.hit(item, what, caller.key), caller, item, what)

    def _refuse_unless(
        self, within: bool, caller: Caller, item: RateLimitItemPerMinute, what: str
    ) -> None:
        if within:
            return
        begins_anew = self._counters.get_expiry(item.key_for(what, caller.key))
        wait_s = max(1, math.ceil(begins_anew - self._now()))
        raise RateLimited(
            f"More than {item.amount} {what} in a minute came from your address. "
            f"Please wait {wait_s} s.",
            wait_s,
        )


def _per_minute(amount: int) -> RateLimitItemPerMinute | None:
    return RateLimitItemPerMinute(amount) if amount else None
