"""A machine, as an instance remembers it, and the scopes that say whom it may talk to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.secrets import secret_digest
from clerk_fake.state import Noun

__all__ = [
    "MACHINES",
    "MACHINE_SCOPES",
    "Machine",
    "MachineScope",
    "RetiredKey",
    "created_machine_resource",
    "machine_resource",
    "scoped_to",
]


@dataclass(frozen=True, slots=True)
class RetiredKey:
    """A secret key that was replaced, but opens doors for a while.

    Attributes:
        secret_key: The key.
        valid_until: ms.
    """

    secret_key: str
    valid_until: int


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine; times are Unix ms.

    Attributes:
        default_token_ttl: Seconds that its tokens live unless it says otherwise.
        secret_key: ``ak_…``, with which it authenticates itself.
        retired_keys: Those before.
    """

    id: str
    name: str
    default_token_ttl: int
    secret_key: str
    created_at: int
    updated_at: int
    retired_keys: tuple[RetiredKey, ...] = ()

    def keys_at(self, now_ms: int) -> tuple[str, ...]:
        """Return the secret keys that are good at this time, the newest first."""
        retired = (key.secret_key for key in self.retired_keys if key.valid_until > now_ms)
        return (self.secret_key, *retired)


@dataclass(frozen=True, slots=True)
class MachineScope:
    """One machine may talk to another.

    Attributes:
        id: Not on the wire.
        from_machine_id: Who.
        to_machine_id: To whom.
        created_at: ms.
    """

    id: str
    from_machine_id: str
    to_machine_id: str
    created_at: int


def _key_digests(machine: Machine) -> Iterator[str]:
    yield secret_digest(machine.secret_key)
    for key in machine.retired_keys:
        yield secret_digest(key.secret_key)


def _scope_resource(_instance: Instance, scope: MachineScope) -> JsonObject:
    return {
        "object": "machine_scope",
        "from_machine_id": scope.from_machine_id,
        "to_machine_id": scope.to_machine_id,
        "created_at": scope.created_at,
    }


MACHINE_SCOPES: Final = Kind(
    Noun(
        "machine_scopes",
        MachineScope,
        {
            "from_machine_id": lambda scope: (scope.from_machine_id,),
            "to_machine_id": lambda scope: (scope.to_machine_id,),
        },
    ),
    what="machine scope",
    prefix="mchscp",
    wire_name="machine_scope",
    resource=_scope_resource,
)


def scoped_to(instance: Instance, machine_id: str) -> list[str]:
    """Return the ids of the machines that a machine may talk to, the longest known first."""
    scopes = MACHINE_SCOPES.table(instance).find("from_machine_id", machine_id)
    return [scope.to_machine_id for scope in scopes]


def _bare_resource(instance: Instance, machine: Machine) -> JsonObject:
    return {
        "object": "machine",
        "id": machine.id,
        "name": machine.name,
        "instance_id": instance.id,
        "created_at": machine.created_at,
        "updated_at": machine.updated_at,
        "default_token_ttl": machine.default_token_ttl,
    }


def machine_resource(instance: Instance, machine: Machine) -> JsonObject:
    """Return the machine as Clerk writes it, without its secret key."""
    others = map(MACHINES.table(instance).get, scoped_to(instance, machine.id))
    scoped = [_bare_resource(instance, other) for other in others if other is not None]
    return {**_bare_resource(instance, machine), "scoped_machines": scoped}


def created_machine_resource(instance: Instance, machine: Machine) -> JsonObject:
    """Return the machine as it is shown once, with its secret key."""
    return {**machine_resource(instance, machine), "secret_key": machine.secret_key}


def _missing(machine_id: str) -> ApiError:
    return ApiError.of(
        404, "machine_not_found", "Machine not found", f"No machine was found with id {machine_id}"
    )


MACHINES: Final = Kind(
    Noun("machines", Machine, {"secret_key": _key_digests}),
    what="machine",
    prefix="mch",
    wire_name="machine",
    resource=machine_resource,
    missing=_missing,
)
