"""Secret keys of machines: shown, replaced with an overlap, and recognised."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.machines.entity import MACHINES, Machine, RetiredKey
from clerk_fake.model.secrets import new_secret, same_secret

__all__ = [
    "MACHINE_KEY_PREFIX",
    "KeyRotation",
    "machine_of_key",
    "new_machine_key",
    "rotate_machine_key",
    "secret_key_resource",
]

MACHINE_KEY_PREFIX: Final = "ak_"
LONGEST_OVERLAP_S: Final = 8 * 60 * 60


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """What ``POST /v1/machines/{machine_id}/secret_key/rotate`` takes.

    Attributes:
        previous_token_ttl: Seconds that the key which is replaced stays good.
    """

    previous_token_ttl: Annotated[int, Between(0, LONGEST_OVERLAP_S)]


def new_machine_key(instance: Instance) -> str:
    """Return a secret key for a machine."""
    return new_secret(instance, MACHINE_KEY_PREFIX)


def rotate_machine_key(
    instance: Instance, machine: Machine, rotation: KeyRotation, origin: Origin
) -> Machine:
    """Give a machine a new secret key; the one before stays good for a while."""
    now = instance.clock.now_ms()
    until = now + rotation.previous_token_ttl * 1000
    retired = (RetiredKey(machine.secret_key, until), *machine.retired_keys)
    return MACHINES.change(
        instance,
        machine,
        origin,
        secret_key=new_machine_key(instance),
        retired_keys=tuple(key for key in retired if key.valid_until > now),
    )


def machine_of_key(instance: Instance, secret_key: str, digest: str) -> Machine | None:
    """Return the machine whose secret key this is now; ``digest`` is ``secret_digest`` of it."""
    if not instance.state.holds_any(MACHINES.noun):
        return None
    for machine in MACHINES.table(instance).find("secret_key", digest):
        if any(same_secret(key, secret_key) for key in machine.keys_at(instance.clock.now_ms())):
            return machine
    return None


def secret_key_resource(_instance: Instance, machine: Machine) -> JsonObject:
    """Return the secret key as Clerk writes it."""
    return {"object": "machine_secret_key", "secret": machine.secret_key}
