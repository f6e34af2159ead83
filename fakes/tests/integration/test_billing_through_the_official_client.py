"""Billing: subscriptions live on the instance's clock, and no bank is asked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")

DAY_S = 24 * 60 * 60
PRO = {"name": "Pro", "slug": "pro", "amount": 2000, "annual_monthly_amount": 1500}
TEAM = {"name": "Team", "slug": "team", "amount": 5000}


@dataclass
class Till:
    """A payer, what it may pay for, and the clock on which it does."""

    clerk: Clerk
    control: httpx.Client
    user_id: str
    seen: int = 0

    def post(self, path: str, **body: object) -> dict[str, Any]:
        return self.control.post(f"/billing/{path}", json=body).raise_for_status().json()

    def subscribe(self, plan: dict[str, Any]) -> dict[str, Any]:
        return self.post(f"payers/{self.user_id}/subscribe", plan_id=plan["id"])

    def payments(self, payments: str) -> None:
        path = f"/billing/payers/{self.user_id}/payments"
        self.control.put(path, json={"payments": payments}).raise_for_status()

    def advance(self, days: float) -> None:
        seconds = {"seconds": days * DAY_S}
        self.control.post("/clock/advance", json=seconds).raise_for_status()

    def told(self) -> list[str]:
        """The types of billing events since the last call, in order."""
        rows = self.control.get("/messages", params={"after": self.seen}).json()["data"]
        self.seen = rows[-1]["seq"] if rows else self.seen
        billing = ("subscription", "paymentAttempt")
        return [row["event_type"] for row in rows if row["event_type"].startswith(billing)]


@pytest.fixture
def till(clerk: Clerk, control: httpx.Client) -> Till:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    control.put("/clock", json={"now_ms": round(moment.timestamp() * 1000), "frozen": True})
    user = clerk.users.create(email_address=["payer@example.com"], first_name="Ada")
    return Till(clerk, control, user.id)


@pytest.fixture
def pro(till: Till) -> dict[str, Any]:
    return till.post("plans", **PRO)


def test_everybody_has_the_free_plan_to_begin_with(till: Till) -> None:
    clerk = till.clerk
    subscription = clerk.users.get_billing_subscription(user_id=till.user_id)

    assert subscription.status == "active"
    (item,) = subscription.subscription_items
    assert (item.status, item.plan.slug, item.period_end) == ("active", "free_user", None)
    assert item.payer.email == "payer@example.com"
    assert clerk.users.get_billing_subscription(user_id=till.user_id) == subscription
    (plan,) = clerk.billing.list_plans().data
    assert plan.is_default
    assert clerk.billing.list_subscription_items().data == []
    assert clerk.billing.list_subscription_items(include_free=True).data == [item]


def test_a_checkout_is_charged_told_and_put_on_a_statement(till: Till, pro: dict[str, Any]) -> None:
    clerk = till.clerk
    item = till.subscribe(pro)

    assert (item["status"], item["lifetime_paid"]["amount"]) == ("active", 2000)
    assert item["next_payment"]["amount"]["amount_formatted"] == "$20.00"
    assert till.told() == [
        "subscription.created",
        "subscriptionItem.active",
        "subscriptionItem.ended",
        "subscriptionItem.active",
        "paymentAttempt.created",
        "paymentAttempt.updated",
        "subscriptionItem.updated",
        "subscription.updated",
    ]
    (statement,) = clerk.billing.list_statements().data
    assert (statement.status, statement.totals.grand_total.amount) == ("open", 2000)
    assert clerk.billing.get_statement(statement_id=statement.id) == statement
    (attempt,) = clerk.billing.get_statement_payment_attempts(statement_id=statement.id).data
    assert (attempt.status, attempt.charge_type, attempt.amount.amount) == (
        "paid",
        "checkout",
        2000,
    )
    (listed,) = clerk.billing.list_subscription_items(status="active", query="PAYER@").data
    assert listed.id == item["id"]
    assert clerk.billing.list_subscription_items(query="nobody").data == []


def test_time_renews_what_is_paid_for(till: Till, pro: dict[str, Any]) -> None:
    clerk = till.clerk
    item = till.subscribe(pro)
    end = datetime.fromtimestamp(item["period_end"] / 1000, UTC)
    assert (end.month, end.day) == (2, 28)
    till.told()

    till.advance(28)

    assert till.told() == [
        "subscriptionItem.updated",
        "paymentAttempt.created",
        "paymentAttempt.updated",
        "subscriptionItem.updated",
        "subscription.updated",
    ]
    till.advance(365)
    (renewed,) = clerk.billing.list_subscription_items().data
    assert renewed.lifetime_paid.amount == 2000 * 14
    statements = clerk.billing.list_statements(limit=100).data
    assert len(statements) == 14
    assert [statement.status for statement in statements].count("open") == 1


def test_who_cannot_pay_is_past_due_until_the_payment_comes(
    till: Till, pro: dict[str, Any]
) -> None:
    clerk = till.clerk
    item = till.subscribe(pro)
    till.payments("fail")
    till.told()

    till.advance(28)

    assert till.told()[-2:] == ["subscriptionItem.pastDue", "subscription.pastDue"]
    assert clerk.users.get_billing_subscription(user_id=till.user_id).status == "past_due"
    (late,) = clerk.billing.list_subscription_items(status="past_due").data
    assert late.id == item["id"]
    ended = clerk.billing.cancel_subscription_item(subscription_item_id=late.id, end_now=True)
    assert ended.status == "ended"
    assert till.told()[-1] == "subscription.active"
    (free,) = clerk.users.get_billing_subscription(user_id=till.user_id).subscription_items
    assert free.plan.is_default


def test_a_pending_payment_is_settled_once(till: Till, pro: dict[str, Any]) -> None:
    clerk = till.clerk
    till.payments("pend")
    till.subscribe(pro)
    (statement,) = clerk.billing.list_statements().data
    (attempt,) = clerk.billing.get_statement_payment_attempts(statement_id=statement.id).data
    assert attempt.status == "pending"

    settled = till.post(f"payment_attempts/{attempt.id}/settle", status="paid")

    assert settled["status"] == "paid"
    again = till.control.post(
        f"/billing/payment_attempts/{attempt.id}/settle", json={"status": "paid"}
    )
    assert again.status_code == 422
    (item,) = clerk.billing.list_subscription_items().data
    assert item.lifetime_paid.amount == 2000


def test_a_canceled_item_lasts_until_its_period_ends(till: Till, pro: dict[str, Any]) -> None:
    clerk = till.clerk
    item = till.subscribe(pro)
    till.told()

    canceled = clerk.billing.cancel_subscription_item(subscription_item_id=item["id"])

    assert (canceled.status, canceled.period_end) == ("canceled", item["period_end"])
    assert till.told() == [
        "subscriptionItem.canceled",
        "subscriptionItem.upcoming",
        "subscription.updated",
    ]
    with pytest.raises(ClerkErrors):
        clerk.billing.cancel_subscription_item(subscription_item_id=free_id(till))
    till.advance(28)
    assert till.told() == [
        "subscriptionItem.ended",
        "subscriptionItem.active",
        "subscription.updated",
    ]
    (free,) = clerk.users.get_billing_subscription(user_id=till.user_id).subscription_items
    assert (free.status, free.plan.is_default) == ("active", True)


def free_id(till: Till) -> str:
    items = till.clerk.users.get_billing_subscription(user_id=till.user_id).subscription_items
    return next(item.id for item in items if item.plan.is_default)


def test_a_free_trial_is_announced_extended_and_ends_in_a_payment(till: Till) -> None:
    clerk = till.clerk
    plan = till.post("plans", **PRO, free_trial_days=7)
    assert clerk.users.get_billing_subscription(user_id=till.user_id).eligible_for_free_trial
    item = till.subscribe(plan)
    assert (item["is_free_trial"], item["lifetime_paid"]["amount"]) == (True, 0)
    assert not clerk.users.get_billing_subscription(user_id=till.user_id).eligible_for_free_trial
    till.told()

    till.advance(5)

    assert till.told() == ["subscriptionItem.freeTrialEnding"]
    longer = datetime(2026, 2, 20, tzinfo=UTC)
    extended = clerk.billing.extend_subscription_item_free_trial(
        subscription_item_id=item["id"], extend_to=longer
    )
    again = clerk.billing.extend_subscription_item_free_trial(
        subscription_item_id=item["id"], extend_to=longer
    )
    assert extended == again
    assert extended.period_end == round(longer.timestamp() * 1000)
    with pytest.raises(ClerkErrors):
        clerk.billing.extend_subscription_item_free_trial(
            subscription_item_id=item["id"], extend_to=datetime(2028, 1, 1, tzinfo=UTC)
        )
    till.told()
    till.advance(20)
    assert till.told()[:3] == [
        "subscriptionItem.freeTrialEnding",
        "subscriptionItem.updated",
        "paymentAttempt.created",
    ]
    (paid,) = clerk.billing.list_subscription_items().data
    assert (paid.is_free_trial, paid.lifetime_paid.amount) == (False, 2000)


def test_a_dearer_price_is_charged_at_once_less_what_is_left(
    till: Till, pro: dict[str, Any]
) -> None:
    clerk = till.clerk
    team = till.post("plans", **TEAM)
    item = till.subscribe(pro)
    till.advance(14)

    changed = clerk.billing.create_price_transition(
        subscription_item_id=item["id"],
        from_price_id=pro["default_price_id"],
        to_price_id=team["default_price_id"],
    )

    assert changed.transition.effective_mode == "immediate"
    assert changed.transition.immediate_charge.amount == 5000 - 1000
    assert changed.transition.previous_subscription_item_status == "ended"
    assert changed.subscription_item.plan.slug == "team"
    with pytest.raises(ClerkErrors) as refusal:
        clerk.billing.create_price_transition(
            subscription_item_id=changed.subscription_item.id,
            from_price_id=pro["default_price_id"],
            to_price_id=team["default_price_id"],
        )
    assert refusal.value.status_code == 409


def test_a_cheaper_price_waits_for_the_end_of_the_period(till: Till, pro: dict[str, Any]) -> None:
    clerk = till.clerk
    item = till.subscribe(pro)
    cheap = clerk.billing.create_price(plan_id=pro["id"], amount=1000, description="for friends")
    assert [price.amount for price in clerk.billing.list_prices(plan_id=pro["id"]).data] == [
        1000,
        2000,
    ]

    changed = clerk.billing.create_price_transition(
        subscription_item_id=item["id"],
        from_price_id=pro["default_price_id"],
        to_price_id=cheap.id,
    )

    assert changed.transition.effective_mode == "end_of_period"
    assert not changed.transition.charged_immediately
    assert changed.subscription_item.status == "upcoming"
    till.advance(28)
    (now,) = clerk.billing.list_subscription_items(status="active").data
    assert (now.price_id, now.lifetime_paid.amount) == (cheap.id, 1000)


def test_discounts_and_credits_come_off_what_is_due(
    till: Till, pro: dict[str, Any], bapi: httpx.Client
) -> None:
    clerk = till.clerk
    item = till.subscribe(pro)
    half = till.post("discounts", name="Half", percent_off=50, cycles=1)["id"]
    path = f"/billing/subscription_items/{item['id']}/discounts"

    applied = bapi.post(path, json={"discount_id": half})

    assert applied.status_code == 200
    assert (applied.json()["amount"]["amount"], applied.json()["cycles_remaining"]) == (1000, 1)
    assert bapi.post(path, json={"discount_id": half}).status_code == 409
    grant = {"amount": 300, "action": "increase", "idempotency_key": "k1", "note": "sorry"}
    entry = clerk.users.adjust_billing_credit_balance(user_id=till.user_id, **grant)
    assert clerk.users.adjust_billing_credit_balance(user_id=till.user_id, **grant) == entry
    assert clerk.users.get_billing_credit_balance(user_id=till.user_id).balance.amount == 300
    till.advance(28)
    (renewed,) = clerk.billing.list_subscription_items().data
    assert renewed.lifetime_paid.amount == 2000 + 1000 - 300
    assert clerk.users.get_billing_credit_balance(user_id=till.user_id).balance.amount == 0
    assert bapi.delete(f"{path}/{half}").status_code == 409
    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.adjust_billing_credit_balance(
            user_id=till.user_id, amount=1, action="decrease", idempotency_key="k2"
        )
    assert refusal.value.status_code == 422


def test_a_key_of_another_adjustment_is_refused(till: Till) -> None:
    clerk = till.clerk
    clerk.users.adjust_billing_credit_balance(
        user_id=till.user_id, amount=300, action="increase", idempotency_key="k1"
    )

    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.adjust_billing_credit_balance(
            user_id=till.user_id, amount=400, action="increase", idempotency_key="k1"
        )

    assert refusal.value.status_code == 409


def test_who_never_had_credits_has_no_balance(till: Till) -> None:
    clerk = till.clerk
    assert clerk.users.get_billing_credit_balance(user_id=till.user_id).balance is None


@pytest.mark.parametrize(
    "body",
    [
        {"amount": 99},
        {"amount": -1},
        {},
        {"amount": 100, "supported_billing_periods": "annual"},
        {"amount": 100, "currency": "money"},
    ],
)
def test_prices_that_make_no_sense_are_refused(
    pro: dict[str, Any], bapi: httpx.Client, body: dict[str, object]
) -> None:
    assert bapi.post("/billing/prices", json={"plan_id": pro["id"], **body}).status_code == 422


def test_what_is_unknown_is_not_found(bapi: httpx.Client) -> None:
    item = "/billing/subscription_items/csub_item_none"
    assert bapi.delete(item).status_code == 404
    assert bapi.post(f"{item}/extend_free_trial", json={"extend_to": "x"}).status_code == 404
    assert bapi.post(f"{item}/discounts", json={"discount_id": "x"}).status_code == 404
    assert bapi.get("/billing/prices?plan_id=none").status_code == 404
    assert bapi.get("/billing/statements/none").status_code == 404
    assert bapi.get("/billing/statements/none/payment_attempts").status_code == 404
    assert bapi.get("/users/nobody/billing/subscription").status_code == 404
    assert bapi.get("/users/nobody/billing/credits").status_code == 404


def test_organizations_pay_as_users_do(till: Till) -> None:
    clerk = till.clerk
    organization = clerk.organizations.create(request={"name": "Acme"})
    plan = till.post("plans", **TEAM, payer_type="org")

    before = clerk.organizations.get_billing_subscription(organization_id=organization.id)
    till.post(f"payers/{organization.id}/subscribe", plan_id=plan["id"])

    assert before.subscription_items[0].plan.slug == "free_org"
    (item,) = clerk.billing.list_subscription_items(payer_type="org").data
    assert (item.payer.organization_name, item.lifetime_paid.amount) == ("Acme", 5000)
    clerk.organizations.adjust_billing_credit_balance(
        organization_id=organization.id, amount=7, action="increase", idempotency_key="k"
    )
    balance = clerk.organizations.get_billing_credit_balance(organization_id=organization.id)
    assert balance.balance.amount == 7
    wrong = till.control.post(
        f"/billing/payers/{till.user_id}/subscribe", json={"plan_id": plan["id"]}
    )
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("outcome", "status", "plan"), [("paid", "active", "pro"), ("failed", "abandoned", "free_user")]
)
def test_a_checkout_is_incomplete_until_its_payment_is_settled(
    till: Till, pro: dict[str, Any], outcome: str, status: str, plan: str
) -> None:
    clerk = till.clerk
    till.payments("pend")
    assert till.subscribe(pro)["status"] == "incomplete"
    assert clerk.users.get_billing_subscription(user_id=till.user_id).status == "active"
    (statement,) = clerk.billing.list_statements().data
    (attempt,) = clerk.billing.get_statement_payment_attempts(statement_id=statement.id).data
    till.told()

    till.post(f"payment_attempts/{attempt.id}/settle", status=outcome)

    assert f"subscriptionItem.{status}" in till.told()
    (item,) = clerk.users.get_billing_subscription(user_id=till.user_id).subscription_items
    assert (item.status, item.plan.slug) == ("active", plan)
