"""Users with an address at a verified domain are invited, or get a suggestion, by themselves."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.identifications import Standing
from clerk_fake.model.memberships.entity import membership_of
from clerk_fake.model.memberships.quota import has_room_for_members
from clerk_fake.model.organization_domains.entity import (
    DOMAIN_NOUN,
    Enrollment,
    OrganizationDomain,
    verified_domains,
)
from clerk_fake.model.organization_domains.suggestions import SUGGESTIONS, suggest
from clerk_fake.model.organization_invitations.entity import invitations_to_address
from clerk_fake.model.organization_invitations.inviting import Wanted, invite
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.role_sets.entity import ROLE_SETS
from clerk_fake.model.users.entity import User

__all__ = ["enroll"]


def enroll(instance: Instance, user: User, origin: Origin) -> None:
    """Invite a user to the organizations of their verified addresses, or suggest these.

    Whoever was invited or got the suggestion before, or is a member, is left alone.
    """
    if not len(instance.state.of(DOMAIN_NOUN)):
        return
    for email in user.email_addresses:
        if email.standing is Standing.VERIFIED:
            host = email.email_address.rpartition("@")[2]
            for domain in verified_domains(instance, host):
                _enroll_at(instance, domain, user, email.email_address, origin=origin)


def _enroll_at(
    instance: Instance, domain: OrganizationDomain, user: User, address: str, *, origin: Origin
) -> None:
    if membership_of(instance, domain.organization_id, user.id) is not None:
        return
    if domain.enrollment_mode is Enrollment.AUTOMATIC_INVITATION:
        _invite(instance, domain, address, origin)
    elif domain.enrollment_mode is Enrollment.AUTOMATIC_SUGGESTION:
        known = instance.state.of(SUGGESTIONS).find("user_id", user.id)
        if not any(suggestion.domain_id == domain.id for suggestion in known):
            suggest(
                instance,
                organization_id=domain.organization_id,
                domain_id=domain.id,
                user_id=user.id,
            )


def _invite(instance: Instance, domain: OrganizationDomain, address: str, origin: Origin) -> None:
    now = instance.clock.now_ms()
    organization = ORGANIZATIONS.require(instance, domain.organization_id)
    for invitation in invitations_to_address(instance, address):
        here = invitation.organization_id == organization.id
        if here and (invitation.domain_id == domain.id or invitation.pending_at(now)):
            return
    if has_room_for_members(instance, organization, 1):
        role_set = ROLE_SETS.require(instance, organization.role_set_id)
        wanted = Wanted(
            email_address=address,
            role_id=role_set.default_role_id,
            notify=False,
            domain_id=domain.id,
        )
        invite(instance, organization, wanted, origin)
