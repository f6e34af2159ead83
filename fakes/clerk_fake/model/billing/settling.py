"""What a payment does to the item that it is for."""

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.billing.calendar import period_after
from clerk_fake.model.billing.items import (
    Item,
    ItemStatus,
    Step,
    change_item,
    require_item,
)
from clerk_fake.model.billing.payments import (
    Attempt,
    AttemptStatus,
    Charge,
    charge,
    settle_attempt,
)
from clerk_fake.model.billing.subscriptions import (
    follow_items,
    make_way,
    subscription_with,
)

__all__ = ["pay", "settle"]


def pay(instance: Instance, wanted: Charge, origin: Origin) -> tuple[Item, Attempt | None]:
    """Charge for an item, and let it bear the consequences."""
    attempt = charge(instance, wanted, origin)
    if attempt is None and wanted.item.status is ItemStatus.INCOMPLETE:
        return _complete(instance, wanted.item, 0, origin), attempt
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


def _after_settling(instance: Instance, item: Item, attempt: Attempt, origin: Origin) -> Item:
    now = instance.clock.now_ms()
    if attempt.status is AttemptStatus.FAILED:
        if item.status is ItemStatus.INCOMPLETE:
            return change_item(instance, item, origin, Step.CANCEL, ended_at=now)
        if item.status is not ItemStatus.ACTIVE:
            return item
        return change_item(instance, item, origin, Step.FAIL_TO_PAY, past_due_at=now)
    if item.status is ItemStatus.INCOMPLETE:
        return _complete(instance, item, attempt.amount, origin)
    paid = item.lifetime_paid + attempt.amount
    step = Step.PAY if item.status is ItemStatus.PAST_DUE else None
    return change_item(instance, item, origin, step, lifetime_paid=paid, past_due_at=None)


def _complete(instance: Instance, item: Item, paid: int, origin: Origin) -> Item:
    """Let an item begin whose payment has come, in the place of the one that held until now."""
    make_way(instance, subscription_with(instance, item), origin, item_id=item.id)
    now = instance.clock.now_ms()
    return change_item(
        instance,
        item,
        origin,
        Step.PAY,
        period_start=now,
        period_end=period_after(now, item.period),
        lifetime_paid=item.lifetime_paid + paid,
    )
