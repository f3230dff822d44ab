"""Who is asking, behind proxies and without."""

import pytest
from aiohttp.test_utils import make_mocked_request

from service.edge.callers import Callers

PROXIES = ("127.0.0.1", "10.0.0.0/8", "::1")
BEHIND = [
    # peer, X-Forwarded-For headers, who is counted
    ("203.0.113.5", [], "203.0.113.5"),
    ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
    ("127.0.0.1", ["203.0.113.5"], "203.0.113.5"),
    ("127.0.0.1", ["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
    ("127.0.0.1", ["198.51.100.1", "203.0.113.5, 10.1.1.1"], "203.0.113.5"),
    ("127.0.0.1", ["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
    ("127.0.0.1", ["203.0.113.5, nonsense"], "127.0.0.1"),
    ("127.0.0.1", ["203.0.113.5, nonsense, 10.1.1.1"], "10.1.1.1"),
    ("127.0.0.1", [""], "127.0.0.1"),
    ("::ffff:203.0.113.5", [], "203.0.113.5"),
    ("2001:db8:1:2:3::4", [], "2001:db8:1:2::/64"),
    ("fe80::1%eth0", [], "fe80::/64"),
    ("::1", ["2001:db8:1:2:ffff::9"], "2001:db8:1:2::/64"),
]


@pytest.mark.parametrize(("peer", "forwarded", "counted"), BEHIND)
def test_only_a_trusted_proxy_is_believed(peer: str, forwarded: list[str], counted: str) -> None:
    """The nearest address that no proxy of ours has; a client cannot write itself another."""
    request = make_mocked_request("GET", "/", headers=[("X-Forwarded-For", h) for h in forwarded])
    assert Callers(PROXIES, ()).of(request.clone(remote=peer)).key == counted


def test_a_unix_socket_is_this_machine() -> None:
    """It has no address, and only local processes reach it."""
    caller = Callers(PROXIES, ("127.0.0.0/8",)).at("")
    assert (caller.key, caller.is_proxy, caller.is_unlimited) == ("127.0.0.1", True, True)
