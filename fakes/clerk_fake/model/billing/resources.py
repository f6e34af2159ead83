"""How subscriptions, items, payment attempts and statements are written in answers."""

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.calendar import month_of
from clerk_fake.model.billing.discounts import active_redemption
from clerk_fake.model.billing.items import Item, ItemStatus, require_item
from clerk_fake.model.billing.money import money
from clerk_fake.model.billing.payers import (
    PAYERS,
    payer_event_resource,
    payer_resource,
    payment_method_resource,
    payment_source_resource,
)
from clerk_fake.model.billing.payments import ATTEMPTS, PAYEE, Attempt, AttemptStatus, Statement
from clerk_fake.model.billing.plans import PLANS, detailed_plan_resource
from clerk_fake.model.billing.prices import PRICES, require_price
from clerk_fake.model.billing.subscriptions import Subscription, live_items
from clerk_fake.model.billing.transitions import Transition

__all__ = [
    "attempt_resource",
    "detailed_item_resource",
    "item_resource",
    "next_due",
    "statement_resource",
    "subscription_resource",
    "transition_resource",
]


def next_due(instance: Instance, item: Item) -> int:
    """Return what the next renewal of an item costs, in cents, discounts not taken off."""
    renews = item.status in (ItemStatus.ACTIVE, ItemStatus.UPCOMING, ItemStatus.PAST_DUE)
    if not renews or item.period_end is None:
        return 0
    return require_price(instance, item.price_id).of_period(item.period)


def item_resource(instance: Instance, item: Item) -> JsonObject:
    """Return an item as most operations write it."""
    payer = PAYERS.require(instance, item.payer_id)
    plan = PLANS.require(instance, item.plan_id)
    currency = require_price(instance, item.price_id).currency
    return {
        **_times(item),
        "object": "commerce_subscription_item",
        "id": item.id,
        "instance_id": instance.id,
        "status": item.status.value,
        "credits": None,
        "plan_id": plan.id,
        "price_id": item.price_id,
        "plan": PLANS.resource(instance, plan),
        "plan_period": item.period.value,
        "payment_method": payment_method_resource(payer),
        "lifetime_paid": money(item.lifetime_paid, currency),
        "next_payment": _next_payment(instance, item),
        "payer_id": payer.id,
        "payer": payer_resource(instance, payer),
        "is_free_trial": item.is_free_trial,
    }


def detailed_item_resource(instance: Instance, item: Item) -> JsonObject:
    """Return an item as the operations on trials and prices write it."""
    payer = PAYERS.require(instance, item.payer_id)
    plan = PLANS.require(instance, item.plan_id)
    price = require_price(instance, item.price_id)
    payer_part = payer_event_resource(instance, payer)
    return {
        **_times(item),
        "object": "commerce_subscription_item",
        "id": item.id,
        "instance_id": instance.id,
        "status": "ended" if item.status is ItemStatus.CANCELED else item.status.value,
        "plan_id": plan.id,
        "price_id": item.price_id,
        "plan": detailed_plan_resource(plan),
        "plan_period": item.period.value,
        "payment_source_id": payer.payment_method_id,
        "payment_source": payment_source_resource(payer),
        "lifetime_paid": money(item.lifetime_paid, price.currency),
        "amount": money(price.of_period(item.period), price.currency),
        "next_payment": _next_payment(instance, item),
        "payer_id": payer.id,
        "payer": {**payer_part, "instance_id": instance.id},
        "is_free_trial": item.is_free_trial,
        "proration_date": "",
    }


def subscription_resource(
    instance: Instance, subscription: Subscription, *, eligible_for_free_trial: bool
) -> JsonObject:
    """Return a subscription with the items that are not over."""
    items = live_items(instance, subscription)
    resource: JsonObject = {
        "object": "commerce_subscription",
        "id": subscription.id,
        "instance_id": instance.id,
        "status": subscription.status.value,
        "payer_id": subscription.payer_id,
        "created_at": subscription.created_at,
        "updated_at": subscription.updated_at,
        "active_at": subscription.active_at,
        "past_due_at": subscription.past_due_at,
        "subscription_items": [item_resource(instance, item) for item in items],
        "eligible_for_free_trial": eligible_for_free_trial,
    }
    for item in items:
        due = next_due(instance, item)
        if due and item.period_end is not None:
            currency = require_price(instance, item.price_id).currency
            resource["next_payment"] = {"date": item.period_end, "amount": money(due, currency)}
    return resource


