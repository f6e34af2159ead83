"""All kinds of faults of both seams, in the order in which they come between.

The first is the outermost. One that answers by itself keeps the request or the delivery from those
behind it. Of the API's, those that change what a handler sees come last: nothing waits between them
and the handler. Of the deliveries', those that hold come before those that change what is sent, so
that it is what goes out that is signed, copied and sent oddly, in this order.
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
from clerk_fake.faults.delivery.ack_lost import AckLost
from clerk_fake.faults.delivery.burst import Burst
from clerk_fake.faults.delivery.clock_skew import ClockSkew as DeliveryClockSkew
from clerk_fake.faults.delivery.delay import Delay
from clerk_fake.faults.delivery.drop import Drop
from clerk_fake.faults.delivery.drop_after_ack import DropAfterAck
from clerk_fake.faults.delivery.duplicate import Duplicate
from clerk_fake.faults.delivery.endpoint_outage import EndpointOutage
from clerk_fake.faults.delivery.mid_flight_rotation import MidFlightRotation
from clerk_fake.faults.delivery.multiple_signatures import MultipleSignatures
from clerk_fake.faults.delivery.old_key import OldKey
from clerk_fake.faults.delivery.reorder import Reorder
from clerk_fake.faults.delivery.replay_storm import ReplayStorm
from clerk_fake.faults.delivery.slow_body import SlowBody
from clerk_fake.faults.delivery.stale_timestamp import StaleTimestamp
from clerk_fake.faults.delivery.truncated_body import TruncatedBody
from clerk_fake.faults.delivery.unknown_version import UnknownVersion
from clerk_fake.faults.delivery.wrong_signature import WrongSignature
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
    EndpointOutage,
    ReplayStorm,
    Delay,
    Drop,
    DropAfterAck,
    Burst,
    Reorder,
    MidFlightRotation,
    AckLost,
    DeliveryClockSkew,
    StaleTimestamp,
    WrongSignature,
    OldKey,
    UnknownVersion,
    MultipleSignatures,
    Duplicate,
    SlowBody,
    TruncatedBody,
)


def _at(seam: SeamName) -> Mapping[str, type[Fault]]:
    return MappingProxyType({fault.kind: fault for fault in ORDER if fault.seam == seam})


FAULTS: Final[Mapping[str, Mapping[str, type[Fault]]]] = MappingProxyType(
    {"api": _at("api"), "delivery": _at("delivery")}
)


def place_of(fault: Fault) -> int:
    """Return the place of a fault's kind, 0 for the outermost."""
    return ORDER.index(type(fault))
