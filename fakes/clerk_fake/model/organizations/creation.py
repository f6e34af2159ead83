"""Create an organization."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Instant, JsonObject
from clerk_fake.model.memberships.joining import Seat, take_seat
from clerk_fake.model.metadata import check_metadata
from clerk_fake.model.organizations.entity import Organization
from clerk_fake.model.organizations.naming import check_name, check_slug, free_slug
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.role_sets.entity import RoleSet, initial_role_set, role_set_of_key
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.users.entity import USERS

__all__ = ["MOST_MEMBERSHIPS", "OrganizationDraft", "create_organization"]

MOST_MEMBERSHIPS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class OrganizationDraft:
    """What ``POST /v1/organizations`` takes."""

    name: str
    created_by: str | None = None
    private_metadata: JsonObject = field(default_factory=dict)
    public_metadata: JsonObject = field(default_factory=dict)
    slug: str | None = None
    max_allowed_memberships: Annotated[int, Between(0, MOST_MEMBERSHIPS)] | None = None
    created_at: Instant | None = None
    role_set_key: str | None = None


def create_organization(
    instance: Instance, draft: OrganizationDraft, origin: Origin
) -> Organization:
    """Add an organization; whoever created it becomes its first member.

    Raises:
        ApiError: 422, with Clerk's code for what is malformed or taken; 400, there is no such
            creator; 404, there is no such role set.
    """
    name = check_name(draft.name)
    slug = check_slug(instance, draft.slug) if draft.slug else free_slug(instance, name)
    role_set = _role_set(instance, draft.role_set_key)
    if draft.created_by:
        _check_creator(instance, draft.created_by)
    settings = settings_of(instance).organizations
    most = draft.max_allowed_memberships
    now = instance.clock.now_ms()
    organization = Organization(
        id=ORGANIZATIONS.new_id(instance),
        name=name,
        slug=slug,
        max_allowed_memberships=settings.max_allowed_memberships if most is None else most,
        admin_delete_enabled=settings.admin_delete_enabled,
        role_set_id=role_set.id,
        created_at=now if draft.created_at is None else draft.created_at,
        updated_at=now,
        created_by=draft.created_by or None,
        public_metadata=check_metadata("public_metadata", draft.public_metadata),
        private_metadata=check_metadata("private_metadata", draft.private_metadata),
    )
    added = ORGANIZATIONS.add(instance, organization, origin)
    if draft.created_by:
        seat = Seat(organization.id, draft.created_by, role_set.creator_role_id)
        take_seat(instance, seat, origin)
    return added


def _role_set(instance: Instance, key: str | None) -> RoleSet:
    return role_set_of_key(instance, key, "role_set_key") if key else initial_role_set(instance)


def _check_creator(instance: Instance, user_id: str) -> None:
    if instance.state.of(USERS).get(user_id) is None:
        raise ApiError.of(
            400,
            "organization_creator_not_found",
            "creator not found",
            f"No users found with id {user_id}.",
        )
