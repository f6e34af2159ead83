"""Change what a user is."""

from dataclasses import dataclass

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications import (
    EmailAddress,
    PhoneNumber,
    Standing,
    check_username,
    primary_not_verified,
)
from clerk_fake.model.metadata import check_metadata, merge_metadata
from clerk_fake.model.passwords import Password, check_password, digest_password
from clerk_fake.model.sessions.commands import revoke_sessions_of
from clerk_fake.model.unset import UNSET, Unset, given
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.saving import change_user
from clerk_fake.model.users.uniqueness import check_external_id_free, check_username_free

__all__ = [
    "MetadataChange",
    "UserChange",
    "merge_user_metadata",
    "remove_password",
    "replace_user_metadata",
    "update_user",
]


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """New metadata; what is ``UNSET`` stays."""

    public_metadata: JsonObject | Unset = UNSET
    private_metadata: JsonObject | Unset = UNSET
    unsafe_metadata: JsonObject | Unset = UNSET


@dataclass(frozen=True, slots=True)
class UserChange:
    """What should become of a user; what is ``UNSET`` stays. Names as in ``PATCH /v1/users``.

    Attributes:
        imported_password: A digest instead of a password.
        metadata: Replaces whole metadata objects (only before API version 2026-05-12).
    """

    external_id: str | Unset | None = UNSET
    username: str | Unset | None = UNSET
    first_name: str | Unset | None = UNSET
    last_name: str | Unset | None = UNSET
    locale: str | Unset | None = UNSET
    primary_email_address_id: str | Unset = UNSET
    primary_phone_number_id: str | Unset = UNSET
    password: str | Unset = UNSET
    imported_password: Password | Unset = UNSET
    skip_password_checks: bool = False
    sign_out_of_other_sessions: bool = False
    metadata: MetadataChange = MetadataChange()
    created_at: int | Unset = UNSET
    legal_accepted_at: int | Unset | None = UNSET
    delete_self_enabled: bool | Unset = UNSET
    create_organization_enabled: bool | Unset = UNSET
    create_organizations_limit: int | Unset | None = UNSET
    bypass_client_trust: bool | Unset = UNSET


def update_user(instance: Instance, user: User, change: UserChange, origin: Origin) -> User:
    """Apply ``change`` and emit one ``user.updated``.

    Raises:
        ApiError: 422, with Clerk's code for what is malformed, taken or not the user's; 404 for
            a primary identification that the user does not have.
    """
    password = _password(change, user.password)
    changed = change_user(
        instance,
        user,
        origin,
        external_id=_external_id(instance, user, change),
        username=_username(instance, user, change),
        first_name=given(change.first_name, user.first_name),
        last_name=given(change.last_name, user.last_name),
        locale=given(change.locale, user.locale),
        primary_email_address_id=_primary(
            change.primary_email_address_id, user.primary_email_address_id, user.email_addresses
        ),
        primary_phone_number_id=_primary(
            change.primary_phone_number_id, user.primary_phone_number_id, user.phone_numbers
        ),
        password=password,
        password_updated_at=(
            user.password_updated_at if password is user.password else instance.clock.now_ms()
        ),
        created_at=given(change.created_at, user.created_at),
        legal_accepted_at=given(change.legal_accepted_at, user.legal_accepted_at),
        delete_self_enabled=given(change.delete_self_enabled, user.delete_self_enabled),
        create_organization_enabled=given(
            change.create_organization_enabled, user.create_organization_enabled
        ),
        create_organizations_limit=given(
            change.create_organizations_limit, user.create_organizations_limit
        ),
        bypass_client_trust=given(change.bypass_client_trust, user.bypass_client_trust),
        **_checked_metadata(_mentioned(change.metadata)),
    )
    if change.sign_out_of_other_sessions and password is not user.password:
        revoke_sessions_of(instance, changed, origin)
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


def remove_password(
    instance: Instance, user: User, origin: Origin, *, sign_out_of_other_sessions: bool
) -> User:
    """Take the password away; without one nothing changes and nothing is told."""
    if user.password is None:
        return user
    changed = change_user(instance, user, origin, password=None)
    if sign_out_of_other_sessions:
        revoke_sessions_of(instance, changed, origin)
    return changed


def _mentioned(change: MetadataChange) -> dict[str, JsonObject]:
    mentioned = {}
    for name in ("public_metadata", "private_metadata", "unsafe_metadata"):
        value = getattr(change, name)
        if not isinstance(value, Unset):
            mentioned[name] = value
    return mentioned


def _checked_metadata(metadata: dict[str, JsonObject]) -> dict[str, JsonObject]:
    return {name: check_metadata(name, value) for name, value in metadata.items()}


def _username(instance: Instance, user: User, change: UserChange) -> str | None:
    username = given(change.username, user.username)
    if not username:  # null and "" both remove it
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


def _password(change: UserChange, old: Password | None) -> Password | None:
    if isinstance(change.password, Unset):
        return given(change.imported_password, old)
    if not change.skip_password_checks:
        check_password(change.password)
    return digest_password(change.password)


def _primary(
    wanted: str | Unset,
    old: str | None,
    identifications: tuple[EmailAddress, ...] | tuple[PhoneNumber, ...],
) -> str | None:
    if isinstance(wanted, Unset):
        return old
    for identification in identifications:
        if identification.id == wanted:
            if identification.standing is not Standing.VERIFIED:
                raise primary_not_verified(wanted)
            return wanted
    raise ApiError.not_found("identification of this user", wanted)
