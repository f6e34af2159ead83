"""A directory, its key, and how it is written."""

from dataclasses import dataclass, field
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.connections.entity import CONNECTIONS, custom_attributes_resource
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = ["DEFAULT_MAPPING", "DIRECTORIES", "Directory"]

DEFAULT_MAPPING: Final = {
    "email_address": "emails[?primary==`true`].value | [0]",
    "first_name": "name.givenName",
    "last_name": "name.familyName",
    "user_name": "userName",
}
"""User attribute → where SCIM has it."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory; times are Unix ms.

    Attributes:
        api_key: Authenticates provisioning requests; shown when it is made, never again.
        previous_api_key: The one before, until ``previous_key_ends_at``.
    """

    id: str
    name: str
    enterprise_connection_id: str
    provider: str
    api_key: str
    created_at: int
    updated_at: int
    enabled: bool = True
    group_role_mapping_enabled: bool = True
    attribute_mapping: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_MAPPING))
    previous_api_key: str | None = None
    previous_key_ends_at: int | None = None


def _resource(instance: Instance, directory: Directory) -> JsonObject:
    connection = CONNECTIONS.table(instance).get(directory.enterprise_connection_id)
    return {
        "object": "directory",
        "id": directory.id,
        "name": directory.name,
        "enterprise_connection_id": directory.enterprise_connection_id,
        "endpoint_url": f"{instance.identity.issuer}/scim/v2/{directory.id}",
        "provider": directory.provider,
        "enabled": directory.enabled,
        "group_role_mapping_enabled": directory.group_role_mapping_enabled,
        "attribute_mapping": dict(directory.attribute_mapping),
        "custom_attributes": [] if connection is None else custom_attributes_resource(connection),
        "created_at": directory.created_at,
        "updated_at": directory.updated_at,
    }


DIRECTORIES: Final = Kind(
    Noun(
        "directories",
        Directory,
        {"connection_id": lambda directory: (directory.enterprise_connection_id,)},
    ),
    what="directory",
    prefix="scimdir",
    wire_name="directory",
    resource=_resource,
)
