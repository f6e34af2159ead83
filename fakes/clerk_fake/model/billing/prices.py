"""Prices: what a plan costs; its own one, and custom ones for certain customers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.billing.money import (
    DEFAULT_CURRENCY,
    check_currency,
    currency_symbol,
    money,
)
from clerk_fake.model.billing.plans import PLANS, Plan
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = [
    "PRICES",
    "BillingPeriod",
    "Price",
    "PriceDraft",
    "all_prices",
    "create_price",
    "price_of_plan",
    "require_price",
]

LEAST_AMOUNT: Final = 100
MONTHS: Final = 12
Amount = Annotated[int, Between(0, 10**9)]


class BillingPeriod(StrEnum):
    """How long is paid for at once."""

    MONTH = "month"
    ANNUAL = "annual"


class SupportedPeriods(StrEnum):
    """Which periods a price offers."""

    MONTH = "month"
    ANNUAL = "annual"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Price:
    """A price of a plan; amounts are cents per month."""

    id: str
    plan_id: str
    created_at: int
    amount: int
    annual_monthly_amount: int
    currency: str
    supported_billing_periods: SupportedPeriods
    description: str | None = None
    is_default: bool = False

    def of_period(self, period: BillingPeriod) -> int:
        """Return what one period costs, in cents."""
        return self.amount if period is BillingPeriod.MONTH else self.annual_monthly_amount * MONTHS


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """What ``POST /v1/billing/prices`` takes."""

    plan_id: str
    amount: Amount | None = None
    annual_monthly_amount: Amount | None = None
    currency: str = DEFAULT_CURRENCY
    description: Annotated[str, Length(0, 1000)] | None = None
    supported_billing_periods: SupportedPeriods | None = None


def _resource(instance: Instance, price: Price) -> JsonObject:
    annual = price.annual_monthly_amount
    monthly = price.supported_billing_periods is not SupportedPeriods.ANNUAL
    return {
        "object": "commerce_price",
        "id": price.id,
        "plan_id": price.plan_id,
        "instance_id": instance.id,
        "currency": price.currency,
        "currency_symbol": currency_symbol(price.currency),
        "amount": price.amount,
        "annual_monthly_amount": annual,
        "fee": money(price.amount, price.currency) if monthly else None,
        "annual_monthly_fee": money(annual, price.currency) if annual else None,
        "description": price.description,
        "is_default": price.is_default,
        "created_at": price.created_at,
        "supported_billing_periods": price.supported_billing_periods.value,
    }


PRICES: Final = Kind(
    Noun("billing_prices", Price, {"plan_id": lambda price: (price.plan_id,)}),
    what="price",
    prefix="cprice",
    wire_name="commerce_price",
    resource=_resource,
)


def price_of_plan(plan: Plan) -> Price:
    """Return the price that a plan has by itself."""
    both = SupportedPeriods.BOTH if plan.annual_monthly_amount else SupportedPeriods.MONTH
    return Price(
        id=plan.price_id,
        plan_id=plan.id,
        created_at=plan.created_at,
        amount=plan.amount,
        annual_monthly_amount=plan.annual_monthly_amount,
        currency=plan.currency,
        supported_billing_periods=both,
        is_default=True,
    )


def all_prices(instance: Instance, plan_id: str | None = None) -> list[Price]:
    """Return all prices, the cheapest first, of equal ones the youngest.

    Raises:
        ApiError: 404, there is no plan ``plan_id``.
    """
    if plan_id is None:
        plans = list(PLANS.table(instance).oldest_first())
        custom = list(PRICES.table(instance).oldest_first())
    else:
        plans = [PLANS.require(instance, plan_id)]
        custom = PRICES.table(instance).find("plan_id", plan_id)
    prices = [*map(price_of_plan, plans), *custom]
    return sorted(prices, key=lambda price: (price.amount, -price.created_at))


def require_price(instance: Instance, price_id: str) -> Price:
    """Return the price with this id, custom or a plan's own.

    Raises:
        ApiError: 404, there is none.
    """
    custom = PRICES.table(instance).get(price_id)
    if custom is not None:
        return custom
    for plan in PLANS.table(instance).oldest_first():
        if plan.price_id == price_id:
            return price_of_plan(plan)
    raise ApiError.not_found("price", price_id)


def create_price(instance: Instance, draft: PriceDraft, origin: Origin) -> Price:
    """Add a custom price to a plan.

    Raises:
        ApiError: 404, there is no such plan; 422, an amount is missing or below one unit.
    """
    plan = PLANS.require(instance, draft.plan_id)
    monthly, annual = draft.amount, draft.annual_monthly_amount
    if monthly is None and annual is None:
        raise ApiError.missing_param("amount")
    for name, amount in (("amount", monthly), ("annual_monthly_amount", annual)):
        if amount and amount < LEAST_AMOUNT:
            raise ApiError.bad_value(name, f"0 or at least {LEAST_AMOUNT}")
    price = Price(
        id=PRICES.new_id(instance),
        plan_id=plan.id,
        created_at=instance.clock.now_ms(),
        amount=monthly or 0,
        annual_monthly_amount=annual or 0,
        currency=check_currency(draft.currency),
        supported_billing_periods=_periods(draft),
        description=draft.description,
    )
    return PRICES.add(instance, price, origin)


def _periods(draft: PriceDraft) -> SupportedPeriods:
    offered = {
        SupportedPeriods.MONTH: draft.amount is not None,
        SupportedPeriods.ANNUAL: draft.annual_monthly_amount is not None,
    }
    inferred = (
        SupportedPeriods.BOTH
        if all(offered.values())
        else next(period for period, given in offered.items() if given)
    )
    wanted = draft.supported_billing_periods or inferred
    if wanted not in (inferred, SupportedPeriods.BOTH) and not offered[wanted]:
        raise ApiError.bad_value("supported_billing_periods", "one that an amount is given for")
    if wanted is SupportedPeriods.BOTH and not all(offered.values()):
        raise ApiError.bad_value(
            "supported_billing_periods", f"{inferred.value}: an amount is missing"
        )
    return wanted
