"""Discounts on renewals. Clerk's dashboard makes them, here the control plane."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.billing.items import Item
from clerk_fake.model.billing.money import DEFAULT_CURRENCY, check_currency, money
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = [
    "DISCOUNTS",
    "REDEMPTIONS",
    "Discount",
    "DiscountDraft",
    "Effect",
    "Redemption",
    "RedemptionStatus",
    "active_redemption",
    "apply_discount",
    "create_discount",
    "redemption_resource",
    "remove_discount",
    "use_discount",
]

WHOLE_PERCENT: Final = 100


class Effect(StrEnum):
    """How a discount reckons."""

    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"


class RedemptionStatus(StrEnum):
    """How a redemption stands."""

    ACTIVE = "active"
    EXHAUSTED = "exhausted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount; ``amount_off`` is in cents.

    Attributes:
        cycles: For how many billing cycles it lasts; ``None`` for ever.
    """

    id: str
    name: str
    effect: Effect
    created_at: int
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str = DEFAULT_CURRENCY
    cycles: int | None = None

    def off(self, due: int) -> int:
        """Return how much comes off ``due`` cents."""
        if self.effect is Effect.FIXED_AMOUNT:
            return min(self.amount_off or 0, due)
        return round(due * (self.percent_off or 0) / WHOLE_PERCENT)


@dataclass(frozen=True, slots=True)
class DiscountDraft:
    """What the control plane takes; exactly one of ``percent_off`` and ``amount_off``."""

    name: Annotated[str, Length(1, 255)]
    percent_off: Annotated[float, Between(0.01, WHOLE_PERCENT)] | None = None
    amount_off: Annotated[int, Between(1, 10**9)] | None = None
    currency: str = DEFAULT_CURRENCY
    cycles: Annotated[int, Between(1, 1000)] | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """A discount as an item has it: a copy, so that later changes of the discount do not matter."""

    id: str
    item_id: str
    discount: Discount
    created_at: int
    cycles_applied: int = 0
    status: RedemptionStatus = RedemptionStatus.ACTIVE

    @property
    def cycles_remaining(self) -> int | None:
        """How many billing cycles it still lasts; ``None`` for ever."""
        cycles = self.discount.cycles
        return None if cycles is None else cycles - self.cycles_applied


DISCOUNTS: Final = Kind(
    Noun("billing_discounts", Discount),
    what="discount",
    prefix="cdisc",
    wire_name="commerce_discount",
    resource=lambda _instance, discount: {
        "object": "commerce_discount",
        "id": discount.id,
        "name": discount.name,
        "effect": discount.effect.value,
        "percent_off": discount.percent_off,
        "amount_off": discount.amount_off,
        "currency": discount.currency,
        "cycles": discount.cycles,
        "created_at": discount.created_at,
    },
)
REDEMPTIONS: Final = Noun(
    "billing_discount_redemptions",
    Redemption,
    {"item_id": lambda redemption: (redemption.item_id,)},
)


def create_discount(instance: Instance, draft: DiscountDraft, origin: Origin) -> Discount:
    """Add a discount.

    Raises:
        ApiError: 422, not exactly one of percentage and amount is given.
    """
    if (draft.percent_off is None) is (draft.amount_off is None):
        raise ApiError.bad_value("percent_off", "given, or amount_off, and not both")
    discount = Discount(
        id=DISCOUNTS.new_id(instance),
        name=draft.name,
        effect=Effect.FIXED_AMOUNT if draft.percent_off is None else Effect.PERCENTAGE,
        created_at=instance.clock.now_ms(),
        percent_off=draft.percent_off,
        amount_off=draft.amount_off,
        currency=check_currency(draft.currency),
        cycles=draft.cycles,
    )
    return DISCOUNTS.add(instance, discount, origin)


def active_redemption(instance: Instance, item_id: str) -> Redemption | None:
    """Return the discount that an item has now, if it has one."""
    for redemption in instance.state.of(REDEMPTIONS).find("item_id", item_id):
        if redemption.status is RedemptionStatus.ACTIVE:
            return redemption
    return None


def apply_discount(instance: Instance, item: Item, discount_id: str) -> Redemption:
    """Give an item a discount, in the place of the one that it has.

    Raises:
        ApiError: 404, there is no such discount; 409, the item has it already; 422, the item is
            over.
    """
    discount = DISCOUNTS.require(instance, discount_id)
    if item.is_over:
        raise ApiError.bad_value("subscription_item_id", "of an item that is not over")
    table = instance.state.of(REDEMPTIONS)
    current = active_redemption(instance, item.id)
    if current is not None:
        if current.discount.id == discount.id:
            raise _conflict("The subscription item has this discount already.")
        table.put(replace(current, status=RedemptionStatus.REMOVED))
    redemption = Redemption(instance.ids.new("cdr"), item.id, discount, instance.clock.now_ms())
    table.put(redemption)
    return redemption


def remove_discount(instance: Instance, item: Item, discount_id: str) -> Redemption:
    """Take the discount away that an item has.

    Raises:
        ApiError: 404, there is no such discount; 409, it is not the one that the item has.
    """
    DISCOUNTS.require(instance, discount_id)
    current = active_redemption(instance, item.id)
    if current is None or current.discount.id != discount_id:
        raise _conflict("The subscription item does not have this discount.")
    removed = replace(current, status=RedemptionStatus.REMOVED)
    instance.state.of(REDEMPTIONS).put(removed)
    return removed


def use_discount(instance: Instance, item_id: str, due: int) -> int:
    """Return how much comes off ``due``; one billing cycle of the discount is used up by it."""
    current = active_redemption(instance, item_id)
    if current is None or not due:
        return 0
    used = replace(current, cycles_applied=current.cycles_applied + 1)
    if used.cycles_remaining == 0:
        used = replace(used, status=RedemptionStatus.EXHAUSTED)
    instance.state.of(REDEMPTIONS).put(used)
    return current.discount.off(due)


def redemption_resource(redemption: Redemption, next_due: int) -> JsonObject:
    """Return a redemption as Clerk writes it; ``next_due`` is the next renewal in cents."""
    discount = redemption.discount
    off = discount.amount_off
    return {
        "object": "commerce_discount_redemption",
        "id": redemption.id,
        "subscription_item_id": redemption.item_id,
        "discount_id": discount.id,
        "name": discount.name,
        "source": "manual",
        "effect": discount.effect.value,
        "percent_off": discount.percent_off,
        "amount_off": None if off is None else money(off, discount.currency),
        "amount": money(discount.off(next_due), discount.currency),
        "cycles_remaining": redemption.cycles_remaining,
        "cycles_applied": redemption.cycles_applied,
        "status": redemption.status.value,
        "redeemed_at": redemption.created_at,
        "redeemed_by": None,
    }


def _conflict(long_message: str) -> ApiError:
    return ApiError.of(409, "conflict", "conflict", long_message)
