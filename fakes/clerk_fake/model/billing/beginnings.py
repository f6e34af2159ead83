"""How an item begins in the place of another one: at once, charged, or with a free trial."""

from dataclasses import dataclass, replace
from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.billing.calendar import DAY_MS, period_after
from clerk_fake.model.billing.items import (
    Item,
    ItemStatus,
    add_item,
)
from clerk_fake.model.billing.payers import PAYERS, Payments
from clerk_fake.model.billing.payments import (
    ATTEMPTS,
    Attempt,
    AttemptStatus,
    Charge,
    ChargeType,
)
from clerk_fake.model.billing.plans import Plan
from clerk_fake.model.billing.prices import (
    BillingPeriod,
    Price,
    require_price,
)
from clerk_fake.model.billing.settling import pay
from clerk_fake.model.billing.subscriptions import (
    Subscription,
    follow_items,
    give_up,
    live_items,
    make_way,
    new_item,
)

__all__ = ["Beginning", "begin", "current_item"]

NOT_IN_FORCE: Final = frozenset({ItemStatus.UPCOMING, ItemStatus.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class Beginning:
    """With what a new item begins."""

    plan: Plan
    price: Price
    period: BillingPeriod
    trial_days: int | None


def begin(
    instance: Instance,
    subscription: Subscription,
    current: Item | None,
    beginning: Beginning,
    origin: Origin,
) -> tuple[Item, Attempt | None]:
    """Begin an item, charge for it, and end the current one.

    While the payment is pending the new item is incomplete and the current one stays in force.
    """
    now = instance.clock.now_ms()
    trial = beginning.trial_days
    cost = beginning.price.of_period(beginning.period)
    payer = PAYERS.require(instance, subscription.payer_id)
    waits = trial is None and cost > 0 and payer.payments is Payments.PEND
    prorated = 0 if current is None else _unused(instance, current, now)
    if waits:
        give_up(instance, subscription, ItemStatus.INCOMPLETE, origin)
    else:
        make_way(instance, subscription, origin)
    end = period_after(now, beginning.period) if trial is None else now + trial * DAY_MS
    item = new_item(
        instance,
        subscription,
        plan_id=beginning.plan.id,
        price_id=beginning.price.id,
        period=beginning.period,
        status=ItemStatus.INCOMPLETE if waits else ItemStatus.ACTIVE,
        period_start=now,
        period_end=None if beginning.plan.is_default else end,
        is_free_trial=trial is not None,
    )
    item = add_item(instance, item, origin)
    attempt = None
    if trial is None:
        wanted = Charge(item, beginning.price, ChargeType.CHECKOUT, cost, now, prorated)
        item, attempt = pay(instance, wanted, origin)
    else:
        PAYERS.table(instance).put(replace(payer, trial_used=True))
    payment_id = None if attempt is None else attempt.payment_id
    follow_items(instance, subscription.id, origin, payment_id=payment_id)
    return item, attempt


def _unused(instance: Instance, item: Item, now: int) -> int:
    """Return what is left of an item's paid period, in cents."""
    paid = any(
        attempt.status is AttemptStatus.PAID
        for attempt in instance.state.of(ATTEMPTS).find("item_id", item.id)
    )
    if item.period_end is None or item.is_free_trial or not paid:
        return 0
    cost = require_price(instance, item.price_id).of_period(item.period)
    share = max(item.period_end - now, 0) / (item.period_end - item.period_start)
    return round(cost * share)


def current_item(instance: Instance, subscription: Subscription) -> Item | None:
    """Return the item that is in force, if there is one."""
    items = live_items(instance, subscription)
    return next((item for item in items if item.status not in NOT_IN_FORCE), None)
