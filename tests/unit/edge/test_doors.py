"""Who may come in: hosts and origins."""

import pytest

from service.edge.doors import HostPolicy, OriginPolicy

HOSTS = [
    ("localhost", True),
    ("localhost:2000", True),
    ("LOCALHOST:2000", True),
    ("app.localhost:2000", True),
    ("127.0.0.1:2000", True),
    ("192.168.1.20:2000", True),
    ("[::1]:2000", True),
    ("[fe80::1]", True),
    ("help.example:443", True),
    ("help.example", True),
    ("internal:2000", True),
    ("evil.example", False),
    ("help.example.evil.example", False),
    ("localhost.evil.example", False),
    ("127.0.0.1.evil.example", False),
    ("evillocalhost", False),
    ("localhost:80:80", False),
    ("[::1].evil.example", False),
    ("", False),
    (None, False),
]


@pytest.mark.parametrize(("host", "ours"), HOSTS)
def test_only_names_that_are_ours_are_answered(host: str | None, ours: bool) -> None:
    """Addresses and localhost always; names when they are configured or listened on."""
    policy = HostPolicy(("help.example",), "internal")
    assert policy.allows(host) is ours


def test_a_star_allows_every_name() -> None:
    """For a proxy that has checked the name already."""
    assert HostPolicy(("*",), "127.0.0.1").allows("evil.example")


ORIGINS = [
    (None, "localhost:2000", True),
    ("http://localhost:2000", "localhost:2000", True),
    ("https://help.example", "help.example", True),
    ("http://help.example", "help.example:80", True),
    ("https://help.example:443", "help.example", True),
    ("https://friend.example", "help.example", True),
    ("HTTPS://FRIEND.example", "help.example", True),
    ("null", "localhost:2000", False),
    ("", "localhost:2000", False),
    ("http://localhost:3000", "localhost:2000", False),
    ("http://localhost", "localhost:2000", False),
    ("https://friend.example.evil.example", "help.example", False),
    ("https://sub.friend.example", "help.example", False),
    ("http://friend.example", "help.example", False),
    ("https://friend.example:444", "help.example", False),
    ("http://user@localhost:2000", "localhost:2000", False),
    ("file://localhost:2000", "localhost:2000", False),
    ("http://localhost:99999", "localhost:99999", False),
    ("http://[::1", "[::1", False),
    ("http://localhost:2000", None, False),
]


@pytest.mark.parametrize(("origin", "host", "welcome"), ORIGINS)
def test_only_pages_of_ours_and_of_friends_may_call(
    origin: str | None, host: str | None, welcome: bool
) -> None:
    """Exact origins; none at all is not a browser; null is nobody's."""
    assert OriginPolicy(("https://friend.example",)).allows(origin, host) is welcome
