"""Subscriptions: one per payer, made of items; its state follows from theirs."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.items import (
    ITEMS,
    Item,
    ItemStatus,
    Step,
    add_item,
    change_item,
    item_event_resource,
)
from clerk_fake.model.billing.payers import PAYERS, Payer, payer_event_resource
from clerk_fake.model.billing.plans import default_plan
from clerk_fake.model.billing.prices import BillingPeriod
from clerk_fake.model.records import required
from clerk_fake.state import Noun

__all__ = [
    "SUBSCRIPTIONS",
    "Subscription",
    "SubscriptionStatus",
    "add_default_item",
    "follow_items",
    "give_up",
    "live_items",
    "make_way",
    "new_item",
    "subscription_of",
    "subscription_with",
]


class SubscriptionStatus(StrEnum):
    """How a subscription stands."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a payer has subscribed to; times are Unix ms.

    Attributes:
        latest_payment_id: Of the youngest payment attempt.
    """

    id: str
    payer_id: str
    status: SubscriptionStatus
    created_at: int
    updated_at: int
    active_at: int | None = None
    past_due_at: int | None = None
    ended_at: int | None = None
    latest_payment_id: str | None = None


SUBSCRIPTIONS: Final = Noun(
    "billing_subscriptions",
    Subscription,
    {"payer_id": lambda subscription: (subscription.payer_id,)},
)

TOLD_BY: Final = {
    SubscriptionStatus.ACTIVE: "subscription.active",
    SubscriptionStatus.PAST_DUE: "subscription.pastDue",
}


def subscription_of(instance: Instance, payer: Payer, origin: Origin) -> Subscription:
    """Return a payer's subscription; the first time it is made, with the default plan in it."""
    known = instance.state.of(SUBSCRIPTIONS).find("payer_id", payer.id)
    if known:
        return known[0]
    now = instance.clock.now_ms()
    subscription = Subscription(
        id=instance.ids.new("csub"),
        payer_id=payer.id,
        status=SubscriptionStatus.ACTIVE,
        created_at=now,
        updated_at=now,
        active_at=now,
    )
    instance.state.of(SUBSCRIPTIONS).put(subscription)
    _tell(instance, "subscription.created", subscription, origin)
    add_default_item(instance, subscription, payer, origin)
    return subscription


def subscription_with(instance: Instance, item: Item) -> Subscription:
    """Return the subscription that an item is part of.

    Raises:
        ApiError: 404, there is none (any more).
    """
    return required(instance, SUBSCRIPTIONS, "subscription", item.subscription_id)


def live_items(instance: Instance, subscription: Subscription) -> list[Item]:
    """Return the items that are not over, the oldest first."""
    return instance.state.of(ITEMS).find("live", subscription.id)


def give_up(
    instance: Instance, subscription: Subscription, status: ItemStatus, origin: Origin
) -> None:
    """Give up what never began: what is upcoming, or what is incomplete."""
    for item in live_items(instance, subscription):
        if item.status is status:
            change_item(instance, item, origin, Step.END, ended_at=instance.clock.now_ms())


def make_way(
    instance: Instance, subscription: Subscription, origin: Origin, *, item_id: str | None = None
) -> None:
    """End every item but ``item_id``, what is in force first."""
    live = live_items(instance, subscription)
    for item in sorted(live, key=lambda item: item.status is ItemStatus.UPCOMING):
        if item.id != item_id:
            change_item(instance, item, origin, Step.END, ended_at=instance.clock.now_ms())


def add_default_item(
    instance: Instance,
    subscription: Subscription,
    payer: Payer,
    origin: Origin,
    *,
    starts_at: int | None = None,
) -> Item:
    """Subscribe to the default plan, now or later."""
    plan = default_plan(instance, payer.payer_type, origin)
    item = new_item(
        instance,
        subscription,
        plan_id=plan.id,
        price_id=plan.price_id,
        period_start=instance.clock.now_ms() if starts_at is None else starts_at,
        period_end=None,
        status=ItemStatus.ACTIVE if starts_at is None else ItemStatus.UPCOMING,
    )
    return add_item(instance, item, origin)


def new_item(instance: Instance, subscription: Subscription, **fields: Any) -> Item:
    """Return an item of a subscription that is not kept yet; by the month unless said otherwise."""
    now = instance.clock.now_ms()
    return Item(
        id=instance.ids.new("csub_item"),
        subscription_id=subscription.id,
        payer_id=subscription.payer_id,
        created_at=now,
        updated_at=now,
        **{"period": BillingPeriod.MONTH, **fields},
    )


def follow_items(
    instance: Instance, subscription_id: str, origin: Origin, *, payment_id: str | None = None
) -> Subscription:
    """Bring a subscription into the state that its items give it, and tell of it."""
    table = instance.state.of(SUBSCRIPTIONS)
    old = required(instance, SUBSCRIPTIONS, "subscription", subscription_id)
    now = instance.clock.now_ms()
    statuses = {item.status for item in live_items(instance, old)}
    changed = replace(
        old,
        updated_at=max(now, old.updated_at + 1),
        latest_payment_id=payment_id or old.latest_payment_id,
    )
    if ItemStatus.PAST_DUE in statuses:
        changed = replace(
            changed, status=SubscriptionStatus.PAST_DUE, past_due_at=old.past_due_at or now
        )
    elif statuses & {ItemStatus.ACTIVE, ItemStatus.CANCELED}:
        active_at = old.active_at if old.status is SubscriptionStatus.ACTIVE else now
        changed = replace(
            changed, status=SubscriptionStatus.ACTIVE, active_at=active_at, past_due_at=None
        )
    else:
        changed = replace(changed, status=SubscriptionStatus.ENDED, ended_at=now)
    table.put(changed)
    turned = changed.status is not old.status
    event_type = TOLD_BY.get(changed.status) if turned else None
    _tell(instance, event_type or "subscription.updated", changed, origin)
    return changed


def _tell(instance: Instance, event_type: str, subscription: Subscription, origin: Origin) -> None:
    instance.log.append(event_type, _event_resource(instance, subscription), origin)


def _event_resource(instance: Instance, subscription: Subscription) -> JsonObject:
    payer = PAYERS.require(instance, subscription.payer_id)
    items = instance.state.of(ITEMS).find("subscription_id", subscription.id)
    return {
        "object": "commerce_subscription",
        "id": subscription.id,
        "status": subscription.status.value,
        "active_at": subscription.active_at,
        "canceled_at": None,
        "created_at": subscription.created_at,
        "ended_at": subscription.ended_at,
        "past_due_at": subscription.past_due_at,
        "updated_at": subscription.updated_at,
        "latest_payment_id": subscription.latest_payment_id,
        "payer_id": payer.id,
        "payer": payer_event_resource(instance, payer),
        "payment_source_id": payer.payment_method_id,
        "items": [item_event_resource(instance, each, within_subscription=True) for each in items],
    }
