"""What a role is used for, and what therefore cannot be done to it."""

from collections.abc import Sequence

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.memberships.entity import MEMBERSHIP_NOUN
from clerk_fake.model.organization_invitations.entity import pending_with_role
from clerk_fake.model.role_sets.entity import ROLE_SETS
from clerk_fake.model.roles.entity import CREATOR_PERMISSIONS, Role
from clerk_fake.model.roles.permissions import PERMISSIONS

__all__ = ["check_creators_keep", "check_unused", "too_few_for_creators"]


def check_unused(instance: Instance, role: Role) -> None:
    """Refuse to do away with a role that somebody needs.

    Raises:
        ApiError: 422 with Clerk's code for what it is needed for.
    """
    role_sets = ROLE_SETS.table(instance).find("role_id", role.id)
    if any(role_set.creator_role_id == role.id for role_set in role_sets):
        raise ApiError.of(
            422,
            "organization_role_default_creator_role",
            "role is used as the creator role",
            "The organization role cannot be deleted as it is currently used as the creator role.",
        )
    if any(role_set.default_role_id == role.id for role_set in role_sets):
        raise ApiError.of(
            422,
            "organization_role_domain_default_role",
            "role is used as the domain default role",
            "The organization role cannot be deleted as it is currently used as the default "
            "domain role.",
        )
    if instance.state.of(MEMBERSHIP_NOUN).count("role_id", role.id):
        raise ApiError.of(
            422,
            "organization_role_assigned_members",
            "role is assigned to organization members",
            "The organization role is currently assigned to one or more organization members.",
        )
    if any(pending_with_role(instance, role.id)):
        raise ApiError.of(
            422,
            "organization_role_exists_in_invitations",
            "role exists in pending organization invitations",
            "The organization role exists in one or more pending organization invitations. "
            "Please revoke these invitations to proceed.",
        )


def check_creators_keep(instance: Instance, role: Role, permission_ids: Sequence[str]) -> None:
    """Refuse to let a role of creators give too little.

    Raises:
        ApiError: 422 ``organization_missing_creator_role_permissions``.
    """
    role_sets = ROLE_SETS.table(instance).find("role_id", role.id)
    if any(role_set.creator_role_id == role.id for role_set in role_sets):
        table = PERMISSIONS.table(instance)
        kept = {permission.key for each in permission_ids if (permission := table.get(each))}
        if not kept.issuperset(CREATOR_PERMISSIONS):
            raise too_few_for_creators()


def too_few_for_creators() -> ApiError:
    """Return the refusal of a creator's role that gives too little."""
    return ApiError.of(
        422,
        "organization_missing_creator_role_permissions",
        "missing permissions for creator role",
        "The creator role must contain the following permissions: "
        + ", ".join(CREATOR_PERMISSIONS),
    )
