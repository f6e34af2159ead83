"""The e-mail addresses of a user, and which of them is the primary one.

Every change is a change of the user, so it is told as ``user.updated``.
"""

from dataclasses import dataclass, replace

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.identifications import (
    EmailAddress,
    Standing,
    check_email_address,
    primary_not_verified,
)
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.saving import change_user
from clerk_fake.model.users.uniqueness import check_email_address_free

__all__ = [
    "NewEmailAddress",
    "OwnedEmailAddress",
    "add_email_address",
    "change_email_address",
    "delete_email_address",
    "replace_email_addresses",
    "require_email_address",
]


@dataclass(frozen=True, slots=True)
class OwnedEmailAddress:
    """An address together with its user."""

    owner: User
    email: EmailAddress


@dataclass(frozen=True, slots=True)
class NewEmailAddress:
    """What an address that is added should be.

    Attributes:
        text: The address, as somebody typed it.
        verified: Whether it counts as verified at once.
        primary: Whether it becomes the primary one.
    """

    text: str
    verified: bool
    primary: bool


def require_email_address(instance: Instance, email_id: str) -> OwnedEmailAddress:
    """Return the address with this id.

    Raises:
        ApiError: 404, there is none.
    """
    for user in instance.state.of(USERS).find("email_address_id", email_id):
        for email in user.email_addresses:
            if email.id == email_id:
                return OwnedEmailAddress(user, email)
    raise ApiError.not_found("email address", email_id)


def add_email_address(
    instance: Instance, owner: User, wanted: NewEmailAddress, origin: Origin
) -> EmailAddress:
    """Give a user one more address; their first becomes the primary one.

    Raises:
        ApiError: 422, it is malformed or taken, or an unverified one shall be primary.
    """
    email = _new(instance, owner, wanted)
    first = not owner.email_addresses
    if wanted.primary and not first:
        _check_may_be_primary(email)
    change_user(
        instance,
        owner,
        origin,
        email_addresses=(*owner.email_addresses, email),
        primary_email_address_id=email.id
        if wanted.primary or first
        else owner.primary_email_address_id,
    )
    return email


def change_email_address(
    instance: Instance,
    owned: OwnedEmailAddress,
    origin: Origin,
    *,
    verified: bool | None,
    primary: bool | None,
) -> EmailAddress:
    """Verify an address, make it the primary one, or both; ``None`` leaves it as it is.

    Raises:
        ApiError: 422, another user has claimed the address meanwhile, or an unverified address
            shall be primary, or the primary one shall no longer be.
    """
    owner, old = owned.owner, owned.email
    email = old
    if verified is not None and verified is not (old.standing is Standing.VERIFIED):
        standing = Standing.VERIFIED if verified else Standing.UNVERIFIED
        check_email_address_free(instance, old.email_address, standing, ignoring=owner.id)
        email = replace(old, standing=standing, updated_at=instance.clock.now_ms())
    primary_id = owner.primary_email_address_id
    if primary:
        _check_may_be_primary(email)
        primary_id = email.id
    elif primary is False and primary_id == email.id:
        raise ApiError.bad_value("primary", "true here; make another address the primary one")
    if email is not old or primary_id != owner.primary_email_address_id:
        change_user(
            instance,
            owner,
            origin,
            email_addresses=tuple(
                email if other.id == email.id else other for other in owner.email_addresses
            ),
            primary_email_address_id=primary_id,
        )
    return email


def delete_email_address(instance: Instance, owned: OwnedEmailAddress, origin: Origin) -> None:
    """Take an address away; the next verified one becomes the primary one.

    Raises:
        ApiError: 409, the user would be left without any identification.
    """
    owner = owned.owner
    left = tuple(email for email in owner.email_addresses if email.id != owned.email.id)
    if not (left or owner.phone_numbers or owner.username):
        raise ApiError.of(
            409,
            "last_identification_deletion_failed",
            "Deletion failed",
            "This is the user's last identification; add another before deleting it.",
        )
    primary_id = owner.primary_email_address_id
    if primary_id == owned.email.id:
        verified = (email.id for email in left if email.standing is Standing.VERIFIED)
        primary_id = next(verified, None)
    change_user(instance, owner, origin, email_addresses=left, primary_email_address_id=primary_id)


def replace_email_addresses(
    instance: Instance, owner: User, text: str, standing: Standing, origin: Origin
) -> EmailAddress:
    """Give a user this address as the only one, and as the primary one.

    Raises:
        ApiError: 422, it is malformed or another user's.
    """
    address = check_email_address(text)
    check_email_address_free(instance, address, standing, ignoring=owner.id)
    email = _build(instance, address, standing)
    change_user(
        instance, owner, origin, email_addresses=(email,), primary_email_address_id=email.id
    )
    return email


def _new(instance: Instance, owner: User, wanted: NewEmailAddress) -> EmailAddress:
    standing = Standing.VERIFIED if wanted.verified else Standing.UNVERIFIED
    address = check_email_address(wanted.text)
    if any(email.email_address == address for email in owner.email_addresses):
        raise ApiError.identifier_exists("email_address")
    check_email_address_free(instance, address, standing, ignoring=owner.id)
    return _build(instance, address, standing)


def _build(instance: Instance, address: str, standing: Standing) -> EmailAddress:
    now = instance.clock.now_ms()
    return EmailAddress(instance.ids.new("idn"), address, standing, now, now)


def _check_may_be_primary(email: EmailAddress) -> None:
    if email.standing is not Standing.VERIFIED:
        raise primary_not_verified(email.id)
