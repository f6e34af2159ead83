"""Checkout: a payer subscribes to a plan."""

from dataclasses import dataclass
from typing import Annotated

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Length
from clerk_fake.model.billing.beginnings import Beginning, begin, current_item
from clerk_fake.model.billing.items import (
    Item,
)
from clerk_fake.model.billing.payers import Payer
from clerk_fake.model.billing.plans import PLANS
from clerk_fake.model.billing.prices import (
    BillingPeriod,
    price_of_plan,
    require_price,
)
from clerk_fake.model.billing.subscriptions import (
    subscription_of,
)

__all__ = ["Checkout", "subscribe"]


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the control plane takes to subscribe a payer, as a front end's checkout would.

    Attributes:
        plan_id: What is subscribed to.
        price_id: One of its prices; ``None`` for its own.
        period: How long is paid for at once.
        trial: Whether to begin with the plan's free trial, once per payer.
    """

    plan_id: Annotated[str, Length(1, 255)]
    price_id: str | None = None
    period: BillingPeriod = BillingPeriod.MONTH
    trial: bool = True


def subscribe(instance: Instance, payer: Payer, checkout: Checkout, origin: Origin) -> Item:
    """Subscribe a payer to a plan in the place of what it has.

    Raises:
        ApiError: 404, there is no such plan or price; 422, the plan is not for such payers, or
            the payer has it already.
    """
    plan = PLANS.require(instance, checkout.plan_id)
    if plan.payer_type is not payer.payer_type:
        raise ApiError.bad_value("plan_id", f"a plan for a payer of type {payer.payer_type.value}")
    price = price_of_plan(plan)
    if checkout.price_id is not None:
        price = require_price(instance, checkout.price_id)
    if price.plan_id != plan.id:
        raise ApiError.bad_value("price_id", "a price of this plan")
    subscription = subscription_of(instance, payer, origin)
    current = current_item(instance, subscription)
    if current is not None and current.price_id == price.id and current.period is checkout.period:
        raise ApiError.bad_value("plan_id", "a plan that the payer does not have already")
    trial_days = plan.free_trial_days if checkout.trial and not payer.trial_used else None
    item, _ = begin(
        instance,
        subscription,
        current,
        Beginning(plan, price, checkout.period, trial_days),
        origin,
    )
    return item
