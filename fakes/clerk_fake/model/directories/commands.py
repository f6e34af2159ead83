"""Make directories, change them, rotate their keys, delete them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject, Length
from clerk_fake.model.connections.entity import CONNECTIONS
from clerk_fake.model.directories.entity import DIRECTORIES, Directory
from clerk_fake.model.directories.mappings import (
    MAPPINGS,
    WantedMapping,
    check_mappings,
    keep_mappings,
    mappings_of,
)
from clerk_fake.model.secrets import new_secret
from clerk_fake.model.unset import UNSET, Unset, given

__all__ = [
    "DirectoryChange",
    "NewDirectory",
    "change_directory",
    "create_directory",
    "delete_directory",
    "rotate_directory_key",
]

KEY_PREFIX: Final = "scim_"
GRACE_MS: Final = 60 * 60 * 1000
"""How long a key that was rotated away stays valid."""


@dataclass(frozen=True, slots=True)
class NewDirectory:
    """What a new directory should be."""

    enterprise_connection_id: str
    provider: str
    name: str
    mappings: Sequence[WantedMapping]


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """What ``PATCH`` takes; in ``attribute_mapping`` null removes a key."""

    name: Annotated[str, Length(1, 255)] | Unset = UNSET
    enabled: bool | Unset = UNSET
    provider: Annotated[str, Length(1, 255)] | Unset = UNSET
    attribute_mapping: JsonObject | Unset = UNSET
    group_role_mapping_enabled: bool | Unset = UNSET


def create_directory(instance: Instance, wanted: NewDirectory, origin: Origin) -> Directory:
    """Add a directory to an enterprise connection, which may have one.

    Raises:
        ApiError: 404, there is no such role; 422, there is no such connection, it has a directory
            already, or groups are there twice.
    """
    _check_connection(instance, wanted.enterprise_connection_id)
    check_mappings(instance, wanted.mappings)
    now = instance.clock.now_ms()
    directory = Directory(
        id=DIRECTORIES.new_id(instance),
        name=wanted.name,
        enterprise_connection_id=wanted.enterprise_connection_id,
        provider=wanted.provider,
        api_key=new_secret(instance, KEY_PREFIX),
        created_at=now,
        updated_at=now,
    )
    DIRECTORIES.add(instance, directory, origin)
    keep_mappings(instance, directory, wanted.mappings)
    return directory


def change_directory(
    instance: Instance, directory: Directory, change: DirectoryChange, origin: Origin
) -> Directory:
    """Set what is given; the attribute mapping is merged.

    Raises:
        ApiError: 422, an attribute is mapped to something else than a path.
    """
    return DIRECTORIES.change(
        instance,
        directory,
        origin,
        name=given(change.name, directory.name),
        enabled=given(change.enabled, directory.enabled),
        provider=given(change.provider, directory.provider),
        attribute_mapping=_merged(directory, change),
        group_role_mapping_enabled=given(
            change.group_role_mapping_enabled, directory.group_role_mapping_enabled
        ),
    )


def rotate_directory_key(instance: Instance, directory: Directory, origin: Origin) -> Directory:
    """Make a new key; the old one stays valid for a while."""
    return DIRECTORIES.change(
        instance,
        directory,
        origin,
        api_key=new_secret(instance, KEY_PREFIX),
        previous_api_key=directory.api_key,
        previous_key_ends_at=instance.clock.now_ms() + GRACE_MS,
    )


def delete_directory(instance: Instance, directory: Directory, origin: Origin) -> None:
    """Forget a directory and its mappings."""
    for mapping in mappings_of(instance, directory):
        instance.state.of(MAPPINGS).remove(mapping)
    DIRECTORIES.remove(instance, directory, origin)


def _merged(directory: Directory, change: DirectoryChange) -> dict[str, str]:
    merged = dict(directory.attribute_mapping)
    if isinstance(change.attribute_mapping, Unset):
        return merged
    for attribute, path in change.attribute_mapping.items():
        if path is None:
            merged.pop(attribute, None)
        elif isinstance(path, str):
            merged[attribute] = path
        else:
            raise ApiError.bad_format("attribute_mapping", "an object of paths")
    return merged


def _check_connection(instance: Instance, connection_id: str) -> None:
    if CONNECTIONS.table(instance).get(connection_id) is None:
        raise ApiError.bad_value("enterprise_connection_id", "an enterprise connection")
    if DIRECTORIES.table(instance).find("connection_id", connection_id):
        raise ApiError.of(
            422,
            "scim_directory_enterprise_connection_already_used",
            "enterprise connection already in use",
            "This enterprise connection is already associated with another directory.",
            param_name="enterprise_connection_id",
        )
