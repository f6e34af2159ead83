"""What is signed how, as far as faults look at it and change it."""

import base64
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.webhooks.shipment import Shipment
from clerk_fake.webhooks.signing import SigningKey, signing_keys

__all__ = ["current_keys", "entries_of", "forged", "timestamp_of", "with_entries"]

ENTRY_BYTES: Final = {"v1": 32, "v1a": 64}


def current_keys(shipment: Shipment, instance: Instance) -> tuple[SigningKey, ...]:
    """Return the keys that sign for the shipment's endpoint now."""
    endpoint = instance.endpoints.get(shipment.endpoint.id) or shipment.endpoint
    return signing_keys(endpoint.secret, endpoint.old_secrets, instance.clock.now_ms())


def timestamp_of(shipment: Shipment) -> int:
    """Return when it says that it was signed, Unix seconds."""
    return int(shipment.headers[f"{shipment.endpoint.header_names}-timestamp"])


def entries_of(shipment: Shipment) -> tuple[str, ...]:
    """Return its signatures, ``v1,…`` each."""
    return tuple(shipment.headers[f"{shipment.endpoint.header_names}-signature"].split())


def with_entries(shipment: Shipment, entries: Sequence[str]) -> Shipment:
    """Return the shipment with these signatures instead of its own."""
    name = f"{shipment.endpoint.header_names}-signature"
    return replace(shipment, headers={**shipment.headers, name: " ".join(entries)})


def forged(entry: str, draw: random.Random, version: str | None = None) -> str:
    """Return an entry that looks like ``entry`` and is signed by nobody.

    Args:
        entry: ``v1,…`` or ``v1a,…``.
        draw: Where its bytes come from.
        version: What it says of itself; ``None`` for the same as ``entry``.
    """
    said = entry.partition(",")[0]
    noise = draw.randbytes(ENTRY_BYTES.get(said, 32))
    return f"{version or said},{base64.b64encode(noise).decode()}"
