"""Which plan somebody is on, as session tokens tell it."""

from collections.abc import Iterable
from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.items import Item, ItemStatus
from clerk_fake.model.billing.payers import PAYERS
from clerk_fake.model.billing.plans import PLANS, PayerType, Plan
from clerk_fake.model.billing.renewals import bring_up_to_date, something_is_due
from clerk_fake.model.billing.subscriptions import SUBSCRIPTIONS, live_items

__all__ = ["plan_claims", "plan_of", "user_claims"]

GIVES_FEATURES: Final = (ItemStatus.ACTIVE, ItemStatus.CANCELED, ItemStatus.PAST_DUE)
"""A plan that is canceled is good until its period ends, one that is past due until it is ended."""


def plan_of(instance: Instance, owner_id: str, payer_type: PayerType) -> Plan | None:
    """Return the plan that a user or an organization is on.

    Whoever never asked for their subscription is on the default plan, and stays without one;
    ``None`` while the instance has no default plan for such payers either: billing is not in use.
    """
    plans = [PLANS.require(instance, item.plan_id) for item in _items(instance, owner_id)]
    for plan in plans:
        if not plan.is_default:
            return plan
    for plan in PLANS.table(instance).oldest_first():
        if plan.is_default and plan.payer_type is payer_type:
            return plan
    return None


def plan_claims(scope: str, plan: Plan | None, features: Iterable[str]) -> JsonObject:
    """Return the claims ``pla`` and ``fea``; of the ``scope`` ``u`` or ``o``."""
    told = {} if plan is None else {"pla": f"{scope}:{plan.slug}"}
    named = ",".join(f"{scope}:{feature}" for feature in features)
    return {**told, "fea": named} if named else told


def user_claims(instance: Instance, user_id: str) -> JsonObject:
    """Return what the token of a user who is in no organization says of their plan."""
    plan = plan_of(instance, user_id, PayerType.USER)
    features = () if plan is None else (feature.slug for feature in plan.features)
    return plan_claims("u", plan, features)


def _items(instance: Instance, owner_id: str) -> list[Item]:
    for payer in PAYERS.table(instance).find("owner_id", owner_id):
        for subscription in instance.state.of(SUBSCRIPTIONS).find("payer_id", payer.id):
            if something_is_due(instance, live_items(instance, subscription)):
                bring_up_to_date(instance, Origin())
            live = live_items(instance, subscription)
            return [item for item in live if item.status in GIVES_FEATURES]
    return []
