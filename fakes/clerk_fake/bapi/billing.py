"""``/v1/billing``: plans, prices, subscription items, discounts, statements."""

from collections.abc import Callable
from typing import Final, TypeVar

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Coverage, Route
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.discounts import (
    Redemption,
    apply_discount,
    redemption_resource,
    remove_discount,
)
from clerk_fake.model.billing.endings import TrialExtension, cancel_item, extend_trial
from clerk_fake.model.billing.items import Item, ItemStatus, require_item, visible_items
from clerk_fake.model.billing.payers import PAYERS, payer_resource
from clerk_fake.model.billing.payments import (
    ATTEMPTS,
    STATEMENTS,
    Statement,
    require_statement,
)
from clerk_fake.model.billing.plans import PLANS, PayerType, Plan
from clerk_fake.model.billing.prices import PRICES, PriceDraft, all_prices, create_price
from clerk_fake.model.billing.renewals import bring_up_to_date
from clerk_fake.model.billing.resources import (
    attempt_resource,
    detailed_item_resource,
    item_resource,
    next_due,
    statement_resource,
    transition_resource,
)
from clerk_fake.model.billing.transitions import PriceTransition, transit

__all__ = ["ROUTES", "current"]

E = TypeVar("E")

FREE_TRIAL: Final = "free_trial"
LISTED_STATUSES: Final = ("active", "ended", "past_due", "upcoming", FREE_TRIAL)


def current(handler: Callable[[Call], Response]) -> Callable[[Call], Response]:
    """Bring billing up to date before ``handler`` looks at it."""

    def answer(call: Call) -> Response:
        bring_up_to_date(call.instance, call.origin)
        return handler(call)

    return answer


def _list_plans(call: Call) -> Response:
    payer_type = call.request.query().choice("payer_type", tuple(PayerType))
    plans = [
        plan
        for plan in PLANS.table(call.instance).newest_first()
        if payer_type is None or plan.payer_type == payer_type
    ]
    return _page(call, plans, lambda plan: PLANS.resource(call.instance, plan))


def _list_prices(call: Call) -> Response:
    prices = all_prices(call.instance, call.request.query().text("plan_id"))
    return _page(call, prices, lambda price: PRICES.resource(call.instance, price))


def _create_price(call: Call) -> Response:
    draft = read_form(PriceDraft, call.request.fields())
    price = create_price(call.instance, draft, call.origin)
    return json_response(PRICES.resource(call.instance, price))


def _list_items(call: Call) -> Response:
    query = call.request.query()
    status = query.choice("status", LISTED_STATUSES)
    payer_type = query.choice("payer_type", tuple(PayerType))
    plan_id = query.text("plan_id")
    text = (query.text("query") or "").lower()
    include_free = query.boolean("include_free") or False
    items = [
        item
        for item in visible_items(call.instance)
        if (include_free or not _plan_of(call, item).is_default)
        and (status is None or _stands(item, status))
        and (payer_type is None or _plan_of(call, item).payer_type == payer_type)
        and (plan_id is None or item.plan_id == plan_id)
        and (not text or text in _described(call, item))
    ]
    return _page(call, items, lambda item: item_resource(call.instance, item))


def _cancel_item(call: Call) -> Response:
    at_once = call.request.query().boolean("end_now") or False
    item = cancel_item(call.instance, _called_item(call), call.origin, at_once=at_once)
    return json_response(item_resource(call.instance, item))


def _extend_trial(call: Call) -> Response:
    item = _called_item(call)
    extension = read_form(TrialExtension, call.request.fields())
    extended = extend_trial(call.instance, item, extension, call.origin)
    return json_response(detailed_item_resource(call.instance, extended))


def _transit(call: Call) -> Response:
    item = _called_item(call)
    wanted = read_form(PriceTransition, call.request.fields())
    transition = transit(call.instance, item, wanted, call.origin)
    return json_response(transition_resource(call.instance, transition))


def _apply_discount(call: Call) -> Response:
    item = _called_item(call)
    fields = call.request.fields()
    fields.allow_only({"discount_id"})
    discount_id = fields.required_text("discount_id")
    return _redemption(call, item, apply_discount(call.instance, item, discount_id))


def _remove_discount(call: Call) -> Response:
    item = _called_item(call)
    return _redemption(call, item, remove_discount(call.instance, item, call.param("discount_id")))


def _list_statements(call: Call) -> Response:
    statements = list(call.instance.state.of(STATEMENTS).newest_first())
    return _page(call, statements, lambda each: statement_resource(call.instance, each))


def _get_statement(call: Call) -> Response:
    return json_response(statement_resource(call.instance, _called_statement(call)))


def _list_attempts(call: Call) -> Response:
    statement = _called_statement(call)
    attempts = call.instance.state.of(ATTEMPTS).find("statement_id", statement.id)
    attempts.reverse()
    return _page(call, attempts, lambda attempt: attempt_resource(call.instance, attempt))


def _called_item(call: Call) -> Item:
    return require_item(call.instance, call.param("subscription_item_id"))


def _called_statement(call: Call) -> Statement:
    return require_statement(call.instance, call.param("statement_id"))


def _redemption(call: Call, item: Item, redemption: Redemption) -> Response:
    return json_response(redemption_resource(redemption, next_due(call.instance, item)))


def _page(call: Call, entities: list[E], write: Callable[[E], JsonObject]) -> Response:
    query = call.request.query()
    query.boolean("paginated")  # taken and ignored: a page is what is described
    shown = query.page().cut(entities)
    return json_response({"data": [write(each) for each in shown], "total_count": len(entities)})


def _plan_of(call: Call, item: Item) -> Plan:
    return PLANS.require(call.instance, item.plan_id)


def _stands(item: Item, status: str) -> bool:
    if status == FREE_TRIAL:
        return item.is_free_trial and item.status is ItemStatus.ACTIVE
    return item.status == status


def _described(call: Call, item: Item) -> str:
    payer = payer_resource(call.instance, PAYERS.require(call.instance, item.payer_id))
    plan = _plan_of(call, item)
    known = ("id", "user_id", "first_name", "last_name", "email", "organization_name")
    return " ".join([plan.name, plan.slug, *(str(payer[name] or "") for name in known)]).lower()


ITEM: Final = "/v1/billing/subscription_items/{subscription_item_id}"

ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", "/v1/billing/plans", current(_list_plans)),
    Route("GET", "/v1/billing/prices", _list_prices),
    Route("POST", "/v1/billing/prices", _create_price),
    Route("GET", "/v1/billing/subscription_items", current(_list_items)),
    Route("DELETE", ITEM, current(_cancel_item)),
    Route("POST", f"{ITEM}/extend_free_trial", current(_extend_trial)),
    Route("POST", f"{ITEM}/price_transition", current(_transit), coverage=Coverage.STORED),
    Route("POST", f"{ITEM}/discounts", current(_apply_discount)),
    Route("DELETE", f"{ITEM}/discounts/{{discount_id}}", current(_remove_discount)),
    Route("GET", "/v1/billing/statements", current(_list_statements), coverage=Coverage.STORED),
    Route(
        "GET",
        "/v1/billing/statements/{statement_id}",
        current(_get_statement),
        coverage=Coverage.STORED,
    ),
    Route(
        "GET",
        "/v1/billing/statements/{statement_id}/payment_attempts",
        current(_list_attempts),
        coverage=Coverage.STORED,
    ),
)
