"""How events come about: each story makes its event happen, so that its payload is a true one."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from clerk_harness.clerk import ClerkInstance
from clerk_harness.factories.organizations import MembershipFactory, OrganizationFactory
from clerk_harness.factories.sessions import SessionFactory
from clerk_harness.factories.users import UserFactory

__all__ = ["STORIES"]

Story: TypeAlias = Callable[[ClerkInstance], object]


def _user_updated(clerk: ClerkInstance) -> None:
    clerk.users.update(
        UserFactory.create(clerk=clerk), first_name=UserFactory.build(clerk=clerk)["first_name"]
    )


def _user_deleted(clerk: ClerkInstance) -> None:
    clerk.users.delete(UserFactory.create(clerk=clerk))


def _session_revoked(clerk: ClerkInstance) -> None:
    session = SessionFactory.create(clerk=clerk)
    clerk.sessions.revoke(session)


def _organization_updated(clerk: ClerkInstance) -> None:
    name = OrganizationFactory.build(clerk=clerk)["name"]
    clerk.organizations.update(OrganizationFactory.create(clerk=clerk), name=name)


def _organization_deleted(clerk: ClerkInstance) -> None:
    clerk.organizations.delete(OrganizationFactory.create(clerk=clerk))


def _invite(clerk: ClerkInstance) -> str:
    """Invite somebody to a new organization; return the path of the invitation."""
    organization = OrganizationFactory.create(clerk=clerk)
    (email_address,) = UserFactory.build(clerk=clerk)["email_address"]
    path = f"/organizations/{organization.id}/invitations"
    body = {"email_address": email_address, "role": "org:member"}
    return f"{path}/{clerk.call('POST', path, body)['id']}"


def _invitation_revoked(clerk: ClerkInstance) -> None:
    clerk.call("POST", f"{_invite(clerk)}/revoke")


def _membership_updated(clerk: ClerkInstance) -> None:
    membership = MembershipFactory.create(clerk=clerk)
    path = f"/organizations/{membership.organization_id}/memberships/{membership.user_id}"
    clerk.call("PATCH", path, {"role": "org:admin"})


def _waitlist_entry_created(clerk: ClerkInstance) -> None:
    (email_address,) = UserFactory.build(clerk=clerk)["email_address"]
    clerk.call("POST", "/waitlist_entries", {"email_address": email_address})


def _membership_deleted(clerk: ClerkInstance) -> None:
    membership = MembershipFactory.create(clerk=clerk)
    clerk.organizations.remove_member(membership.organization_id, membership.user_id)


STORIES: Final[Mapping[str, Story]] = {
    "user.created": lambda clerk: UserFactory.create(clerk=clerk),
    "user.updated": _user_updated,
    "user.deleted": _user_deleted,
    "session.created": lambda clerk: SessionFactory.create(clerk=clerk),
    "session.revoked": _session_revoked,
    "organization.created": lambda clerk: OrganizationFactory.create(clerk=clerk),
    "organization.updated": _organization_updated,
    "organization.deleted": _organization_deleted,
    "organizationMembership.created": lambda clerk: MembershipFactory.create(clerk=clerk),
    "organizationMembership.updated": _membership_updated,
    "organizationMembership.deleted": _membership_deleted,
    "organizationInvitation.created": _invite,
    "organizationInvitation.revoked": _invitation_revoked,
    "waitlistEntry.created": _waitlist_entry_created,
}
