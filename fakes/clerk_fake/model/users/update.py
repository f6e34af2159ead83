"""Change what a user is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Instant, JsonObject
from clerk_fake.model.identifications.formats import check_username
from clerk_fake.model.identifications.holding import (
    check_not_last,
    check_primary,
    notify_of_primary,
)
from clerk_fake.model.identifications.kinds import KINDS, IdentificationKind
from clerk_fake.model.images import drop_image, require_image
from clerk_fake.model.metadata import check_metadata, merge_metadata
from clerk_fake.model.sessions.commands import do_task_of, revoke_sessions_of
from clerk_fake.model.sessions.entity import Task
from clerk_fake.model.unset import UNSET, Unset, given
from clerk_fake.model.users.credentials import (
    check_backup_codes,
    check_locale,
    check_totp_secret,
    chosen_password,
)
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.saving import change_user
from clerk_fake.model.users.uniqueness import check_external_id_free, check_username_free

__all__ = [
    "MetadataChange",
    "UserChange",
    "merge_user_metadata",
    "replace_user_metadata",
    "update_user",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataChange:
    """New metadata; what is ``None`` stays."""

    public_metadata: JsonObject | None = None
    private_metadata: JsonObject | None = None
    unsafe_metadata: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange(MetadataChange):
    """What ``PATCH /v1/users/{user_id}`` takes; what is ``UNSET`` or ``None`` stays.

    Metadata given here replaces whole objects, as it did before API version 2026-05-12.
    """

    external_id: str | Unset | None = UNSET
    first_name: str | Unset | None = UNSET
    last_name: str | Unset | None = UNSET
    locale: str | Unset | None = UNSET
    primary_email_address_id: str | None = None
    notify_primary_email_address_changed: bool = False
    primary_phone_number_id: str | None = None
    primary_web3_wallet_id: str | None = None
    username: str | Unset | None = UNSET
    profile_image_id: str | None = None
    password: str | None = None
    password_digest: str | None = None
    password_hasher: str | None = None
    skip_password_checks: bool = False
    sign_out_of_other_sessions: bool = False
    totp_secret: str | None = None
    backup_codes: tuple[str, ...] | None = None
    delete_self_enabled: bool | None = None
    create_organization_enabled: bool | None = None
    legal_accepted_at: Instant | None = None
    skip_legal_checks: bool = False
    create_organizations_limit: Annotated[int, Between(0)] | Unset | None = UNSET
    created_at: Instant | None = None
    bypass_client_trust: bool | None = None


PLAIN: Final = (
    "first_name",
    "last_name",
    "delete_self_enabled",
    "create_organization_enabled",
    "legal_accepted_at",
    "create_organizations_limit",
    "created_at",
    "bypass_client_trust",
)
"""Fields that are taken over as they come."""

CLEARED_BY_NULL: Final = frozenset({"first_name", "last_name", "create_organizations_limit"})


def update_user(instance: Instance, user: User, change: UserChange, origin: Origin) -> User:
    """Apply ``change`` and emit one ``user.updated``.

    Raises:
        ApiError: 422, with Clerk's code for what is malformed, taken or not the user's; 404 for
            a primary identification that the user does not have.
    """
    password = chosen_password(instance, change, _identifiers(user))
    fields: dict[str, Any] = {
        name: value
        for name in PLAIN
        if (value := getattr(change, name)) is not UNSET
        and (value is not None or name in CLEARED_BY_NULL)
    }
    fields |= _identity(instance, user, change)
    fields |= _second_factors(change)
    fields |= _checked_metadata(_mentioned(change))
    if password is not None:
        fields |= {
            "password": password,
            "password_updated_at": instance.clock.now_ms(),
            "password_compromised": False,
        }
    changed = change_user(instance, user, origin, **fields)
    if changed.image_id != user.image_id:
        drop_image(instance, user.image_id)
    if change.notify_primary_email_address_changed:
        notify_of_primary(instance, user, changed, origin)
    if password is not None:
        if change.sign_out_of_other_sessions:
            revoke_sessions_of(instance, changed, origin)
        do_task_of(instance, changed, Task.RESET_PASSWORD, origin)
    return changed


def merge_user_metadata(
    instance: Instance, user: User, change: MetadataChange, origin: Origin
) -> User:
    """Merge metadata in at every level; ``null`` removes a key.

    Raises:
        ApiError: 422, the result is too large.
    """
    merged = {
        name: merge_metadata(getattr(user, name), changes)
        for name, changes in _mentioned(change).items()
    }
    return change_user(instance, user, origin, **_checked_metadata(merged))


def replace_user_metadata(
    instance: Instance, user: User, change: MetadataChange, origin: Origin
) -> User:
    """Replace whole metadata objects.

    Raises:
        ApiError: 422, one is too large.
    """
    return change_user(instance, user, origin, **_checked_metadata(_mentioned(change)))


def _mentioned(change: MetadataChange) -> dict[str, JsonObject]:
    mentioned = {}
    for name in ("public_metadata", "private_metadata", "unsafe_metadata"):
        value = getattr(change, name)
        if value is not None:
            mentioned[name] = value
    return mentioned


def _checked_metadata(metadata: dict[str, JsonObject]) -> dict[str, JsonObject]:
    return {name: check_metadata(name, value) for name, value in metadata.items()}


def _identifiers(user: User) -> Iterator[str]:
    for kind in KINDS:
        yield from (each.identifier for each in kind.of(user))
    if user.username is not None:
        yield user.username


def _identity(instance: Instance, user: User, change: UserChange) -> dict[str, Any]:
    """Return the fields that say who the user is."""
    fields: dict[str, Any] = {
        "username": _username(instance, user, change),
        "external_id": _external_id(instance, user, change),
    }
    if not isinstance(change.locale, Unset):
        fields["locale"] = check_locale(change.locale)
    if change.profile_image_id is not None:
        fields["image_id"] = require_image(instance, change.profile_image_id).id
    for kind in KINDS:
        wanted = getattr(change, kind.primary)
        if wanted is not None:
            fields[kind.primary] = _primary(kind, user, wanted)
    return fields


def _second_factors(change: UserChange) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if change.totp_secret is not None:
        fields["totp_secret"] = check_totp_secret(change.totp_secret)
    if change.backup_codes is not None:
        fields["backup_codes"] = check_backup_codes(change.backup_codes)
    return fields


def _username(instance: Instance, user: User, change: UserChange) -> str | None:
    username = given(change.username, user.username)
    if not username:  # null and "" both remove it
        if user.username is not None:
            check_not_last(user, "username")
        return None
    if username != user.username:
        check_username_free(instance, check_username(username), ignoring=user.id)
    return username


def _external_id(instance: Instance, user: User, change: UserChange) -> str | None:
    external_id = given(change.external_id, user.external_id)
    if not external_id:
        return None
    check_external_id_free(instance, external_id, ignoring=user.id)
    return external_id


def _primary(kind: IdentificationKind, user: User, wanted: str) -> str:
    for identification in kind.of(user):
        if identification.id == wanted:
            check_primary(identification, kind.primary)
            return wanted
    raise ApiError.not_found(f"{kind.what} of this user", wanted)
