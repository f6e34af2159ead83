"""What a session token says of the organization that the session is in."""

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.entitlements import plan_claims, plan_of
from clerk_fake.model.billing.plans import PayerType
from clerk_fake.model.memberships.entity import membership_of
from clerk_fake.model.organizations.entity import ORGANIZATION_NOUN
from clerk_fake.model.roles.entity import ROLES, Role, permissions_of
from clerk_fake.model.roles.permissions import PermissionType

__all__ = ["organization_claims"]


def organization_claims(
    instance: Instance, user_id: str, organization_id: str | None
) -> JsonObject:
    """Return the claims ``o``, ``pla`` and ``fea``; nothing when the user is in no such place.

    Clerk packs permissions tightly: ``fea`` names features, ``o.per`` names actions, and the
    numbers of ``o.fpm``, one for each feature, have a bit for each action, the lowest for the
    first. System permissions are in no token, and where billing is in use neither are those on
    features that the organization's plan does not give.
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
    plan = plan_of(instance, organization.id, PayerType.ORG)
    if plan is not None:
        granted = {feature.slug: granted.get(feature.slug, []) for feature in plan.features}
    actions = list(dict.fromkeys(action for actions in granted.values() for action in actions))
    if actions:
        masks = [sum(1 << actions.index(action) for action in each) for each in granted.values()]
        claim["per"] = ",".join(actions)
        claim["fpm"] = ",".join(map(str, masks))
    return {"o": claim, **plan_claims("o", plan, granted)}


def _granted(instance: Instance, role: Role) -> dict[str, list[str]]:
    """Return feature → actions, without what is Clerk's own."""
    granted: dict[str, list[str]] = {}
    for permission in permissions_of(instance, role):
        if permission.type is PermissionType.CUSTOM:
            granted.setdefault(permission.feature, []).append(permission.action)
    return granted
