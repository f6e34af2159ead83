"""Add, verify, promote, delete and replace identifications, of whatever kind."""

from dataclasses import dataclass, replace
from typing import cast

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.identifications.entity import Identification, PhoneNumber, Standing
from clerk_fake.model.identifications.holding import (
    Holding,
    Owned,
    check_not_last,
    check_primary,
    check_spare,
    check_unlinked,
    hold,
    notify_of_primary,
    require_identification,
)
from clerk_fake.model.identifications.kinds import IdentificationKind
from clerk_fake.model.restrictions.admission import check_addable
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.uniqueness import check_identifier_free
from clerk_fake.model.verifications import forget_verifications

__all__ = [
    "Claim",
    "Wish",
    "add_identification",
    "change_identification",
    "delete_identification",
    "mark_verified",
    "replace_identifications",
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What should become of an identification; ``None`` leaves it as it is.

    Attributes:
        verified: Whether it counts as verified.
        primary: Whether it is the primary one.
        second_factor: Whether it is reserved for the second factor; phone numbers only.
        notify: Whether the previous primary e-mail address is told of another one.
    """

    verified: bool | None = None
    primary: bool | None = None
    second_factor: bool | None = None
    notify: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A new identification.

    Attributes:
        kind: What it is.
        identifier: As somebody typed it.
        standing: How far it is theirs.
        verified_by: The strategy that showed it, when it is verified.
    """

    kind: IdentificationKind
    identifier: str
    standing: Standing
    verified_by: str = "admin"

    def checked(self, instance: Instance, owner: User) -> "Claim":
        """Return it with the identifier as it is kept.

        Raises:
            ApiError: 422, it is malformed, or another user than ``owner`` has claimed it; 403,
                the instance's restrictions forbid it.
        """
        identifier = self.kind.check(self.identifier)
        check_identifier_free(instance, self.kind, identifier, self.standing, ignoring=owner.id)
        check_addable(instance, [identifier], ignoring=owner.id)
        return replace(self, identifier=identifier)

    def built(self, instance: Instance) -> Identification:
        """Return the identification."""
        now = instance.clock.now_ms()
        return self.kind.build(
            self.identifier,
            id=instance.ids.new("idn"),
            standing=self.standing,
            verified_by=self.verified_by,
            created_at=now,
            updated_at=now,
        )


def add_identification(
    instance: Instance, owner: User, claim: Claim, wish: Wish, origin: Origin
) -> Owned:
    """Give a user one more identification; their first of a kind becomes the primary one.

    Raises:
        ApiError: 422, it is malformed or taken, or an unverified one shall be primary; 400, an
            unverified one shall be a second factor; 403, the instance's restrictions forbid it.
    """
    claim = claim.checked(instance, owner)
    before = Holding.of(owner, claim.kind)
    if any(each.identifier == claim.identifier for each in before.identifications):
        raise ApiError.identifier_exists(claim.kind.param)
    new = claim.built(instance)
    if wish.second_factor:
        if not new.verified:
            raise ApiError.of(
                400,
                "identification_create_second_factor_unverified",
                "Create failed",
                "Unverified identifications cannot be a second factor",
            )
        new = replace(cast("PhoneNumber", new), reserved_for_second_factor=True)
    first = not before.identifications
    if wish.primary and not first:
        check_primary(new, "primary")
    primary_id = new.id if wish.primary or first else before.primary_id
    after = Holding(claim.kind, (*before.identifications, new), primary_id)
    changed = hold(instance, owner, after, origin)
    if wish.notify:
        notify_of_primary(instance, owner, changed, origin)
    return require_identification(instance, claim.kind, new.id)


def change_identification(instance: Instance, owned: Owned, wish: Wish, origin: Origin) -> Owned:
    """Verify an identification, make it primary or a second factor; nothing new is not told.

    Raises:
        ApiError: 422, another user has claimed it meanwhile, or an unverified one shall be
            primary, or the primary one shall no longer be; 400, an unverified one, or the last
            one, shall be a second factor.
    """
    owner, kind, old = owned.owner, owned.kind, owned.identification
    new = _with_standing(instance, owned, wish.verified)
    if wish.second_factor is not None:
        new = _with_factor(replace(owned, identification=new), reserved=wish.second_factor)
    primary_id = kind.primary_id_of(owner)
    if wish.primary:
        check_primary(new, "primary")
        primary_id = new.id
    elif wish.primary is False and owned.primary:
        raise ApiError.bad_value("primary", f"true here; make another {kind.what} the primary one")
    if new is old and primary_id == kind.primary_id_of(owner):
        return owned
    if new is not old:
        new = replace(new, updated_at=instance.clock.now_ms())
    after = replace(Holding.of(owner, kind).with_changed(new), primary_id=primary_id)
    changed = hold(instance, owner, after, origin)
    if wish.notify:
        notify_of_primary(instance, owner, changed, origin)
    return require_identification(instance, kind, new.id)


def mark_verified(instance: Instance, owned: Owned, strategy: str, origin: Origin) -> Owned:
    """Note that the user has shown that an identification is theirs; once is enough.

    Raises:
        ApiError: 422, another user has claimed it meanwhile.
    """
    new = _with_standing(instance, owned, verified=True)
    if new is owned.identification:
        return owned
    new = replace(new, verified_by=strategy, updated_at=instance.clock.now_ms())
    after = Holding.of(owned.owner, owned.kind).with_changed(new)
    hold(instance, owned.owner, after, origin)
    return require_identification(instance, owned.kind, new.id)


def delete_identification(instance: Instance, owned: Owned, origin: Origin) -> None:
    """Take an identification away; the next verified one of its kind becomes the primary one.

    Raises:
        ApiError: 400, a connected account needs it, or it is the user's last.
    """
    check_unlinked(owned.owner, owned.identification)
    check_not_last(owned.owner, owned.identification.id)
    owner, kind = owned.owner, owned.kind
    left = tuple(each for each in kind.of(owner) if each.id != owned.identification.id)
    primary_id = kind.primary_id_of(owner)
    if owned.primary:
        primary_id = next((each.id for each in left if each.verified), None)
    forget_verifications(instance, owned.identification.id)
    hold(instance, owner, Holding(kind, left, primary_id), origin)


def replace_identifications(
    instance: Instance, owner: User, claim: Claim, wish: Wish, origin: Origin
) -> Owned:
    """Give a user this identification as the only one of its kind, and as the primary one.

    Raises:
        ApiError: 422, it is malformed or another user's; 400, a connected account needs one of
            the old ones.
    """
    claim = claim.checked(instance, owner)
    before = Holding.of(owner, claim.kind)
    for old in before.identifications:
        check_unlinked(owner, old)
    for old in before.identifications:
        forget_verifications(instance, old.id)
    new = claim.built(instance)
    changed = hold(instance, owner, Holding(claim.kind, (new,), new.id), origin)
    if wish.notify and _primary_identifier(before) != claim.identifier:
        notify_of_primary(instance, owner, changed, origin)
    return require_identification(instance, claim.kind, new.id)


def _primary_identifier(holding: Holding) -> str | None:
    primary = (each for each in holding.identifications if each.id == holding.primary_id)
    return next((each.identifier for each in primary), None)


def _with_standing(instance: Instance, owned: Owned, verified: bool | None) -> Identification:
    old = owned.identification
    if verified is None or verified is old.verified:
        return old
    standing = Standing.VERIFIED if verified else Standing.UNVERIFIED
    check_identifier_free(instance, owned.kind, old.identifier, standing, ignoring=owned.owner.id)
    new = replace(old, standing=standing, verified_by="admin")
    if isinstance(new, PhoneNumber) and not new.verified:
        new = replace(new, reserved_for_second_factor=False)
    return new


def _with_factor(owned: Owned, *, reserved: bool) -> Identification:
    phone = cast("PhoneNumber", owned.identification)
    if phone.reserved_for_second_factor is reserved:
        return phone
    if reserved:
        if not phone.verified:
            raise ApiError.of(
                400,
                "identification_update_second_factor_unverified",
                "Update failed",
                "Cannot update second factor attributes for unverified identification",
            )
        check_spare(owned)
    return replace(phone, reserved_for_second_factor=reserved)
