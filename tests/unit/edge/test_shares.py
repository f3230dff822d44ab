"""What one client may take, and what it is told when it takes more."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from service.edge import websocket
from service.edge.callers import Caller
from service.edge.shares import FairShares, Shares
from service.errors import RateLimited, TooManyConnections

Served = Callable[..., Awaitable[TestClient[Any, Any]]]
LIMITED = {"unlimited_clients": ()}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


def shares(clock: Clock, **limits: int) -> FairShares:
    """Shares with these limits and no others."""
    none = {
        "questions_per_minute": 0,
        "connections_per_minute": 0,
        "requests_per_minute": 0,
        "bytes_per_minute": 0,
        "connections": 0,
        "max_tracked_clients": 100,
    }
    return FairShares(Shares(**(none | limits)), clock)


def client(number: int = 1, *, is_unlimited: bool = False) -> Caller:
    """One of many clients."""
    return Caller(f"203.0.113.{number}", is_proxy=False, is_unlimited=is_unlimited)


def test_a_share_is_new_after_a_minute(clock: Clock) -> None:
    """Until then the sentence and the error both say how long to wait."""
    fair = shares(clock, questions_per_minute=2)
    fair.question(client())
    clock.time += 48.5
    fair.question(client())
    with pytest.raises(RateLimited, match=r"More than 2 questions .* wait 12 s") as refused:
        fair.question(client())
    assert refused.value.retry_after_s == 12
    clock.time += 12
    fair.question(client())


def test_one_client_does_not_use_up_anothers_share(clock: Clock) -> None:
    """And whoever the limits do not hold for is never refused."""
    fair = shares(clock, requests_per_minute=1)
    fair.request(client(1))
    fair.request(client(2))
    for _ in range(5):
        fair.request(client(3, is_unlimited=True))
    with pytest.raises(RateLimited):
        fair.request(client(1))


def test_bytes_are_counted_afterwards_and_then_refused(clock: Clock) -> None:
    """The response that went over the limit went out; the next one does not."""
    fair = shares(clock, bytes_per_minute=1_000)
    fair.count_bytes(client(), 5_000)
    with pytest.raises(RateLimited, match="1000 bytes"):
        fair.request(client())
    fair.request(client(2))


def test_a_place_that_is_given_up_is_given_away_again(clock: Clock) -> None:
    """Each client has so many at the same time."""
    fair = shares(clock, connections=1)
    fair.connect(client(1))
    with pytest.raises(TooManyConnections):
        fair.connect(client(1))
    fair.connect(client(2))
    fair.disconnect(client(1))
    fair.connect(client(1))


def test_counting_takes_no_more_memory_than_it_may(clock: Clock) -> None:
    """Who writes from ever new addresses pushes the longest silent out, and nobody else."""
    fair = shares(clock, requests_per_minute=1, max_tracked_clients=50)
    fair.request(client(0))
    for number in range(10_000):
        fair.request(Caller(f"2001:db8:0:{number:x}::/64", is_proxy=False, is_unlimited=False))
        with pytest.raises(RateLimited):
            fair.request(client(0))
    assert len(fair._counters) <= 50


async def test_a_flood_of_questions_gets_429_and_when_to_come_back(served: Served) -> None:
    """problem+json, a stable code, a sentence and Retry-After; the probes are not limited."""
    http = await served(client_questions_per_minute=2, **LIMITED)
    replies = [await http.get("/v1/ask?q=wi-fi") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    refusal = await replies[2].json()
    assert refusal["code"] == "rate_limited"
    assert 0 < int(replies[2].headers["Retry-After"]) <= 60
    assert replies[2].headers["Retry-After"] in refusal["detail"]
    assert (await http.get("/healthz")).status == 200
    assert (await http.get("/v1/entries")).status == 200


async def test_shares_are_counted_behind_a_trusted_proxy(served: Served) -> None:
    """Each person behind it has their own."""
    http = await served(client_requests_per_minute=1, **LIMITED)
    ada, bo = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
    statuses = [
        (await http.get("/v1/ask?q=wi-fi", headers=headers)).status for headers in (ada, bo, ada)
    ]
    assert statuses == [200, 200, 429]


async def test_whoever_talks_too_much_is_told_and_stays_connected(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error frame has the code and the seconds; the conversation goes on."""
    monkeypatch.setattr(websocket, "FLOOD_PAUSE_S", 0.01)
    http = await served(client_questions_per_minute=1, **LIMITED)
    socket = await http.ws_connect("/ws")
    await socket.receive()
    await socket.receive()
    for number in ("1", "2"):
        await socket.send_json({"type": "question", "id": number, "text": "wi-fi"})
    assert (await socket.receive_json(timeout=5))["kind"] == "answer"
    error = await socket.receive_json(timeout=5)
    assert (error["code"], error["reply_to"]) == ("rate_limited", "2")
    assert 0 < error["retry_after_s"] <= 60
    await socket.send_json({"type": "ping", "id": "p"})
    assert (await socket.receive_json(timeout=5))["type"] == "pong"


@pytest.mark.parametrize("limit", ["max_client_connections", "client_connections_per_minute"])
async def test_too_many_conversations_of_one_client_close_with_1008(
    served: Served, limit: str
) -> None:
    """Over a proxy as well as directly; others still get in."""
    http = await served(**{limit: 1}, **LIMITED)
    first = await http.ws_connect("/ws", headers={"X-Forwarded-For": "203.0.113.1"})
    second = await http.ws_connect("/ws", headers={"X-Forwarded-For": "203.0.113.1"})
    other = await http.ws_connect("/ws", headers={"X-Forwarded-For": "203.0.113.2"})
    message = await second.receive(timeout=5)
    assert (second.close_code, json.loads((await first.receive()).data)["type"]) == (1008, "init")
    assert message.extra
    assert json.loads((await other.receive()).data)["type"] == "init"
