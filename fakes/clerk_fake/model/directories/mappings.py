"""Which role the members of a directory's group get; of several the one of lowest precedence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.directories.entity import Directory
from clerk_fake.model.roles.entity import ROLES
from clerk_fake.state import Noun

__all__ = [
    "MAPPINGS",
    "GroupRoleMapping",
    "WantedMapping",
    "add_mapping",
    "delete_mapping",
    "mapping_resource",
    "mappings_of",
    "replace_mappings",
]


@dataclass(frozen=True, slots=True)
class GroupRoleMapping:
    """A mapping; times are Unix ms."""

    id: str
    directory_id: str
    group_id: str
    group_name: str
    role_id: str
    precedence: int
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class WantedMapping:
    """A mapping that somebody asks for; without a precedence it comes after the others."""

    group_id: str
    role_id: str
    group_name: str = ""
    precedence: int | None = None


MAPPINGS: Final = Noun(
    "directory_group_role_mappings",
    GroupRoleMapping,
    {"directory_id": lambda mapping: (mapping.directory_id,)},
)


def mappings_of(instance: Instance, directory: Directory) -> list[GroupRoleMapping]:
    """Return a directory's mappings by precedence."""
    found = instance.state.of(MAPPINGS).find("directory_id", directory.id)
    return sorted(found, key=lambda mapping: mapping.precedence)


def add_mapping(
    instance: Instance, directory: Directory, wanted: WantedMapping
) -> GroupRoleMapping:
    """Map one more group; those at its precedence and behind make room.

    Raises:
        ApiError: 400, the directory maps no groups; 404, there is no such role; 422, the group is
            mapped already.
    """
    _check_enabled(directory)
    present = mappings_of(instance, directory)
    _check([*present, wanted], instance)
    last = present[-1].precedence if present else 0
    precedence = wanted.precedence or last + 1
    table = instance.state.of(MAPPINGS)
    taken = precedence
    for mapping in present:
        if mapping.precedence == taken:
            taken += 1
            table.put(replace(mapping, precedence=taken, updated_at=instance.clock.now_ms()))
    added = _mapping(instance, directory, wanted, precedence)
    table.put(added)
    return added


def replace_mappings(
    instance: Instance, directory: Directory, wanted: Sequence[WantedMapping]
) -> list[GroupRoleMapping]:
    """Have exactly these mappings, in this order of precedence; none empties the list.

    Raises:
        ApiError: 400, the directory maps no groups; 404, there is no such role; 422, a group is
            there twice.
    """
    _check_enabled(directory)
    check_mappings(instance, wanted)
    table = instance.state.of(MAPPINGS)
    for old in mappings_of(instance, directory):
        table.remove(old)
    return keep_mappings(instance, directory, wanted)


def keep_mappings(
    instance: Instance, directory: Directory, wanted: Sequence[WantedMapping]
) -> list[GroupRoleMapping]:
    """Add mappings that were checked; those without a precedence get their place's."""
    for place, each in enumerate(wanted, start=1):
        mapping = _mapping(instance, directory, each, each.precedence or place)
        instance.state.of(MAPPINGS).put(mapping)
    return mappings_of(instance, directory)


def delete_mapping(instance: Instance, directory: Directory, mapping_id: str) -> GroupRoleMapping:
    """Take a mapping away.

    Raises:
        ApiError: 400, the directory maps no groups; 404, it has no such mapping.
    """
    _check_enabled(directory)
    mapping = instance.state.of(MAPPINGS).get(mapping_id)
    if mapping is None or mapping.directory_id != directory.id:
        raise ApiError.not_found("group role mapping", mapping_id)
    instance.state.of(MAPPINGS).remove(mapping)
    return mapping


def mapping_resource(instance: Instance, mapping: GroupRoleMapping) -> JsonObject:
    """Return a mapping under its old and its new names."""
    resource: JsonObject = {
        "object": "directory_group_role_mapping",
        "id": mapping.id,
        "directory_id": mapping.directory_id,
        "scim_directory_id": mapping.directory_id,
        "directory_group_id": mapping.group_id,
        "scim_group_id": mapping.group_id,
        "directory_group_display_name": mapping.group_name,
        "scim_group_display_name": mapping.group_name,
        "precedence": mapping.precedence,
        "created_at": mapping.created_at,
        "updated_at": mapping.updated_at,
    }
    role = ROLES.table(instance).get(mapping.role_id)
    if role is not None:
        resource["role"] = ROLES.resource(instance, role)
    return resource


def check_mappings(instance: Instance, wanted: Sequence[WantedMapping]) -> None:
    """Check mappings that shall stand together.

    Raises:
        ApiError: 404, there is no such role; 422, a group or a precedence is there twice.
    """
    _check(wanted, instance)
    given = [each.precedence for each in wanted if each.precedence is not None]
    if len(set(given)) < len(given):
        raise ApiError.duplicate_values("precedence")


def _check(mappings: Sequence[GroupRoleMapping | WantedMapping], instance: Instance) -> None:
    for mapping in mappings:
        if isinstance(mapping, WantedMapping):
            ROLES.require(instance, mapping.role_id)
    if len({mapping.group_id for mapping in mappings}) < len(mappings):
        raise ApiError.duplicate_values("scim_group_id")


def _check_enabled(directory: Directory) -> None:
    if not directory.group_role_mapping_enabled:
        raise ApiError.of(
            400,
            "feature_not_enabled",
            "role mapping disabled",
            "Role mapping is disabled for this directory. "
            "Enable role mapping to add, edit, or remove mappings.",
        )


def _mapping(
    instance: Instance, directory: Directory, wanted: WantedMapping, precedence: int
) -> GroupRoleMapping:
    now = instance.clock.now_ms()
    return GroupRoleMapping(
        id=instance.ids.new("scimgrm"),
        directory_id=directory.id,
        group_id=wanted.group_id,
        group_name=wanted.group_name,
        role_id=wanted.role_id,
        precedence=precedence,
        created_at=now,
        updated_at=now,
    )
