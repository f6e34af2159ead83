"""``/v1/instance/organization_settings``: what organizations may be and do."""

from dataclasses import asdict, dataclass
from typing import Annotated

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.role_sets.commands import check_creator_role
from clerk_fake.model.role_sets.entity import ROLE_SETS, RoleSet, initial_role_set
from clerk_fake.model.roles.entity import ROLES, Role
from clerk_fake.model.settings.entity import (
    EnrollmentMode,
    change_settings,
    settings_of,
)
from clerk_fake.model.unset import UNSET, Unset, applied

__all__ = [
    "OrganizationsChange",
    "change_organizations",
    "organizations_resource",
]


@dataclass(frozen=True, slots=True)
class OrganizationsChange:
    """What ``PATCH /v1/instance/organization_settings`` takes.

    Attributes:
        creator_role_id: Becomes that of the initial role set, in which it must be.
        domains_default_role_id: The same.
    """

    enabled: bool | Unset = UNSET
    max_allowed_memberships: Annotated[int, Between(0)] | Unset = UNSET
    admin_delete_enabled: bool | Unset = UNSET
    domains_enabled: bool | Unset = UNSET
    slug_disabled: bool | Unset = UNSET
    domains_enrollment_modes: tuple[EnrollmentMode, ...] | Unset = UNSET
    creator_role_id: str | Unset = UNSET
    domains_default_role_id: str | Unset = UNSET


def change_organizations(instance: Instance, change: OrganizationsChange) -> None:
    """Apply ``change``.

    Raises:
        ApiError: 404, there is no such role; 422, it is not in the initial role set, or gives too
            little for creators.
    """
    role_set = initial_role_set(instance)
    roles = {}
    if not isinstance(change.creator_role_id, Unset):
        creator = _role(instance, role_set, change.creator_role_id, "creator_role_id")
        check_creator_role(instance, creator)
        roles["creator_role_id"] = creator.id
    if not isinstance(change.domains_default_role_id, Unset):
        default = _role(
            instance, role_set, change.domains_default_role_id, "domains_default_role_id"
        )
        roles["default_role_id"] = default.id
    if roles:
        ROLE_SETS.change(instance, role_set, Origin(), **roles)
    old = settings_of(instance).organizations
    change_settings(instance, organizations=applied(old, change))


def organizations_resource(instance: Instance) -> JsonObject:
    """Return the settings as Clerk writes them."""
    role_set = initial_role_set(instance)
    return {
        "object": "organization_settings",
        **asdict(settings_of(instance).organizations),
        "creator_role": ROLES.require(instance, role_set.creator_role_id).key,
        "domains_default_role": ROLES.require(instance, role_set.default_role_id).key,
        "initial_role_set_key": role_set.key,
    }


def _role(instance: Instance, role_set: RoleSet, role_id: str, param: str) -> Role:
    role = ROLES.require(instance, role_id)
    if role.id not in role_set.role_ids:
        raise ApiError.bad_value(param, f"the id of a role of the role set {role_set.key}")
    return role
