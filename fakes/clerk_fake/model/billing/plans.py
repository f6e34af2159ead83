"""Plans: what can be subscribed to. Clerk's dashboard makes them, here the control plane does."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.billing.money import DEFAULT_CURRENCY, check_currency, money
from clerk_fake.model.records import Kind
from clerk_fake.state import Noun

__all__ = [
    "PLANS",
    "Feature",
    "FeatureDraft",
    "PayerType",
    "Plan",
    "PlanDraft",
    "create_plan",
    "default_plan",
    "detailed_plan_resource",
]

SLUG: Final = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
MONTHS: Final = 12


class PayerType(StrEnum):
    """Who can subscribe to a plan."""

    USER = "user"
    ORG = "org"


FREE_SLUGS: Final = MappingProxyType({PayerType.USER: "free_user", PayerType.ORG: "free_org"})


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a plan gives; ``slug`` is what applications ask for."""

    id: str
    name: str
    slug: str
    description: str | None = None
    avatar_url: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan; amounts are cents, times Unix ms.

    Attributes:
        amount: What a month costs.
        annual_monthly_amount: What a month costs when a year is paid; 0 when that is not offered.
        price_id: Its default price.
        features: What it gives.
    """

    id: str
    name: str
    slug: str
    payer_type: PayerType
    created_at: int
    price_id: str
    amount: int = 0
    annual_monthly_amount: int = 0
    currency: str = DEFAULT_CURRENCY
    description: str | None = None
    is_default: bool = False
    publicly_visible: bool = True
    free_trial_days: int | None = None
    features: tuple[Feature, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureDraft:
    """A feature of a new plan."""

    name: str
    slug: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What the control plane takes; names as in ``Plan``."""

    name: str
    slug: Annotated[str, Length(1, 128)]
    payer_type: PayerType = PayerType.USER
    amount: Annotated[int, Between(0, 10**9)] = 0
    annual_monthly_amount: Annotated[int, Between(0, 10**9)] = 0
    currency: str = DEFAULT_CURRENCY
    description: str | None = None
    is_default: bool = False
    publicly_visible: bool = True
    free_trial_days: Annotated[int, Between(1, 365)] | None = None
    features: tuple[FeatureDraft, ...] = field(default_factory=tuple)


def _feature_resource(feature: Feature) -> JsonObject:
    return {
        "object": "feature",
        "id": feature.id,
        "name": feature.name,
        "description": feature.description,
        "slug": feature.slug,
        "avatar_url": feature.avatar_url,
    }


def _plan_resource(plan: Plan) -> JsonObject:
    annual = plan.annual_monthly_amount
    return {
        "object": "commerce_plan",
        "id": plan.id,
        "name": plan.name,
        "fee": money(plan.amount, plan.currency),
        "annual_monthly_fee": money(annual, plan.currency) if annual else None,
        "annual_fee": money(annual * MONTHS, plan.currency) if annual else None,
        "description": plan.description,
        "product_id": "",
        "is_default": plan.is_default,
        "is_recurring": True,
        "publicly_visible": plan.publicly_visible,
        "has_base_fee": plan.amount > 0,
        "for_payer_type": plan.payer_type.value,
        "slug": plan.slug,
        "avatar_url": None,
        "features": [_feature_resource(feature) for feature in plan.features],
        "free_trial_enabled": plan.free_trial_days is not None,
        "free_trial_days": plan.free_trial_days,
    }


PLANS: Final = Kind(
    Noun("billing_plans", Plan, {"slug": lambda plan: (f"{plan.payer_type} {plan.slug}",)}),
    what="plan",
    prefix="cplan",
    wire_name="commerce_plan",
    resource=lambda _instance, plan: _plan_resource(plan),
)


def detailed_plan_resource(plan: Plan) -> JsonObject:
    """Return the plan with the plain amounts and without nulls, as some operations write it."""
    fee, monthly = money(plan.amount, plan.currency), plan.annual_monthly_amount
    annual_monthly = money(monthly, plan.currency)
    annual = money(monthly * MONTHS, plan.currency)
    return {
        **_plan_resource(plan),
        "description": plan.description or "",
        "avatar_url": "",
        "features": [_without_nulls(_feature_resource(feature)) for feature in plan.features],
        "payer_type": [plan.payer_type.value],
        "amount": fee["amount"],
        "amount_formatted": fee["amount_formatted"],
        "annual_monthly_amount": annual_monthly["amount"],
        "annual_monthly_amount_formatted": annual_monthly["amount_formatted"],
        "annual_amount": annual["amount"],
        "annual_amount_formatted": annual["amount_formatted"],
        "currency": plan.currency,
        "currency_symbol": fee["currency_symbol"],
        "period": "month",
        "interval": 1,
    }


def create_plan(instance: Instance, draft: PlanDraft, origin: Origin) -> Plan:
    """Add a plan; a new default one takes the place of the old.

    Raises:
        ApiError: 422, the slug is malformed or taken, or a default plan costs something.
    """
    if not SLUG.fullmatch(draft.slug):
        raise ApiError.bad_format("slug", "lower-case letters and digits, joined by - or _")
    if PLANS.table(instance).find("slug", f"{draft.payer_type} {draft.slug}"):
        raise ApiError.identifier_exists("slug")
    if draft.is_default and draft.amount:
        raise ApiError.bad_value("amount", "0 for a default plan")
    if draft.is_default:
        _demote_default(instance, draft.payer_type)
    plan = Plan(
        id=PLANS.new_id(instance),
        name=draft.name,
        slug=draft.slug,
        payer_type=draft.payer_type,
        created_at=instance.clock.now_ms(),
        price_id=instance.ids.new("cprice"),
        amount=draft.amount,
        annual_monthly_amount=draft.annual_monthly_amount,
        currency=check_currency(draft.currency),
        description=draft.description,
        is_default=draft.is_default,
        publicly_visible=draft.publicly_visible,
        free_trial_days=draft.free_trial_days,
        features=tuple(
            Feature(instance.ids.new("feat"), feature.name, feature.slug, feature.description)
            for feature in draft.features
        ),
    )
    return PLANS.add(instance, plan, origin)


def default_plan(instance: Instance, payer_type: PayerType, origin: Origin) -> Plan:
    """Return the plan that everybody without another one has; Clerk makes a free one itself."""
    for plan in PLANS.table(instance).oldest_first():
        if plan.is_default and plan.payer_type is payer_type:
            return plan
    draft = PlanDraft(
        name="Free", slug=FREE_SLUGS[payer_type], payer_type=payer_type, is_default=True
    )
    return create_plan(instance, draft, origin)


def _demote_default(instance: Instance, payer_type: PayerType) -> None:
    for plan in tuple(PLANS.table(instance).oldest_first()):
        if plan.is_default and plan.payer_type is payer_type:
            PLANS.table(instance).put(replace(plan, is_default=False))


def _without_nulls(resource: JsonObject) -> JsonObject:
    return {name: "" if value is None else value for name, value in resource.items()}
