"""Keeps a server that others can reach from being sent into the network that it stands in.

Whoever may add an endpoint chooses an address that the server will POST to: without a guard also
the metadata service of a cloud, a database next door, or the server's own control plane.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Final, TypeAlias

from clerk_fake.webhooks.addresses import (
    Address,
    Network,
    literal_address,
    purpose_of,
    written_oddly,
)
from clerk_fake.webhooks.failure import DeliveryError

__all__ = ["Guard", "Resolve", "resolved"]

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port → addresses; raises ``socket.gaierror`` when there are none."""

LOOPBACK: Final = tuple(map(ip_address, ("127.0.0.1", "::1")))
LOOPBACK_NAME: Final = "localhost"


async def resolved(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as the system finds them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(place[4][0]) for place in found))


class Guard:
    """Lets webhooks go to the public internet, and to networks that are allowed on purpose.

    A name is looked up once for each connection, which then goes to the very address that was
    looked at: a name that has another address the next moment gains nothing by it.

    Args:
        allowed: The networks that are allowed on purpose.
        resolve: Finds the addresses of a host.
    """

    def __init__(self, allowed: Sequence[Network] = (), *, resolve: Resolve = resolved) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve

    def objection(self, host: str) -> str | None:
        """Return what speaks against a URL's host before any name is looked up, in words."""
        address = literal_address(host)
        if address is not None:
            if written_oddly(host, address):
                return f"{host} is an odd way to write {address}; write it plainly"
            return self._objection_to(address)
        name = host.removesuffix(".").lower()
        if name != LOOPBACK_NAME and not name.endswith(f".{LOOPBACK_NAME}"):
            return None
        if any(self._is_allowed(address) for address in LOOPBACK):
            return None
        return f"{host} is this machine itself"

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Look a host up, and return the addresses that may be connected to, at least one.

        A name that has a forbidden address among others is refused, unless one of them is allowed
        on purpose: then the forbidden ones are left out.

        Raises:
            DeliveryError: ``forbidden``, with the reason.
            socket.gaierror: The host has no address.
        """
        objection = self.objection(host)
        if objection is not None:
            raise DeliveryError("forbidden", objection)
        found = tuple(map(ip_address, await self._resolve(host, port)))
        objections = {address: self._objection_to(address) for address in found}
        reasons = [reason for reason in objections.values() if reason is not None]
        if reasons and not any(map(self._is_allowed, found)):
            raise DeliveryError("forbidden", f"{host} leads to a forbidden address: {reasons[0]}")
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return tuple(str(address) for address, reason in objections.items() if reason is None)

    def _objection_to(self, address: Address) -> str | None:
        purpose = purpose_of(address)
        if purpose is None or self._is_allowed(address):
            return None
        return (
            f"{address} is not on the public internet ({purpose}); "
            "--allow-endpoint-network allows a network on purpose"
        )

    def _is_allowed(self, address: Address) -> bool:
        return any(address in network for network in self._allowed)
