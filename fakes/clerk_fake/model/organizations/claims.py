"""What a session token says of the organization that the session is in."""

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.memberships.entity import membership_of
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN
from clerk_fake.model.roles.entity import ROLES, Role, permissions_of
from clerk_fake.model.roles.permissions import PermissionType

__all__ = ["organization_claims"]


def organization_claims(
    instance: Instance, user_id: str, organization_id: str | None
) -> JsonObject:
    """Return the claims ``o`` and ``fea``; nothing when the user is in no such organization.

    Clerk packs permissions tightly: ``fea`` names features, ``o.per`` names actions, and the
    numbers of ``o.fpm``, one for each feature, have a bit for each action, the lowest for the
    first. System permissions are in no token.
    """
    if organization_id is None:
        return {}
    membership = membership_of(instance, organization_id, user_id)
    organization = instance.state.of(ORGANIZATION_NOUN).get(organization_id)
    if membership is None or organization is None:
        return {}
    role = ROLES.require(instance, membership.role_id)
    claim: JsonObject = {
        "id": organization.id,
        "slg": organization.slug,
        "rol": role.key.removeprefix("org:"),
    }
    granted = _granted(instance, role)
    if not granted:
        return {"o": claim}
    actions = list(dict.fromkeys(action for actions in granted.values() for action in actions))
    masks = [sum(1 << actions.index(action) for action in each) for each in granted.values()]
    claim["per"] = ",".join(actions)
    claim["fpm"] = ",".join(map(str, masks))
    return {"o": claim, "fea": ",".join(f"o:{feature}" for feature in granted)}


def _granted(instance: Instance, role: Role) -> dict[str, list[str]]:
    """Return feature → actions, without what is Clerk's own."""
    granted: dict[str, list[str]] = {}
    for permission in permissions_of(instance, role):
        if permission.type is PermissionType.CUSTOM:
            granted.setdefault(permission.feature, []).append(permission.action)
    return granted