def attempt_resource(instance: Instance, attempt: Attempt) -> JsonObject:
    """Return a payment attempt as statements list it."""
    payer = PAYERS.require(instance, attempt.payer_id)
    item = require_item(instance, attempt.item_id)
    return {
        "object": "commerce_payment",
        "id": attempt.id,
        "payment_id": attempt.payment_id,
        "instance_id": instance.id,
        "charge_type": attempt.charge_type.value,
        "payee_id": PAYEE["id"],
        "payee": dict(PAYEE),
        "payer_id": payer.id,
        "payer": payer_resource(instance, payer),
        "subscription_item_id": item.id,
        "subscription_item": item_resource(instance, item),
        "amount": money(attempt.amount, attempt.currency),
        "totals": _totals([attempt]),
        "payment_method_id": payer.payment_method_id,
        "payment_method": payment_method_resource(payer),
        "statement_id": attempt.statement_id,
        "gateway_external_id": f"pi_{attempt.payment_id.removeprefix('cpay_')}",
        "gateway_external_url": None,
        "status": attempt.status.value,
        "paid_at": attempt.paid_at,
        "failed_at": attempt.failed_at,
        "created_at": attempt.created_at,
        "updated_at": attempt.updated_at,
    }


def statement_resource(instance: Instance, statement: Statement) -> JsonObject:
    """Return a statement: open in its month, closed afterwards; one group per payment attempt."""
    payer = PAYERS.require(instance, statement.payer_id)
    attempts = instance.state.of(ATTEMPTS).find("statement_id", statement.id)
    is_open = statement.month == month_of(instance.clock.now_ms())
    return {
        "object": "commerce_statement",
        "id": statement.id,
        "instance_id": instance.id,
        "timestamp": statement.created_at,
        "payer": payer_resource(instance, payer),
        "status": "open" if is_open else "closed",
        "totals": _totals([a for a in attempts if a.status is not AttemptStatus.FAILED]),
        "groups": [
            {
                "object": "commerce_statement_group",
                "timestamp": attempt.created_at,
                "items": [attempt_resource(instance, attempt)],
            }
            for attempt in attempts
        ],
    }


def transition_resource(instance: Instance, transition: Transition) -> JsonObject:
    """Return what came of a price transition."""
    previous, item, attempt = transition.previous, transition.item, transition.attempt
    price = require_price(instance, previous.price_id)
    return {
        "object": "commerce_price_transition",
        "subscription_item": detailed_item_resource(instance, item),
        "transition": {
            "previous_plan": detailed_plan_resource(PLANS.require(instance, previous.plan_id)),
            "previous_price": PRICES.resource(instance, price),
            "effective_at": transition.effective_at,
            "effective_mode": transition.mode.value,
            "next_billing_date": item.period_end,
            "charged_immediately": attempt is not None,
            "immediate_charge": (
                None if attempt is None else money(attempt.amount, attempt.currency)
            ),
            "previous_subscription_item_status": previous.status.value,
            "previous_subscription_item_id": previous.id,
        },
    }


def _times(item: Item) -> JsonObject:
    return {
        "period_start": item.period_start,
        "period_end": item.period_end,
        "canceled_at": item.canceled_at,
        "past_due_at": item.past_due_at,
        "ended_at": item.ended_at,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }


def _next_payment(instance: Instance, item: Item) -> JsonObject | None:
    due = next_due(instance, item)
    if not due:
        return None
    redemption = active_redemption(instance, item.id)
    off = 0 if redemption is None else redemption.discount.off(due)
    currency = require_price(instance, item.price_id).currency
    return {"amount": money(due - off, currency), "date": item.period_end}


def _totals(attempts: list[Attempt]) -> JsonObject:
    currency = attempts[0].currency if attempts else "USD"
    subtotal = sum(attempt.subtotal for attempt in attempts)
    return {
        "subtotal": money(subtotal, currency),
        "base_fee": money(subtotal, currency),
        "tax_total": money(0, currency),
        "grand_total": money(sum(attempt.amount for attempt in attempts), currency),
    }
