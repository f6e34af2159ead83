"""Price transitions: another price takes the place of an item's, at once or later."""

from dataclasses import dataclass
from enum import StrEnum

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.billing.beginnings import Beginning, begin
from clerk_fake.model.billing.calendar import period_after
from clerk_fake.model.billing.items import (
    Item,
    ItemStatus,
    Step,
    add_item,
    change_item,
    require_item,
)
from clerk_fake.model.billing.payers import PAYERS
from clerk_fake.model.billing.payments import (
    Attempt,
)
from clerk_fake.model.billing.plans import PLANS
from clerk_fake.model.billing.prices import (
    require_price,
)
from clerk_fake.model.billing.subscriptions import (
    follow_items,
    give_up,
    new_item,
    subscription_with,
)

__all__ = ["EffectiveMode", "PriceTransition", "Transition", "transit"]


class EffectiveMode(StrEnum):
    """When another price takes effect."""

    IMMEDIATE = "immediate"
    END_OF_PERIOD = "end_of_period"


@dataclass(frozen=True, slots=True)
class PriceTransition:
    """What ``POST …/price_transition`` takes."""

    from_price_id: str
    to_price_id: str


@dataclass(frozen=True, slots=True)
class Transition:
    """How an item gave way to another one.

    Attributes:
        effective_at: When the new one takes effect, ms.
        attempt: What was charged at once.
    """

    previous: Item
    item: Item
    effective_at: int
    mode: EffectiveMode
    attempt: Attempt | None


def transit(instance: Instance, item: Item, wanted: PriceTransition, origin: Origin) -> Transition:
    """Let another price of the same or another plan take the place of an item's.

    A dearer one takes effect at once and is charged, less what is left of the old period; a
    cheaper one takes effect when the old period ends.

    Raises:
        ApiError: 404, there is no such price; 409, the item has another price than
            ``from_price_id``; 422, the item is over, or the price is not for its period or payer.
    """
    if item.price_id != wanted.from_price_id:
        raise ApiError.of(
            409, "conflict", "conflict", "The item's price is another one than from_price_id."
        )
    price = require_price(instance, wanted.to_price_id)
    plan = PLANS.require(instance, price.plan_id)
    payer = PAYERS.require(instance, item.payer_id)
    if item.status is not ItemStatus.ACTIVE:
        raise ApiError.bad_value("subscription_item_id", "of an active item")
    if price.id == item.price_id or plan.payer_type is not payer.payer_type:
        raise ApiError.bad_value("to_price_id", "another price, of a plan for this payer")
    old_cost = require_price(instance, item.price_id).of_period(item.period)
    subscription = subscription_with(instance, item)
    give_up(instance, subscription, ItemStatus.UPCOMING, origin)
    if item.period_end is not None and price.of_period(item.period) < old_cost:
        previous = change_item(
            instance, item, origin, Step.CANCEL, canceled_at=instance.clock.now_ms()
        )
        upcoming = new_item(
            instance,
            subscription,
            plan_id=plan.id,
            price_id=price.id,
            period=item.period,
            status=ItemStatus.UPCOMING,
            period_start=item.period_end,
            period_end=period_after(item.period_end, item.period),
        )
        added = add_item(instance, upcoming, origin)
        follow_items(instance, subscription.id, origin)
        return Transition(previous, added, item.period_end, EffectiveMode.END_OF_PERIOD, None)
    added, attempt = begin(
        instance, subscription, item, Beginning(plan, price, item.period, None), origin
    )
    previous = require_item(instance, item.id)
    return Transition(previous, added, added.period_start, EffectiveMode.IMMEDIATE, attempt)
