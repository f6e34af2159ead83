"""Who sends a request: the peer, or whom a trusted proxy says that it forwards for."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.types import Scope

__all__ = ["TrustedProxies", "source_of"]

LOCAL: Final = "local"
"""Stands for a peer without an address: the other end of a Unix socket."""
V6_PREFIX: Final = 64
"""Whoever has one IPv6 address has a whole /64, and counts as one source."""


@lru_cache(maxsize=4096)
def source_of(host: str) -> str:
    """Return under which name a host is counted."""
    address = _address(host)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, V6_PREFIX), strict=False))
    return host[:64] if address is None else str(address)


class TrustedProxies:
    """Proxies whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.

    Args:
        networks: Where they are.
    """

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self._networks = tuple(networks)

    def resolve(self, scope: Scope) -> None:
        """Put the real client, and the scheme that it used, into the scope.

        The right-most address that is no trusted proxy's counts: whatever stands left of it, the
        client may have made up.
        """
        peer = scope["client"][0] if scope.get("client") else LOCAL
        if not self._networks or not self._trusts(peer):
            scope["client"] = scope.get("client") or (LOCAL, 0)
            return
        hops = _values(scope, b"x-forwarded-for")
        client = peer
        for hop in reversed(hops):
            address = _address(hop)
            if address is None:
                break
            client = str(address)
            if not self._trusts(client):
                break
        scope["client"] = (client, 0)
        schemes = _values(scope, b"x-forwarded-proto")
        if schemes and schemes[-1] in {"http", "https"}:
            scope["scheme"] = schemes[-1]

    def _trusts(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)


def _values(scope: Scope, wanted: bytes) -> list[str]:
    lines: Iterable[bytes] = (value for name, value in scope["headers"] if name == wanted)
    return [part.strip() for line in lines for part in line.decode("latin-1").split(",")]


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Read an address as proxies write it, also with a port; IPv4 in IPv6 is IPv4."""
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
