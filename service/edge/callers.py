"""Who is asking: the address that a client's shares are counted by."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import web

FORWARDED_FOR = "X-Forwarded-For"
# One subscriber usually has a whole /64 of IPv6 to speak from: more addresses than can be counted.
_IPV6_PREFIX = 64
_HERE = "127.0.0.1"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Caller:
    """A client: what its shares are counted by, and whether they are."""

    key: str
    is_proxy: bool
    is_unlimited: bool


class Callers:
    """
    Tells clients apart.

    ``X-Forwarded-For`` is believed only from a proxy we trust, and only up to the first address
    that is not such a proxy's: what stands left of it was written by the client itself.
    """

    def __init__(self, trusted_proxies: Iterable[str], unlimited: Iterable[str]) -> None:
        self._proxies = networks(trusted_proxies)
        self._unlimited = networks(unlimited)
        self._known = lru_cache(maxsize=4_096)(self._look_up)

    def of(self, request: web.BaseRequest) -> Caller:
        """The client that sent *request*."""
        caller = self.at(request.remote)
        if not caller.is_proxy or FORWARDED_FOR not in request.headers:
            return caller
        said = ",".join(request.headers.getall(FORWARDED_FOR)).split(",")
        for text in reversed(said):
            address = text.strip()
            if not _is_address(address):
                break
            caller = self._known(address)
            if not caller.is_proxy:
                break
        return caller

    def at(self, address: str | None) -> Caller:
        """The client at the other end of a connection; a Unix socket has no address."""
        return self._known(address if address and _is_address(address) else _HERE)

    def _look_up(self, text: str) -> Caller:
        address = _address(text)
        key = str(address)
        if address.version == 6:
            key = str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
        return Caller(
            key,
            is_proxy=any(address in network for network in self._proxies),
            is_unlimited=any(address in network for network in self._unlimited),
        )


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """
    Addresses and networks, as people write them.

    Raises:
        ValueError: one of them is neither; the message names it.

    """
    return tuple(ipaddress.ip_network(text) for text in texts)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@lru_cache(maxsize=4_096)
def _is_address(text: str) -> bool:
    try:
        _address(text)
    except ValueError:
        return False
    return True
