"""Billing: what payers owe, pay and are given."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from walking.callers import Caller
from walking.scenarios.scenario import Scenario, has, rows

__all__ = ["SCENARIOS", "credit"]


def credit(call: Caller, payer: str, payer_id: str) -> None:
    """Walk over the three billing operations of a ``User`` or an ``Organization``."""
    adjustment = {
        "amount": 500,
        "action": "increase",
        "currency": "usd",
        "idempotency_key": "once",
        "note": "thanks",
    }
    call(f"Adjust{payer}BillingCreditBalance", payer_id, body=adjustment)
    balance = call(f"Get{payer}BillingCreditBalance", payer_id)
    assert balance["balance"]["amount"] == 500
    assert call(f"Get{payer}BillingSubscription", payer_id)["subscription_items"] is not None


def billing(call: Caller) -> None:
    plan = call.prepare(
        "POST",
        "/billing/plans",
        {"name": "Pro", "slug": "pro", "amount": 1000, "free_trial_days": 14},
    )
    for query in ({"payer_type": "user"}, {"limit": 1, "offset": 0}, {"paginated": True}):
        assert plan["id"] in [row["id"] for row in rows(call("GetCommercePlanList", query=query))]
    body = {"plan_id": plan["id"], "currency": "usd", "amount": 2000, "description": "More"}
    price = call(
        "CreateBillingPrice",
        body={**body, "annual_monthly_amount": 1500, "supported_billing_periods": "both"},
    )
    has(price, {"plan_id": plan["id"], "amount": 2000})
    for query in ({"plan_id": plan["id"]}, {"limit": 5, "offset": 0}, {"paginated": True}):
        assert price["id"] in [row["id"] for row in rows(call("GetBillingPriceList", query=query))]
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    item = call.prepare("POST", f"/billing/payers/{user['id']}/subscribe", {"plan_id": plan["id"]})
    _find_items(call, plan["id"], item["id"])
    _change_item(call, item["id"], plan["default_price_id"], price["id"])


def _find_items(call: Caller, plan_id: str, item_id: str) -> None:
    for query in (
        {"status": "free_trial"},
        {"payer_type": "user", "plan_id": plan_id},
        {"include_free": False, "query": "ada@"},
        {"limit": 1, "offset": 0, "paginated": True},
    ):
        found = rows(call("GetCommerceSubscriptionItemList", query=query))
        assert [row["id"] for row in found] == [item_id], query


def _change_item(call: Caller, item_id: str, from_price_id: str, to_price_id: str) -> None:
    later = call.prepare("GET", "/clock", None)["now_ms"] // 1000 + 20 * 24 * 3600
    extension = {"extend_to": _rfc3339(later)}
    extended = call("ExtendBillingSubscriptionItemFreeTrial", item_id, body=extension)
    has(extended, {"id": item_id, "is_free_trial": True, "period_end": later * 1000})
    discount = call.prepare("POST", "/billing/discounts", {"name": "Half", "percent_off": 50})
    applied = call(
        "ApplyBillingSubscriptionItemDiscount", item_id, body={"discount_id": discount["id"]}
    )
    has(applied, {"subscription_item_id": item_id, "discount_id": discount["id"]})
    removed = call("RemoveBillingSubscriptionItemDiscount", item_id, discount["id"])
    has(removed, {"id": applied["id"], "status": "removed"})
    moved = call(
        "CreateBillingPriceTransition",
        item_id,
        body={"from_price_id": from_price_id, "to_price_id": to_price_id},
    )
    moved_id = moved["subscription_item"]["id"]
    (statement, *_) = rows(
        call("GetBillingStatementList", query={"limit": 1, "offset": 0, "paginated": True})
    )
    assert call("GetBillingStatement", statement["id"]) == statement
    query = {"limit": 1, "offset": 0, "paginated": True}
    assert rows(call("GetBillingStatementPaymentAttempts", statement["id"], query=query))
    ended = call("CancelCommerceSubscriptionItem", moved_id, query={"end_now": True})
    has(ended, {"id": moved_id})


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


SCENARIOS: Final[Mapping[str, Scenario]] = {"Billing": billing}
