"""Create, change and delete machines."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Length
from clerk_fake.model.api_keys.commands import forget_api_keys_of
from clerk_fake.model.m2m_tokens.entity import forget_m2m_tokens_of
from clerk_fake.model.machines.entity import MACHINE_SCOPES, MACHINES, Machine
from clerk_fake.model.machines.keys import new_machine_key
from clerk_fake.model.machines.scopes import MOST_SCOPES, let_talk
from clerk_fake.model.unset import UNSET, Unset, given

__all__ = [
    "MachineChange",
    "MachineDraft",
    "change_machine",
    "create_machine",
    "delete_machine",
]

HOUR_S: Final = 3600
LONGEST_TTL_S: Final = 315_360_000

Name = Annotated[str, Length(1, 255)]
Ttl = Annotated[int, Between(1, LONGEST_TTL_S)]


@dataclass(frozen=True, slots=True)
class MachineDraft:
    """What ``POST /v1/machines`` takes."""

    name: Name
    scoped_machines: Annotated[tuple[str, ...], Length(0, MOST_SCOPES)] = ()
    default_token_ttl: Ttl = HOUR_S


@dataclass(frozen=True, slots=True)
class MachineChange:
    """What ``PATCH /v1/machines/{machine_id}`` takes."""

    name: Name | Unset = UNSET
    default_token_ttl: Ttl | Unset = UNSET


def create_machine(instance: Instance, draft: MachineDraft, origin: Origin) -> Machine:
    """Make a machine with a secret key, which may talk to ``draft.scoped_machines``.

    Raises:
        ApiError: 422, one of these is there twice, or does not exist.
    """
    if len(set(draft.scoped_machines)) < len(draft.scoped_machines):
        raise ApiError.duplicate_values("scoped_machines")
    machines = MACHINES.table(instance)
    for machine_id in draft.scoped_machines:
        if machines.get(machine_id) is None:
            raise ApiError.bad_value("scoped_machines", "ids of machines of this instance")
    now = instance.clock.now_ms()
    machine = Machine(
        id=MACHINES.new_id(instance),
        name=draft.name,
        default_token_ttl=draft.default_token_ttl,
        secret_key=new_machine_key(instance),
        created_at=now,
        updated_at=now,
    )
    MACHINES.add(instance, machine, origin)
    for machine_id in draft.scoped_machines:
        let_talk(instance, machine.id, machine_id, origin)
    return machine


def change_machine(
    instance: Instance, machine: Machine, change: MachineChange, origin: Origin
) -> Machine:
    """Rename a machine, or let its tokens live longer or shorter from now on."""
    return MACHINES.change(
        instance,
        machine,
        origin,
        name=given(change.name, machine.name),
        default_token_ttl=given(change.default_token_ttl, machine.default_token_ttl),
    )


def delete_machine(instance: Instance, machine: Machine, origin: Origin) -> None:
    """Forget a machine, its scopes in both directions, and its tokens."""
    scopes = MACHINE_SCOPES.table(instance)
    for lookup in ("from_machine_id", "to_machine_id"):
        for scope in scopes.find(lookup, machine.id):
            MACHINE_SCOPES.remove(instance, scope, origin)
    forget_m2m_tokens_of(instance, machine.id)
    forget_api_keys_of(instance, machine.id)
    MACHINES.remove(instance, machine, origin)
