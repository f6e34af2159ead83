"""Payments: what is due is reckoned, tried, and put on a statement.

No bank is asked: what becomes of a payment is the payer's setting. Discounts come off first, then
the payer's credits; what is left is tried, nothing is not.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.calendar import month_of
from clerk_fake.model.billing.credits import spend_credits
from clerk_fake.model.billing.discounts import use_discount
from clerk_fake.model.billing.items import Item, item_event_resource, require_item
from clerk_fake.model.billing.money import money
from clerk_fake.model.billing.payers import (
    PAYERS,
    Payer,
    Payments,
    payer_event_resource,
    payment_source_resource,
)
from clerk_fake.model.billing.prices import Price
from clerk_fake.model.records import required
from clerk_fake.state import Noun

__all__ = [
    "ATTEMPTS",
    "PAYEE",
    "STATEMENTS",
    "Attempt",
    "AttemptStatus",
    "Charge",
    "ChargeType",
    "Statement",
    "charge",
    "require_attempt",
    "require_statement",
    "settle_attempt",
]

PAYEE: Final = {
    "id": "cpayee_fake",
    "gateway_type": "stripe",
    "gateway_external_id": "acct_fake",
    "gateway_status": "active",
}


class ChargeType(StrEnum):
    """Why something is charged."""

    CHECKOUT = "checkout"
    RECURRING = "recurring"


class AttemptStatus(StrEnum):
    """How a payment attempt stands."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a payer was charged in one month; times are Unix ms."""

    id: str
    payer_id: str
    month: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment attempt; amounts are cents, times Unix ms.

    Attributes:
        subtotal: Before discounts and credits.
        amount: What was tried.
        prorated: How much of an older period was taken off.
        billing_date: What day it is for.
    """

    id: str
    payment_id: str
    statement_id: str
    payer_id: str
    item_id: str
    charge_type: ChargeType
    status: AttemptStatus
    subtotal: int
    amount: int
    currency: str
    billing_date: int
    created_at: int
    updated_at: int
    prorated: int = 0
    discounted: int = 0
    credited: int = 0
    paid_at: int | None = None
    failed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid for an item.

    Attributes:
        amount: For the period, in cents.
        prorated: How much of an older period is taken off, in cents.
        at: What time it is for, ms.
    """

    item: Item
    price: Price
    charge_type: ChargeType
    amount: int
    at: int
    prorated: int = 0


STATEMENTS: Final = Noun(
    "billing_statements",
    Statement,
    {"month": lambda statement: (f"{statement.payer_id} {statement.month}",)},
)
ATTEMPTS: Final = Noun(
    "billing_payment_attempts",
    Attempt,
    {
        "statement_id": lambda attempt: (attempt.statement_id,),
        "item_id": lambda attempt: (attempt.item_id,),
    },
)


def require_statement(instance: Instance, statement_id: str) -> Statement:
    """Return the statement with this id.

    Raises:
        ApiError: 404, there is none.
    """
    return required(instance, STATEMENTS, "statement", statement_id)


def require_attempt(instance: Instance, attempt_id: str) -> Attempt:
    """Return the payment attempt with this id.

    Raises:
        ApiError: 404, there is none.
    """
    return required(instance, ATTEMPTS, "payment attempt", attempt_id)


