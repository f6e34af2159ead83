"""All kinds of faults of both seams, in the order in which they come between.

The first is the outermost. One that answers by itself keeps the request or the delivery from those
behind it, and those that change what a handler sees come last: nothing waits between them and the
handler.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clerk_fake.faults.api.clock_skew import ClockSkew
from clerk_fake.faults.api.connection_reset import ConnectionReset
from clerk_fake.faults.api.jwks_outage import JwksOutage
from clerk_fake.faults.api.jwks_rotation import JwksRotation
from clerk_fake.faults.api.latency import Latency
from clerk_fake.faults.api.rate_limit import RateLimit
from clerk_fake.faults.api.server_error import ServerError
from clerk_fake.faults.api.stale_reads import StaleReads
from clerk_fake.faults.api.timeout import Timeout
from clerk_fake.faults.fault import Fault, SeamName

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


def _at(seam: SeamName) -> Mapping[str, type[Fault]]:
    return MappingProxyType({fault.kind: fault for fault in ORDER if fault.seam == seam})


FAULTS: Final[Mapping[str, Mapping[str, type[Fault]]]] = MappingProxyType(
    {"api": _at("api"), "delivery": _at("delivery")}
)


def place_of(fault: Fault) -> int:
    """Return the place of a fault's kind, 0 for the outermost."""
    return ORDER.index(type(fault))
