"""Credits: what is owed to a payer, adjusted by hand, spent on what is due."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.billing.calendar import rfc3339
from clerk_fake.model.billing.money import DEFAULT_CURRENCY, check_currency, money
from clerk_fake.model.billing.payers import PAYERS, Payer
from clerk_fake.state import Noun

__all__ = [
    "LEDGER",
    "Adjustment",
    "LedgerEntry",
    "adjust_credits",
    "balance_resource",
    "ledger_resource",
    "spend_credits",
]


class Action(StrEnum):
    """Which way a balance goes."""

    INCREASE = "increase"
    DECREASE = "decrease"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What ``POST …/billing/credits`` takes; the amount is in cents."""

    amount: Annotated[int, Between(1, 10**12)]
    action: Action
    idempotency_key: Annotated[str, Length(1, 255)]
    currency: str = DEFAULT_CURRENCY
    note: Annotated[str, Length(0, 1000)] | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of a balance; the amount is in cents, negative when it fell."""

    id: str
    payer_id: str
    amount: int
    currency: str
    idempotency_key: str
    note: str | None
    source_id: str
    created_at: int


LEDGER: Final = Noun(
    "billing_credit_ledger",
    LedgerEntry,
    {"key": lambda entry: (f"{entry.payer_id} {entry.idempotency_key}",)},
)


def adjust_credits(instance: Instance, payer: Payer, wanted: Adjustment) -> LedgerEntry:
    """Change a balance; the same idempotency key changes it once.

    Raises:
        ApiError: 409, the key was used for another adjustment; 422, the balance would fall
            below zero.
    """
    signed = wanted.amount if wanted.action is Action.INCREASE else -wanted.amount
    currency = check_currency(wanted.currency)
    for earlier in instance.state.of(LEDGER).find("key", f"{payer.id} {wanted.idempotency_key}"):
        if (earlier.amount, earlier.currency) != (signed, currency):
            raise ApiError.of(
                409,
                "idempotency_key_conflict",
                "idempotency key in use",
                "This idempotency key was used for another adjustment.",
                param_name="idempotency_key",
            )
        return earlier
    balance = payer.credits.get(currency, 0) + signed
    if balance < 0:
        raise ApiError.bad_value("amount", "at most the current balance")
    _keep(instance, payer, currency, balance)
    entry = LedgerEntry(
        id=instance.ids.new("ccl"),
        payer_id=payer.id,
        amount=signed,
        currency=currency,
        idempotency_key=wanted.idempotency_key,
        note=wanted.note,
        source_id=instance.ids.new("cgrant"),
        created_at=instance.clock.now_ms(),
    )
    instance.state.of(LEDGER).put(entry)
    return entry


def spend_credits(instance: Instance, payer: Payer, due: int, currency: str) -> int:
    """Take as much of ``due`` as there is from the balance, and return how much that was."""
    spent = min(payer.credits.get(currency, 0), due)
    if spent > 0:
        _keep(instance, payer, currency, payer.credits[currency] - spent)
    return spent


def balance_resource(payer: Payer) -> JsonObject:
    """Return a balance as Clerk writes it: null when there never was one."""
    balance = payer.credits.get(DEFAULT_CURRENCY)
    return {
        "object": "commerce_credit_balance",
        "balance": None if balance is None else money(balance),
    }


def ledger_resource(entry: LedgerEntry) -> JsonObject:
    """Return an entry as Clerk writes it."""
    return {
        "object": "commerce_credit_ledger",
        "id": entry.id,
        "payer_id": entry.payer_id,
        "amount": money(entry.amount, entry.currency),
        "source_type": "grant",
        "source_id": entry.source_id,
        "note": entry.note,
        "created_at": rfc3339(entry.created_at),
    }


def _keep(instance: Instance, payer: Payer, currency: str, balance: int) -> None:
    version = max(instance.clock.now_ms(), payer.updated_at + 1)
    PAYERS.table(instance).put(
        replace(payer, credits={**payer.credits, currency: balance}, updated_at=version)
    )
