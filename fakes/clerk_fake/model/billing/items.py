"""Subscription items: one plan of one subscription for one stretch of time, and its states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.payers import PAYERS, payer_event_resource
from clerk_fake.model.billing.plans import PLANS
from clerk_fake.model.billing.prices import BillingPeriod, require_price
from clerk_fake.model.records import required
from clerk_fake.state import Noun

__all__ = [
    "ITEMS",
    "STEPS",
    "Item",
    "ItemStatus",
    "Step",
    "add_item",
    "change_item",
    "item_event_resource",
    "require_item",
    "tell_trial_ending",
    "visible_items",
]


class ItemStatus(StrEnum):
    """How an item stands."""

    UPCOMING = "upcoming"
    INCOMPLETE = "incomplete"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    ENDED = "ended"
    ABANDONED = "abandoned"


class Step(StrEnum):
    """What can befall an item."""

    START = "start"
    PAY = "pay"
    FAIL_TO_PAY = "fail to pay"
    CANCEL = "cancel"
    END = "end"


STEPS: Final[Mapping[tuple[ItemStatus, Step], ItemStatus]] = MappingProxyType(
    {
        (ItemStatus.UPCOMING, Step.START): ItemStatus.ACTIVE,
        (ItemStatus.UPCOMING, Step.CANCEL): ItemStatus.ABANDONED,
        (ItemStatus.UPCOMING, Step.END): ItemStatus.ABANDONED,
        (ItemStatus.INCOMPLETE, Step.PAY): ItemStatus.ACTIVE,
        (ItemStatus.INCOMPLETE, Step.CANCEL): ItemStatus.ABANDONED,
        (ItemStatus.INCOMPLETE, Step.END): ItemStatus.ABANDONED,
        (ItemStatus.ACTIVE, Step.FAIL_TO_PAY): ItemStatus.PAST_DUE,
        (ItemStatus.ACTIVE, Step.CANCEL): ItemStatus.CANCELED,
        (ItemStatus.ACTIVE, Step.END): ItemStatus.ENDED,
        (ItemStatus.PAST_DUE, Step.PAY): ItemStatus.ACTIVE,
        (ItemStatus.PAST_DUE, Step.CANCEL): ItemStatus.ENDED,
        (ItemStatus.PAST_DUE, Step.END): ItemStatus.ENDED,
        (ItemStatus.CANCELED, Step.END): ItemStatus.ENDED,
    }
)
"""State and step → next state; what is not here is refused."""

EVENTS: Final[Mapping[ItemStatus, str]] = MappingProxyType(
    {
        ItemStatus.UPCOMING: "subscriptionItem.upcoming",
        ItemStatus.INCOMPLETE: "subscriptionItem.incomplete",
        ItemStatus.ACTIVE: "subscriptionItem.active",
        ItemStatus.PAST_DUE: "subscriptionItem.pastDue",
        ItemStatus.CANCELED: "subscriptionItem.canceled",
        ItemStatus.ENDED: "subscriptionItem.ended",
        ItemStatus.ABANDONED: "subscriptionItem.abandoned",
    }
)
OVER: Final = frozenset({ItemStatus.ENDED, ItemStatus.ABANDONED})


@dataclass(frozen=True, slots=True)
class Item:
    """An item; amounts are cents, times Unix ms.

    Attributes:
        period_start: Of the current period.
        period_end: Of the current period; ``None`` for a default plan, which has none.
        lifetime_paid: Everything that was ever paid for it.
        ending_told: Whether the end of its free trial was announced.
    """

    id: str
    subscription_id: str
    payer_id: str
    plan_id: str
    price_id: str
    period: BillingPeriod
    status: ItemStatus
    created_at: int
    updated_at: int
    period_start: int
    period_end: int | None
    is_free_trial: bool = False
    canceled_at: int | None = None
    past_due_at: int | None = None
    ended_at: int | None = None
    lifetime_paid: int = 0
    ending_told: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing can befall it any more."""
        return self.status in OVER


ITEMS: Final = Noun(
    "billing_subscription_items",
    Item,
    {
        "subscription_id": lambda item: (item.subscription_id,),
        "live": lambda item: () if item.is_over else (item.subscription_id, ""),
    },
)


def require_item(instance: Instance, item_id: str) -> Item:
    """Return the item with this id.

    Raises:
        ApiError: 404, there is none.
    """
    return required(instance, ITEMS, "subscription item", item_id)


def visible_items(instance: Instance) -> Iterator[Item]:
    """Yield all items that Clerk lists, the youngest first: abandoned ones are not."""
    for item in instance.state.of(ITEMS).newest_first():
        if item.status is not ItemStatus.ABANDONED:
            yield item


def add_item(instance: Instance, item: Item, origin: Origin) -> Item:
    """Keep a new item and tell of it."""
    instance.state.of(ITEMS).put(item)
    _tell(instance, EVENTS[item.status], item, origin)
    return item


def change_item(
    instance: Instance, item: Item, origin: Origin, step: Step | None = None, **fields: Any
) -> Item:
    """Let ``step`` befall an item, set ``fields`` besides, and tell of it.

    Raises:
        ApiError: 422, in its state that cannot befall it.
    """
    status = item.status
    if step is not None:
        following = STEPS.get((item.status, step))
        if following is None:
            raise ApiError.of(
                422,
                "subscription_item_status_invalid",
                "invalid status",
                f"A subscription item that is {item.status.value} cannot {step.value}.",
            )
        status = following
    version = max(instance.clock.now_ms(), item.updated_at + 1)
    changed = replace(item, status=status, updated_at=version, **fields)
    instance.state.of(ITEMS).put(changed)
    told = EVENTS[status] if status is not item.status else "subscriptionItem.updated"
    _tell(instance, told, changed, origin)
    return changed


def tell_trial_ending(instance: Instance, item: Item, origin: Origin) -> Item:
    """Announce, once, that a free trial is about to end."""
    told = replace(item, ending_told=True)
    instance.state.of(ITEMS).put(told)
    _tell(instance, "subscriptionItem.freeTrialEnding", told, origin)
    return told


def item_event_resource(
    instance: Instance, item: Item, *, within_subscription: bool = False
) -> JsonObject:
    """Return an item as events carry it."""
    plan = PLANS.require(instance, item.plan_id)
    price = require_price(instance, item.price_id)
    payer = PAYERS.require(instance, item.payer_id)
    resource: JsonObject = {
        "object": "commerce_subscription_item",
        "id": item.id,
        "status": item.status.value,
        "is_free_trial": item.is_free_trial,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "period_start": item.period_start,
        "period_end": item.period_end,
        "interval": item.period.value,
        "plan_id": plan.id,
        "plan": {
            "id": plan.id,
            "slug": plan.slug,
            "name": plan.name,
            "is_recurring": True,
            "amount": price.of_period(item.period),
            "currency": price.currency,
        },
        "subscription_id": None if within_subscription else item.subscription_id,
    }
    if not within_subscription:
        resource["payer"] = payer_event_resource(instance, payer)
    return resource


def _tell(instance: Instance, event_type: str, item: Item, origin: Origin) -> None:
    instance.log.append(event_type, item_event_resource(instance, item), origin)
