"""All kinds of faults, in the order in which they come between a request and its handler.

The first is the outermost. One that answers by itself keeps the request from those behind it, and
those that change what a handler sees come last: nothing waits between them and the handler.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clerk_fake.faults.clock_skew import ClockSkew
from clerk_fake.faults.connection_reset import ConnectionReset
from clerk_fake.faults.fault import Fault
from clerk_fake.faults.jwks_outage import JwksOutage
from clerk_fake.faults.jwks_rotation import JwksRotation
from clerk_fake.faults.latency import Latency
from clerk_fake.faults.rate_limit import RateLimit
from clerk_fake.faults.server_error import ServerError
from clerk_fake.faults.stale_reads import StaleReads
from clerk_fake.faults.timeout import Timeout

__all__ = ["FAULTS", "place_of"]

ORDER: Final[tuple[type[Fault], ...]] = (
    Latency,
    Timeout,
    ConnectionReset,
    RateLimit,
    ServerError,
    JwksOutage,
    JwksRotation,
    StaleReads,
    ClockSkew,
)
FAULTS: Final[Mapping[str, type[Fault]]] = MappingProxyType({fault.kind: fault for fault in ORDER})


def place_of(fault: Fault) -> int:
    """Return the place of a fault's kind, 0 for the outermost."""
    return ORDER.index(type(fault))
