"""How items end: cancellation, and free trials that are made longer."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Instant
from clerk_fake.model.billing.beginnings import current_item
from clerk_fake.model.billing.calendar import DAY_MS
from clerk_fake.model.billing.items import (
    Item,
    ItemStatus,
    Step,
    change_item,
)
from clerk_fake.model.billing.payers import PAYERS
from clerk_fake.model.billing.subscriptions import (
    add_default_item,
    follow_items,
    give_up,
    subscription_with,
)

__all__ = ["TrialExtension", "cancel_item", "extend_trial"]

LONGEST_EXTENSION_MS: Final = 365 * DAY_MS


@dataclass(frozen=True, slots=True)
class TrialExtension:
    """What ``POST …/extend_free_trial`` takes."""

    extend_to: Instant


def cancel_item(instance: Instance, item: Item, origin: Origin, *, at_once: bool) -> Item:
    """Cancel an item: now, or at the end of its period; the default plan follows on it.

    Raises:
        ApiError: 422, the item is over, canceled already, or of the default plan.
    """
    if item.period_end is None:
        raise ApiError.bad_value("subscription_item_id", "no item of the default plan")
    now = instance.clock.now_ms()
    subscription = subscription_with(instance, item)
    payer = PAYERS.require(instance, item.payer_id)
    later = not at_once and item.status is ItemStatus.ACTIVE
    if later:
        changed = change_item(instance, item, origin, Step.CANCEL, canceled_at=now)
        add_default_item(instance, subscription, payer, origin, starts_at=item.period_end)
    else:
        changed = change_item(
            instance, item, origin, Step.END, canceled_at=item.canceled_at or now, ended_at=now
        )
        if item.status is not ItemStatus.INCOMPLETE:
            give_up(instance, subscription, ItemStatus.UPCOMING, origin)
        if current_item(instance, subscription) is None:
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
