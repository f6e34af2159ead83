"""What befalls the items of a subscription: checkout, cancellation, other prices, trials."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Instant, Length
from clerk_fake.model.billing.calendar import DAY_MS, period_after
from clerk_fake.model.billing.items import (
    Item,
    ItemStatus,
    Step,
    add_item,
    change_item,
    require_item,
)
from clerk_fake.model.billing.payers import PAYERS, Payer
from clerk_fake.model.billing.payments import (
    ATTEMPTS,
    Attempt,
    AttemptStatus,
    Charge,
    ChargeType,
    charge,
    settle_attempt,
)
from clerk_fake.model.billing.plans import PLANS, Plan
from clerk_fake.model.billing.prices import (
    BillingPeriod,
    Price,
    price_of_plan,
    require_price,
)
from clerk_fake.model.billing.subscriptions import (
    SUBSCRIPTIONS,
    Subscription,
    add_default_item,
    follow_items,
    live_items,
    new_item,
    subscription_of,
)

__all__ = [
    "Checkout",
    "EffectiveMode",
    "PriceTransition",
    "Transition",
    "TrialExtension",
    "cancel_item",
    "extend_trial",
    "pay",
    "settle",
    "subscribe",
    "transit",
]

LONGEST_EXTENSION_MS: Final = 365 * DAY_MS


class EffectiveMode(StrEnum):
    """When another price takes effect."""

    IMMEDIATE = "immediate"
    END_OF_PERIOD = "end_of_period"


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


@dataclass(frozen=True, slots=True)
class PriceTransition:
    """What ``POST …/price_transition`` takes."""

    from_price_id: str
    to_price_id: str


@dataclass(frozen=True, slots=True)
class TrialExtension:
    """What ``POST …/extend_free_trial`` takes."""

    extend_to: Instant


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
    current = _current(instance, subscription)
    if current is not None and current.price_id == price.id and current.period is checkout.period:
        raise ApiError.bad_value("plan_id", "a plan that the payer does not have already")
    trial_days = plan.free_trial_days if checkout.trial and not payer.trial_used else None
    item, _ = _begin(
        instance,
        subscription,
        current,
        _Beginning(plan, price, checkout.period, trial_days),
        origin,
    )
    return item


def cancel_item(instance: Instance, item: Item, origin: Origin, *, at_once: bool) -> Item:
    """Cancel an item: now, or at the end of its period; the default plan follows on it.

    Raises:
        ApiError: 422, the item is over, canceled already, or of the default plan.
    """
    if item.period_end is None:
        raise ApiError.bad_value("subscription_item_id", "no item of the default plan")
    now = instance.clock.now_ms()
    subscription = _subscription(instance, item)
    payer = PAYERS.require(instance, item.payer_id)
    later = not at_once and item.status is ItemStatus.ACTIVE
    if later:
        changed = change_item(instance, item, origin, Step.CANCEL, canceled_at=now)
        add_default_item(instance, subscription, payer, origin, starts_at=item.period_end)
    else:
        changed = change_item(
            instance, item, origin, Step.END, canceled_at=item.canceled_at or now, ended_at=now
        )
        _give_up_upcoming(instance, subscription, origin)
        if _current(instance, subscription) is None:
            add_default_item(instance, subscription, payer, origin)
    follow_items(instance, subscription.id, origin)
    return changed


def extend_trial(instance: Instance, item: Item, extension: TrialExtension, origin: Origin) -> Item:
    """Let a free trial end later; to the same time once more changes nothing.

    Raises:
        ApiError: 422, the item is in no free trial, or the time is past or too far away.
    """
    if not item.is_free_trial or item.status is not ItemStatus.ACTIVE:
        raise ApiError.bad_value("subscription_item_id", "of an item in its free trial")
    if extension.extend_to == item.period_end:
        return item
    now = instance.clock.now_ms()
    if not now < extension.extend_to <= now + LONGEST_EXTENSION_MS:
        raise ApiError.bad_value("extend_to", "in the future, at most 365 days from now")
    changed = change_item(
        instance, item, origin, period_end=int(extension.extend_to), ending_told=False
    )
    follow_items(instance, item.subscription_id, origin)
    return changed


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
    subscription = _subscription(instance, item)
    _give_up_upcoming(instance, subscription, origin)
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
    added, attempt = _begin(
        instance, subscription, item, _Beginning(plan, price, item.period, None), origin
    )
    previous = replace(item, status=ItemStatus.ENDED)
    return Transition(previous, added, added.period_start, EffectiveMode.IMMEDIATE, attempt)


def pay(instance: Instance, wanted: Charge, origin: Origin) -> tuple[Item, Attempt | None]:
    """Charge for an item, and let it bear the consequences."""
    attempt = charge(instance, wanted, origin)
    if attempt is None or attempt.status is AttemptStatus.PENDING:
        return wanted.item, attempt
    return _after_settling(instance, wanted.item, attempt, origin), attempt


def settle(instance: Instance, attempt: Attempt, status: AttemptStatus, origin: Origin) -> Attempt:
    """Say what became of a pending attempt, and let its item bear the consequences.

    Raises:
        ApiError: 422, it is settled already.
    """
    settled = settle_attempt(instance, attempt, status, origin)
    item = require_item(instance, attempt.item_id)
    _after_settling(instance, item, settled, origin)
    follow_items(instance, item.subscription_id, origin, payment_id=settled.payment_id)
    return settled


@dataclass(frozen=True, slots=True)
class _Beginning:
    """With what a new item begins."""

    plan: Plan
    price: Price
    period: BillingPeriod
    trial_days: int | None


def _begin(
    instance: Instance,
    subscription: Subscription,
    current: Item | None,
    beginning: _Beginning,
    origin: Origin,
) -> tuple[Item, Attempt | None]:
    """End the current item, begin another one, and charge for it."""
    now = instance.clock.now_ms()
    prorated = 0
    if current is not None:
        prorated = _unused(instance, current, now)
        change_item(instance, current, origin, Step.END, ended_at=now)
    _give_up_upcoming(instance, subscription, origin)
    trial = beginning.trial_days
    end = period_after(now, beginning.period) if trial is None else now + trial * DAY_MS
    item = new_item(
        instance,
        subscription,
        plan_id=beginning.plan.id,
        price_id=beginning.price.id,
        period=beginning.period,
        status=ItemStatus.ACTIVE,
        period_start=now,
        period_end=None if beginning.plan.is_default else end,
        is_free_trial=trial is not None,
    )
    item = add_item(instance, item, origin)
    attempt = None
    if trial is None:
        cost = beginning.price.of_period(beginning.period)
        wanted = Charge(item, beginning.price, ChargeType.CHECKOUT, cost, now, prorated)
        item, attempt = pay(instance, wanted, origin)
    else:
        payer = PAYERS.require(instance, subscription.payer_id)
        PAYERS.table(instance).put(replace(payer, trial_used=True))
    payment_id = None if attempt is None else attempt.payment_id
    follow_items(instance, subscription.id, origin, payment_id=payment_id)
    return item, attempt


def _after_settling(instance: Instance, item: Item, attempt: Attempt, origin: Origin) -> Item:
    now = instance.clock.now_ms()
    if attempt.status is AttemptStatus.FAILED:
        if item.status is not ItemStatus.ACTIVE:
            return item
        return change_item(instance, item, origin, Step.FAIL_TO_PAY, past_due_at=now)
    paid = item.lifetime_paid + attempt.amount
    step = Step.PAY if item.status is ItemStatus.PAST_DUE else None
    return change_item(instance, item, origin, step, lifetime_paid=paid, past_due_at=None)


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


def _current(instance: Instance, subscription: Subscription) -> Item | None:
    items = live_items(instance, subscription)
    return next((item for item in items if item.status is not ItemStatus.UPCOMING), None)


def _give_up_upcoming(instance: Instance, subscription: Subscription, origin: Origin) -> None:
    for item in live_items(instance, subscription):
        if item.status is ItemStatus.UPCOMING:
            change_item(instance, item, origin, Step.END, ended_at=instance.clock.now_ms())


def _subscription(instance: Instance, item: Item) -> Subscription:
    subscription = instance.state.of(SUBSCRIPTIONS).get(item.subscription_id)
    if subscription is None:
        raise ApiError.not_found("subscription", item.subscription_id)
    return subscription