def charge(instance: Instance, wanted: Charge, origin: Origin) -> Attempt | None:
    """Charge a payer and return the attempt, settled as the payer's setting says.

    ``None`` when nothing was left to pay.
    """
    payer = PAYERS.require(instance, wanted.item.payer_id)
    due = max(wanted.amount - wanted.prorated, 0)
    discounted = use_discount(instance, wanted.item.id, due)
    credited = spend_credits(instance, payer, due - discounted, wanted.price.currency)
    amount = due - discounted - credited
    if not amount:
        return None
    now = instance.clock.now_ms()
    attempt = Attempt(
        id=instance.ids.new("cpay_att"),
        payment_id=instance.ids.new("cpay"),
        statement_id=_statement(instance, payer, wanted.at).id,
        payer_id=payer.id,
        item_id=wanted.item.id,
        charge_type=wanted.charge_type,
        status=AttemptStatus.PENDING,
        subtotal=wanted.amount,
        amount=amount,
        currency=wanted.price.currency,
        billing_date=wanted.at,
        created_at=now,
        updated_at=now,
        prorated=wanted.amount - due,
        discounted=discounted,
        credited=credited,
    )
    instance.state.of(ATTEMPTS).put(attempt)
    _tell(instance, "paymentAttempt.created", attempt, origin)
    if payer.payments is Payments.PEND:
        return attempt
    paid = payer.payments is Payments.SUCCEED
    return settle_attempt(
        instance, attempt, AttemptStatus.PAID if paid else AttemptStatus.FAILED, origin
    )


def settle_attempt(
    instance: Instance, attempt: Attempt, status: AttemptStatus, origin: Origin
) -> Attempt:
    """Say what became of a pending payment attempt.

    Raises:
        ApiError: 422, it is settled already, or ``status`` settles nothing.
    """
    if attempt.status is not AttemptStatus.PENDING or status is AttemptStatus.PENDING:
        raise ApiError.bad_value("status", "paid or failed, once, for a pending payment attempt")
    now = instance.clock.now_ms()
    settled = replace(
        attempt,
        status=status,
        updated_at=max(now, attempt.updated_at + 1),
        paid_at=now if status is AttemptStatus.PAID else None,
        failed_at=now if status is AttemptStatus.FAILED else None,
    )
    instance.state.of(ATTEMPTS).put(settled)
    _tell(instance, "paymentAttempt.updated", settled, origin)
    return settled


def _statement(instance: Instance, payer: Payer, at: int) -> Statement:
    month = month_of(at)
    table = instance.state.of(STATEMENTS)
    known = table.find("month", f"{payer.id} {month}")
    if known:
        return known[0]
    statement = Statement(instance.ids.new("cstmt"), payer.id, month, instance.clock.now_ms())
    table.put(statement)
    return statement


def _tell(instance: Instance, event_type: str, attempt: Attempt, origin: Origin) -> None:
    instance.log.append(event_type, _event_resource(instance, attempt), origin)


def _event_resource(instance: Instance, attempt: Attempt) -> JsonObject:
    payer = PAYERS.require(instance, attempt.payer_id)
    source = payment_source_resource(payer)
    kept = (
        "id",
        "gateway",
        "gateway_external_id",
        "payment_method",
        "status",
        "card_type",
        "last4",
    )
    failed = attempt.status is AttemptStatus.FAILED
    item = require_item(instance, attempt.item_id)
    event_item = item_event_resource(instance, item)
    del event_item["is_free_trial"]
    event_item["period_end"] = item.period_end or item.period_start
    return {
        "id": attempt.id,
        "instance_id": instance.id,
        "payment_id": attempt.payment_id,
        "invoice_id": "",
        "statement_id": attempt.statement_id,
        "gateway_external_id": f"pi_{attempt.payment_id.removeprefix('cpay_')}",
        "status": attempt.status.value,
        "created_at": attempt.created_at,
        "updated_at": attempt.updated_at,
        "paid_at": attempt.paid_at,
        "failed_at": attempt.failed_at,
        "failed_reason": (
            {"code": "card_declined", "decline_code": "generic_decline"} if failed else None
        ),
        "billing_date": attempt.billing_date,
        "charge_type": attempt.charge_type.value,
        "payee": dict(PAYEE),
        "payer": payer_event_resource(instance, payer),
        "totals": {
            "subtotal": money(attempt.subtotal, attempt.currency),
            "tax_total": money(0, attempt.currency),
            "grand_total": money(attempt.amount, attempt.currency),
        },
        "payment_source": {
            **{name: source[name] for name in kept},
            "gateway_external_account_id": None,
        },
        "subscription_items": [event_item],
    }
