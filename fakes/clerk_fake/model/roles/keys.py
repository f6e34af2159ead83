"""What keys of roles, permissions and role sets look like, and that each is there only once."""

import re
from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.records import Kind

__all__ = [
    "check_key_free",
    "check_permission_key",
    "check_role_key",
    "check_role_set_key",
    "key_of_name",
]

ROLE_KEY: Final = re.compile(r"org:[a-z0-9_]{1,200}")
ROLE_SET_KEY: Final = re.compile(r"role_set:[a-z0-9_]{1,200}")
PERMISSION_KEY: Final = re.compile(r"org:[a-z0-9_]{1,100}:[a-z0-9_]{1,100}")
SYSTEM_PREFIX: Final = "org:sys_"


def check_role_key(instance: Instance, kind: Kind[Any], key: str) -> str:
    """Return the key of a new role.

    Raises:
        ApiError: 422, it is malformed or taken.
    """
    if not ROLE_KEY.fullmatch(key):
        raise ApiError.bad_format(
            "key", "'org:' and lowercase letters, digits or underscores, e.g. org:sales"
        )
    return check_key_free(instance, kind, key)


def check_role_set_key(instance: Instance, kind: Kind[Any], key: str) -> str:
    """Return the key of a new role set.

    Raises:
        ApiError: 422, it is malformed or taken.
    """
    if not ROLE_SET_KEY.fullmatch(key):
        raise ApiError.bad_format(
            "key", "'role_set:' and lowercase letters, digits or underscores, e.g. role_set:pro"
        )
    return check_key_free(instance, kind, key)


def check_permission_key(instance: Instance, kind: Kind[Any], key: str) -> str:
    """Return the key of a new permission.

    Raises:
        ApiError: 422, it is malformed, reserved or taken.
    """
    if not PERMISSION_KEY.fullmatch(key):
        raise ApiError.bad_format(
            "key",
            "'org:<feature>:<action>' in lowercase letters, digits or underscores, "
            "e.g. org:billing:manage",
        )
    if key.startswith(SYSTEM_PREFIX):
        raise ApiError.bad_value("key", f"without {SYSTEM_PREFIX}, which Clerk's own have")
    return check_key_free(instance, kind, key)


def check_key_free(instance: Instance, kind: Kind[Any], key: str) -> str:
    """Return the key.

    Raises:
        ApiError: 422 ``form_identifier_exists``.
    """
    if kind.table(instance).find("key", key):
        raise ApiError.identifier_exists("key")
    return key


def key_of_name(name: str) -> str:
    """Return what a name becomes in a key, e.g. ``pro_plan`` for "Pro plan"; may be empty."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:100]
