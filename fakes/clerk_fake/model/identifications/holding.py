"""Which identifications a user holds, which of them is the primary one, and which a second factor.

Every change is a change of the user, so it is told as ``user.updated``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self, cast

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.identifications.entity import Identification, PhoneNumber
from clerk_fake.model.identifications.kinds import (
    EMAIL_ADDRESSES,
    PHONE_NUMBERS,
    IdentificationKind,
)
from clerk_fake.model.mailbox import Email, send_email
from clerk_fake.model.organization_domains.enrollment import enroll
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.saving import change_user

__all__ = [
    "Holding",
    "Owned",
    "check_not_last",
    "check_primary",
    "check_spare",
    "check_unlinked",
    "hold",
    "notify_of_primary",
    "require_identification",
    "settled",
]


@dataclass(frozen=True, slots=True)
class Owned:
    """An identification together with its user."""

    owner: User
    kind: IdentificationKind
    identification: Identification

    @property
    def primary(self) -> bool:
        """Whether it is its user's primary one of its kind."""
        return self.kind.primary_id_of(self.owner) == self.identification.id


@dataclass(frozen=True, slots=True)
class Holding:
    """All identifications of one kind that a user has, and which of them is the primary one."""

    kind: IdentificationKind
    identifications: tuple[Identification, ...]
    primary_id: str | None

    @classmethod
    def of(cls, user: User, kind: IdentificationKind) -> Self:
        """Return what a user has now."""
        return cls(kind, kind.of(user), kind.primary_id_of(user))

    def with_changed(self, new: Identification) -> Self:
        """Return the same with the one of this id replaced."""
        return replace(
            self,
            identifications=tuple(
                new if each.id == new.id else each for each in self.identifications
            ),
        )


def require_identification(
    instance: Instance, kind: IdentificationKind, identification_id: str
) -> Owned:
    """Return the identification of this kind with this id.

    Raises:
        ApiError: 404, there is none.
    """
    for user in instance.state.of(USERS).find("identification_id", identification_id):
        for identification in kind.of(user):
            if identification.id == identification_id:
                return Owned(user, kind, identification)
    raise ApiError.not_found(kind.what, identification_id)


def hold(instance: Instance, owner: User, holding: Holding, origin: Origin) -> User:
    """Give a user these identifications instead of those of their kind.

    Organizations with a domain of a new address may invite the user.
    """
    kind, held = holding.kind, holding.identifications
    if kind is PHONE_NUMBERS:
        phones = cast("tuple[PhoneNumber, ...]", held)
        held = settled(phones, other_factor=owner.totp_secret is not None)
    changed = change_user(
        instance, owner, origin, **{kind.held: held, kind.primary: holding.primary_id}
    )
    if kind is EMAIL_ADDRESSES:
        enroll(instance, changed, origin)
    return changed


def settled(phones: tuple[PhoneNumber, ...], *, other_factor: bool) -> tuple[PhoneNumber, ...]:
    """Return the same numbers with one default second factor among those that are reserved.

    Args:
        phones: All of a user.
        other_factor: Whether there is another factor, so that no number needs to be the default.
    """
    reserved = [phone for phone in phones if phone.reserved_for_second_factor]
    defaults = [phone for phone in reserved if phone.default_second_factor]
    if not defaults and not other_factor:
        defaults = reserved
    default_id = defaults[0].id if defaults else None
    return tuple(
        phone
        if phone.default_second_factor is (phone.id == default_id)
        else replace(phone, default_second_factor=phone.id == default_id)
        for phone in phones
    )


def check_primary(identification: Identification, param: str) -> None:
    """Refuse an unverified identification as the primary one; ``param`` is what asked for it.

    Raises:
        ApiError: 422 ``form_verification_needed``.
    """
    if not identification.verified:
        raise ApiError.of(
            422,
            "form_verification_needed",
            "is unverified",
            "This identification needs to be verified before you can perform this action.",
            param_name=param,
        )


def check_unlinked(owner: User, identification: Identification) -> None:
    """Refuse to take away the address of a connected account.

    Raises:
        ApiError: 400 ``delete_linked_identification_disallowed``.
    """
    identifier = identification.identifier
    if any(account.email_address == identifier for account in owner.external_accounts):
        raise ApiError.of(
            400,
            "delete_linked_identification_disallowed",
            "Deleting a linked email address is not allowed",
            "This email address is linked to one or more Connected Accounts. "
            "Remove the Connected Account before deleting this email address.",
        )


def check_not_last(owner: User, identification_id: str) -> None:
    """Refuse to take away the last thing that a user can be found by when signing in.

    Raises:
        ApiError: 400 ``identification_deletion_failed``.
    """
    if set(_usable(owner)) == {identification_id}:
        raise ApiError.of(
            400,
            "identification_deletion_failed",
            "Deletion failed",
            "You cannot delete your last identification.",
        )


def check_spare(owned: Owned) -> None:
    """Refuse to make a user's last identification a second factor.

    Raises:
        ApiError: 400 ``identification_update_failed``.
    """
    if set(_usable(owned.owner)) <= {owned.identification.id}:
        raise ApiError.of(
            400,
            "identification_update_failed",
            "Update failed",
            "You cannot set your last identification as second factor.",
        )


def notify_of_primary(instance: Instance, old: User, new: User, origin: Origin) -> None:
    """Tell the previous primary address by e-mail that there is another one, if there is."""
    if old.primary_email_address_id == new.primary_email_address_id:
        return
    for email in old.email_addresses:
        if email.id == old.primary_email_address_id:
            send_email(
                instance,
                Email(
                    slug="primary_email_address_changed",
                    to_email_address=email.email_address,
                    email_address_id=email.id,
                    user_id=new.id,
                ),
                origin,
            )


def _usable(user: User) -> Iterator[str]:
    """Yield ids of everything that a user can be found by when signing in."""
    yield from (email.id for email in user.email_addresses)
    yield from (phone.id for phone in user.phone_numbers if not phone.reserved_for_second_factor)
    yield from (wallet.id for wallet in user.web3_wallets)
    yield from (account.id for account in user.external_accounts)
    yield from (account.id for account in user.enterprise_accounts)
    if user.username is not None:
        yield "username"
