"""What time does to subscriptions: trials end, periods are renewed, canceled items give way.

Nothing ticks: whoever reads or changes billing, or turns the clock, first brings it up to date.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.billing.calendar import DAY_MS, period_after
from clerk_fake.model.billing.items import (
    ITEMS,
    Item,
    ItemStatus,
    Step,
    change_item,
    tell_trial_ending,
)
from clerk_fake.model.billing.payments import Charge, ChargeType
from clerk_fake.model.billing.prices import require_price
from clerk_fake.model.billing.settling import pay
from clerk_fake.model.billing.subscriptions import follow_items

__all__ = ["bring_up_to_date", "something_is_due"]

TRIAL_ENDING_MS: Final = 3 * DAY_MS
"""So long before its end Clerk announces the end of a free trial."""


def bring_up_to_date(instance: Instance, origin: Origin) -> None:
    """Do, in the order in which it fell due, what the time that has passed brought about."""
    now = instance.clock.now_ms()
    while (first := min(_due(instance, now), default=None)) is not None:
        moment, subscription_id = first
        _let_pass(instance, subscription_id, moment, origin)


def something_is_due(instance: Instance, items: Iterable[Item]) -> bool:
    """Tell whether time has brought something about for one of these."""
    now = instance.clock.now_ms()
    moments = map(_next_moment, items)
    return any(moment is not None and moment <= now for moment in moments)


def _due(instance: Instance, now: int) -> Iterator[tuple[int, str]]:
    for item in instance.state.of(ITEMS).find("live", ""):
        moment = _next_moment(item)
        if moment is not None and moment <= now:
            yield moment, item.subscription_id


def _let_pass(instance: Instance, subscription_id: str, moment: int, origin: Origin) -> None:
    """Do what is due at one moment: what ends goes first, then comes what begins."""
    live = instance.state.of(ITEMS).find("live", subscription_id)
    due = [item for item in live if _next_moment(item) == moment]
    due.sort(key=lambda item: item.status is ItemStatus.UPCOMING)
    if all(_is_about_to_end(item) for item in due):
        for item in due:
            tell_trial_ending(instance, item, origin)
        return
    payment_ids = [_advance(instance, item, origin) for item in due]
    latest = next(filter(None, payment_ids), None)
    follow_items(instance, subscription_id, origin, payment_id=latest)


def _next_moment(item: Item) -> int | None:
    if item.status is ItemStatus.UPCOMING:
        return item.period_start
    if item.period_end is None or item.status not in (ItemStatus.ACTIVE, ItemStatus.CANCELED):
        return None
    return item.period_end - TRIAL_ENDING_MS if _is_about_to_end(item) else item.period_end


def _is_about_to_end(item: Item) -> bool:
    return item.is_free_trial and not item.ending_told and item.status is ItemStatus.ACTIVE


def _advance(instance: Instance, item: Item, origin: Origin) -> str | None:
    """Take an item one step further and return the id of the payment that it cost, if it did."""
    if item.status is ItemStatus.UPCOMING:
        started = change_item(instance, item, origin, Step.START)
        return _charge(instance, started, item.period_start, origin)
    if item.status is ItemStatus.CANCELED or item.period_end is None:
        change_item(instance, item, origin, Step.END, ended_at=item.period_end)
        return None
    renewed = change_item(
        instance,
        item,
        origin,
        period_start=item.period_end,
        period_end=period_after(item.period_end, item.period),
        is_free_trial=False,
    )
    return _charge(instance, renewed, item.period_end, origin)


def _charge(instance: Instance, item: Item, at: int, origin: Origin) -> str | None:
    price = require_price(instance, item.price_id)
    cost = price.of_period(item.period) if item.period_end is not None else 0
    _, attempt = pay(instance, Charge(item, price, ChargeType.RECURRING, cost, at), origin)
    return None if attempt is None else attempt.payment_id
