"""Organizations, who belongs to them, who is invited, their domains, roles and permissions."""

from collections.abc import Callable
from typing import Any, Final

from clerk_harness.recipes.kitchen import Kitchen, Step
from clerk_harness.recipes.recipe import Recipe

__all__ = ["RECIPES"]

_METADATA: Final = ("public_metadata", "private_metadata")
_MEMBER: Final = "org:member"


def _organization_created(kitchen: Kitchen) -> Step:
    body = {
        "name": kitchen.wish("name", "Acme"),
        "created_by": kitchen.user("boss"),
        **kitchen.wished("slug", "max_allowed_memberships", *_METADATA),
    }
    return Step("POST", "/organizations", body)


def _organization_updated(kitchen: Kitchen) -> Step:
    organization = kitchen.api(
        "POST", "/organizations", {"name": "Acme", "created_by": kitchen.user("boss")}
    )
    body = {
        "name": kitchen.wish("name", "Acme & Sons"),
        **kitchen.wished("slug", "max_allowed_memberships", *_METADATA),
    }
    return Step("PATCH", f"/organizations/{organization['id']}", body)


def _organization_deleted(kitchen: Kitchen) -> Step:
    return Step("DELETE", f"/organizations/{kitchen.organization()}")


def _membership_created(kitchen: Kitchen) -> Step:
    organization = kitchen.organization("organization.")
    body = {
        "user_id": kitchen.user("member", "public_user_data."),
        "role": kitchen.wish("role", _MEMBER),
        **kitchen.wished(*_METADATA),
    }
    return Step("POST", f"/organizations/{organization}/memberships", body)


def _a_member(kitchen: Kitchen) -> str:
    organization = kitchen.organization("organization.")
    user = kitchen.user("member", "public_user_data.")
    body = {"user_id": user, "role": _MEMBER, **kitchen.wished(*_METADATA)}
    kitchen.api("POST", f"/organizations/{organization}/memberships", body)
    return f"/organizations/{organization}/memberships/{user}"


def _membership_updated(kitchen: Kitchen) -> Step:
    return Step("PATCH", _a_member(kitchen), {"role": kitchen.wish("role", "org:admin")})


def _membership_deleted(kitchen: Kitchen) -> Step:
    return Step("DELETE", _a_member(kitchen))


def _an_invitation(kitchen: Kitchen) -> Step:
    body = {
        "email_address": kitchen.wish("email_address", kitchen.address("grace")),
        "role": kitchen.wish("role", _MEMBER),
        **kitchen.wished(*_METADATA),
    }
    return Step("POST", f"/organizations/{kitchen.organization()}/invitations", body)


def _invitation_accepted(kitchen: Kitchen) -> Step:
    invitation = kitchen.take(_an_invitation(kitchen))["id"]
    return Step("POST", f"/organization_invitations/{invitation}/accept", {}, outside=True)


def _invitation_revoked(kitchen: Kitchen) -> Step:
    invitation = _an_invitation(kitchen)
    return Step("POST", f"{invitation.path}/{kitchen.take(invitation)['id']}/revoke", {})


def _a_domain(kitchen: Kitchen) -> Step:
    body = {"name": kitchen.wish("name", f"acme-{kitchen.unique}.example")}
    return Step("POST", f"/organizations/{kitchen.organization()}/domains", body)


def _domain_updated(kitchen: Kitchen) -> Step:
    domain = _a_domain(kitchen)
    body = {"enrollment_mode": kitchen.wish("enrollment_mode", "automatic_suggestion")}
    return Step("PATCH", f"{domain.path}/{kitchen.take(domain)['id']}", body)


def _domain_deleted(kitchen: Kitchen) -> Step:
    domain = _a_domain(kitchen)
    return Step("DELETE", f"{domain.path}/{kitchen.take(domain)['id']}")


def _named(kitchen: Kitchen, key: str) -> dict[str, Any]:
    return {
        "name": kitchen.wish("name", "Vet"),
        "key": kitchen.wish("key", key),
        **kitchen.wished("description"),
    }


def _a_role(kitchen: Kitchen) -> Step:
    return Step("POST", "/organization_roles", _named(kitchen, f"org:vet_{kitchen.unique}"))


def _a_permission(kitchen: Kitchen) -> Step:
    body = _named(kitchen, f"org:dogs_{kitchen.unique}:walk")
    return Step("POST", "/organization_permissions", body)


def _changed(made: Callable[[Kitchen], Step]) -> Callable[[Kitchen], Step]:
    def prepare(kitchen: Kitchen) -> Step:
        step = made(kitchen)
        body = {"description": kitchen.wish("description", "Looks after the dogs")}
        return Step("PATCH", f"{step.path}/{kitchen.take(step)['id']}", body)

    return prepare


def _gone(made: Callable[[Kitchen], Step]) -> Callable[[Kitchen], Step]:
    def prepare(kitchen: Kitchen) -> Step:
        step = made(kitchen)
        return Step("DELETE", f"{step.path}/{kitchen.take(step)['id']}")

    return prepare


RECIPES: Final = (
    Recipe("organization.created", "a user creates an organization", _organization_created),
    Recipe("organization.updated", "an organization changes its name", _organization_updated),
    Recipe("organization.deleted", "an organization is deleted", _organization_deleted),
    Recipe("organizationMembership.created", "a user joins an organization", _membership_created),
    Recipe("organizationMembership.updated", "a member becomes an admin", _membership_updated),
    Recipe("organizationMembership.deleted", "a member is removed", _membership_deleted),
    Recipe("organizationInvitation.created", "somebody is invited", _an_invitation),
    Recipe("organizationInvitation.accepted", "an invited person accepts", _invitation_accepted),
    Recipe("organizationInvitation.revoked", "an invitation is revoked", _invitation_revoked),
    Recipe("organizationDomain.created", "an organization adds a domain", _a_domain),
    Recipe("organizationDomain.updated", "a domain suggests joining", _domain_updated),
    Recipe("organizationDomain.deleted", "a domain is taken away", _domain_deleted),
    Recipe("role.created", "a role is made", _a_role),
    Recipe("role.updated", "a role gets a description", _changed(_a_role)),
    Recipe("role.deleted", "a role is deleted", _gone(_a_role)),
    Recipe("permission.created", "a permission is made", _a_permission),
    Recipe("permission.updated", "a permission gets a description", _changed(_a_permission)),
    Recipe("permission.deleted", "a permission is deleted", _gone(_a_permission)),
)
