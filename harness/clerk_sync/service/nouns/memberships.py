"""Memberships: who leaves and joins again has another one, and a user one at a time in each place.

A membership is known by its own id, so that the late end of an older one touches nothing else.
"""

from typing import Any, Final, TypeAlias

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.service.fields import Fields
from clerk_sync.service.nouns.noun import Noun
from clerk_sync.store.memberships import (
    MEMBERSHIPS as TABLE,
)
from clerk_sync.store.memberships import (
    MembershipProfile,
    StoredMembership,
    holders_of_seats,
)

__all__ = ["MEMBERSHIPS", "read_membership"]

_Membership: TypeAlias = MembershipProfile | StoredMembership


def read_membership(data: dict[str, Any]) -> MembershipProfile:
    """Read a membership, from an event or from the Backend API.

    Raises:
        PayloadError: The id, the version or the organization is missing, or a field has another
            type than Clerk's.
    """
    return _read(data, Fields(data).inside("organization").required_key("id"))


def read_end_of_membership(data: dict[str, Any]) -> MembershipProfile | None:
    """Read what the end of a membership says; its organization may be gone by then.

    Returns:
        The membership as it was; ``None``: nothing but its id is told.

    Raises:
        PayloadError: A field has another type than Clerk's.
    """
    if data.get("updated_at") is None:
        return None
    return _read(data, Fields(data).inside("organization").key("id"))


def _read(data: dict[str, Any], organization_id: str | None) -> MembershipProfile:
    membership = Fields(data)
    return MembershipProfile(
        clerk_id=membership.required_key("id"),
        organization_id=organization_id,
        # Clerk may leave out who it is; then nobody is a member by it until it says so.
        user_id=membership.inside("public_user_data").key("user_id"),
        role=membership.text("role"),
        role_name=membership.text("role_name"),
        permissions=membership.texts("permissions"),
        public_metadata=membership.object("public_metadata"),
        private_metadata=membership.object("private_metadata"),
        clerk_created_at=membership.milliseconds("created_at"),
        clerk_updated_at=membership.required_milliseconds("updated_at"),
    )


def _seat(membership: _Membership) -> frozenset[str]:
    if membership.organization_id is None or membership.user_id is None:
        return frozenset()
    return frozenset({membership.seat})


async def _fetch(clerk: ClerkApi, membership: _Membership) -> dict[str, Any] | None:
    if membership.organization_id is None or membership.user_id is None:
        return None
    # This may be a later membership of the two, which is then not taken for this one.
    return await clerk.get_membership(membership.organization_id, membership.user_id)


MEMBERSHIPS: Final[Noun[MembershipProfile, StoredMembership]] = Noun(
    name="membership",
    carried_by=frozenset({"organizationMembership.created", "organizationMembership.updated"}),
    deleted_by=frozenset({"organizationMembership.deleted"}),
    read=read_membership,
    read_gone=read_end_of_membership,
    load=TABLE.load,
    save=TABLE.save,
    bury=TABLE.bury,
    fetch=_fetch,
    claims=_seat,
    holders=holders_of_seats,
)
