"""A membership as back ends see it: the Backend API's answer and the webhook payload alike."""

from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.images import image_url
from clerk_fake.model.memberships.entity import MEMBERSHIP_NOUN, Membership, membership_of
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN, Organization
from clerk_fake.model.organizations.resource import organization_resource
from clerk_fake.model.records import Kind, Telling
from clerk_fake.model.roles.entity import ROLES, Role, permissions_of
from clerk_fake.model.users.entity import USERS, User

__all__ = [
    "MEMBERSHIPS",
    "identifier_of",
    "membership_resource",
    "require_membership",
    "role_of",
]


def role_of(instance: Instance, membership: Membership) -> Role:
    """Return the role of a member."""
    return ROLES.require(instance, membership.role_id)


def membership_resource(instance: Instance, membership: Membership) -> JsonObject:
    """Return the membership as Clerk writes it, with its organization and its user."""
    role = ROLES.table(instance).get(membership.role_id)
    organization = instance.state.of(ORGANIZATION_NOUN).get(membership.organization_id)
    user = instance.state.of(USERS).get(membership.user_id)
    permissions = [] if role is None else permissions_of(instance, role)
    resource: JsonObject = {
        "object": "organization_membership",
        "id": membership.id,
        "role": "" if role is None else role.key,
        "role_name": "" if role is None else role.name,
        "permissions": [permission.key for permission in permissions],
        "public_metadata": membership.public_metadata,
        "private_metadata": membership.private_metadata,
        "created_at": membership.created_at,
        "updated_at": membership.updated_at,
    }
    if organization is not None:
        resource["organization"] = organization_resource(instance, organization)
    if user is not None:
        resource["public_user_data"] = _public_user_data(instance, user)
    return resource


def identifier_of(user: User) -> str | None:
    """Return what a user is known by: primary address, primary number or username."""
    for email in user.email_addresses:
        if email.id == user.primary_email_address_id:
            return email.email_address
    for phone in user.phone_numbers:
        if phone.id == user.primary_phone_number_id:
            return phone.phone_number
    return user.username


def _public_user_data(instance: Instance, user: User) -> JsonObject:
    shown_image_url = image_url(instance.home_url, user.image_id)
    return {
        "user_id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "profile_image_url": shown_image_url,
        "image_url": shown_image_url,
        "has_image": user.image_id is not None,
        "identifier": identifier_of(user),
        "username": user.username,
        "banned": user.banned,
    }


MEMBERSHIPS: Final = Kind(
    MEMBERSHIP_NOUN,
    what="organization membership",
    prefix="orgmem",
    wire_name="organization_membership",
    resource=membership_resource,
    telling=Telling(
        "organizationMembership.created",
        "organizationMembership.updated",
    ),
)
"""The event of a deletion carries the whole membership, see ``leaving.remove_membership``."""


def require_membership(instance: Instance, organization: Organization, user_id: str) -> Membership:
    """Return a user's membership in an organization.

    Raises:
        ApiError: 404, there is none.
    """
    membership = membership_of(instance, organization.id, user_id)
    if membership is None:
        raise ApiError.of(
            404,
            "resource_not_found",
            "not found",
            f"No membership of user {user_id} was found in organization {organization.id}.",
        )
    return membership
