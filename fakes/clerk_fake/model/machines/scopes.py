"""Allow one machine to talk to another, or no more.

A scope counts for tokens that are made from then on: a token keeps those that it was made with.
"""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.machines.entity import MACHINE_SCOPES, MACHINES, Machine, MachineScope

__all__ = [
    "MOST_SCOPES",
    "ScopeDraft",
    "create_machine_scope",
    "delete_machine_scope",
    "let_talk",
]

MOST_SCOPES: Final = 150
"""That many others a machine may talk to."""


@dataclass(frozen=True, slots=True)
class ScopeDraft:
    """What ``POST /v1/machines/{machine_id}/scopes`` takes."""

    to_machine_id: str


def create_machine_scope(
    instance: Instance, machine: Machine, draft: ScopeDraft, origin: Origin
) -> MachineScope:
    """Allow ``machine`` to talk to another.

    Raises:
        ApiError: 404, there is no such other; 409, it is allowed already; 422, it is the machine
            itself, or one too many.
    """
    other = MACHINES.require(instance, draft.to_machine_id)
    if other.id == machine.id:
        raise ApiError.bad_value("to_machine_id", "the id of another machine")
    if _find(instance, machine.id, other.id) is not None:
        raise ApiError.of(
            409,
            "duplicate_record",
            "already exists",
            f"Machine {machine.id} is scoped to {other.id} already.",
            param_name="to_machine_id",
        )
    if len(MACHINE_SCOPES.table(instance).find("from_machine_id", machine.id)) >= MOST_SCOPES:
        raise ApiError.bad_value("to_machine_id", f"one of at most {MOST_SCOPES} per machine")
    return let_talk(instance, machine.id, other.id, origin)


def delete_machine_scope(
    instance: Instance, machine: Machine, other_id: str, origin: Origin
) -> MachineScope:
    """Forbid ``machine`` to talk to another; return what was.

    Raises:
        ApiError: 404, it was not allowed.
    """
    scope = _find(instance, machine.id, other_id)
    if scope is None:
        raise ApiError.of(
            404,
            "resource_not_found",
            "not found",
            f"Machine {machine.id} is not scoped to {other_id}.",
        )
    MACHINE_SCOPES.remove(instance, scope, origin)
    return scope


def let_talk(instance: Instance, from_id: str, to_id: str, origin: Origin) -> MachineScope:
    """Keep a scope that was checked before."""
    scope = MachineScope(MACHINE_SCOPES.new_id(instance), from_id, to_id, instance.clock.now_ms())
    return MACHINE_SCOPES.add(instance, scope, origin)


def _find(instance: Instance, from_id: str, to_id: str) -> MachineScope | None:
    scopes = MACHINE_SCOPES.table(instance).find("from_machine_id", from_id)
    return next((scope for scope in scopes if scope.to_machine_id == to_id), None)
