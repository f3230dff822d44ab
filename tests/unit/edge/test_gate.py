"""How many connections may be open."""

import pytest

from service.edge.callers import Callers
from service.edge.gate import Gate


def gate(max_open: int = 10, max_of_one: int = 2) -> Gate:
    """A gate that knows one proxy."""
    return Gate(Callers(("10.0.0.1",), ("127.0.0.1",)), max_open, max_of_one)


def test_one_address_cannot_take_all_places() -> None:
    """It gets one back for each it gives up."""
    entry = gate()
    first = entry.enter("203.0.113.1")
    assert entry.enter("203.0.113.1") is not None
    assert entry.enter("203.0.113.1") is None
    assert entry.enter("203.0.113.2") is not None
    assert first is not None
    entry.leave(first)
    assert entry.enter("203.0.113.1") is not None


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", None])
def test_a_proxy_is_many_people(address: str | None) -> None:
    """Its connections count towards all of them only."""
    entry = gate()
    came = [entry.enter(address) for _ in range(11)]
    assert [caller is not None for caller in came] == [True] * 10 + [False]
    assert entry.open == 10
