"""``/v1/instance/organization_settings``: what organizations may be and do."""

from dataclasses import asdict, dataclass
from typing import Annotated

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.settings.entity import (
    EnrollmentMode,
    applied,
    change_settings,
    settings_of,
)
from clerk_fake.model.unset import UNSET, Unset

__all__ = [
    "OrganizationsChange",
    "change_organizations",
    "organizations_resource",
]


@dataclass(frozen=True, slots=True)
class OrganizationsChange:
    """What ``PATCH /v1/instance/organization_settings`` takes."""

    enabled: bool | Unset = UNSET
    max_allowed_memberships: Annotated[int, Between(0)] | Unset = UNSET
    admin_delete_enabled: bool | Unset = UNSET
    domains_enabled: bool | Unset = UNSET
    slug_disabled: bool | Unset = UNSET
    domains_enrollment_modes: tuple[EnrollmentMode, ...] | Unset = UNSET


def change_organizations(instance: Instance, change: OrganizationsChange) -> None:
    """Apply ``change``."""
    old = settings_of(instance).organizations
    change_settings(instance, organizations=applied(old, change))


def organizations_resource(instance: Instance) -> JsonObject:
    """Return the settings as Clerk writes them."""
    return {"object": "organization_settings", **asdict(settings_of(instance).organizations)}
