"""What Clerk's dashboard, a checkout or a bank would do."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.billing.checkout import Checkout, subscribe
from clerk_fake.model.billing.discounts import DISCOUNTS, DiscountDraft, create_discount
from clerk_fake.model.billing.payers import (
    Payer,
    Payments,
    payer_resource,
    require_owner_payer,
    set_payments,
)
from clerk_fake.model.billing.payments import AttemptStatus, require_attempt
from clerk_fake.model.billing.plans import PLANS, PlanDraft, create_plan
from clerk_fake.model.billing.renewals import bring_up_to_date
from clerk_fake.model.billing.resources import attempt_resource, item_resource
from clerk_fake.model.billing.settling import settle

__all__ = ["ROUTES"]

CREATED: Final = 201


@dataclass(frozen=True, slots=True)
class _PaymentsChange:
    """What becomes of a payer's payments from now on."""

    payments: Payments


@dataclass(frozen=True, slots=True)
class _Settlement:
    """What became of a pending payment."""

    status: AttemptStatus


def _create_plan(call: ControlCall) -> Response:
    instance = call.instance
    plan = create_plan(instance, read_form(PlanDraft, call.request.fields()), call.request.origin)
    return json_response(
        {**PLANS.resource(instance, plan), "default_price_id": plan.price_id}, CREATED
    )


def _create_discount(call: ControlCall) -> Response:
    instance = call.instance
    draft = read_form(DiscountDraft, call.request.fields())
    discount = create_discount(instance, draft, call.request.origin)
    return json_response(DISCOUNTS.resource(instance, discount), CREATED)


def _subscribe(call: ControlCall) -> Response:
    instance, origin = call.instance, call.request.origin
    bring_up_to_date(instance, origin)
    checkout = read_form(Checkout, call.request.fields())
    item = subscribe(instance, _payer(call), checkout, origin)
    return json_response(item_resource(instance, item), CREATED)


def _set_payments(call: ControlCall) -> Response:
    change = read_form(_PaymentsChange, call.request.fields())
    payer = set_payments(call.instance, _payer(call), change.payments)
    return json_response({**payer_resource(call.instance, payer), "payments": payer.payments})


def _settle(call: ControlCall) -> Response:
    instance = call.instance
    attempt = require_attempt(instance, call.param("attempt_id"))
    wanted = read_form(_Settlement, call.request.fields())
    settled = settle(instance, attempt, wanted.status, call.request.origin)
    return json_response(attempt_resource(instance, settled))


def _payer(call: ControlCall) -> Payer:
    return require_owner_payer(call.instance, call.param("owner_id"), call.request.origin)


BILLING: Final = "/__fake__/instances/{instance_id}/billing"

ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", f"{BILLING}/plans", _create_plan),
    Route("POST", f"{BILLING}/discounts", _create_discount),
    Route("POST", f"{BILLING}/payers/{{owner_id}}/subscribe", _subscribe),
    Route("PUT", f"{BILLING}/payers/{{owner_id}}/payments", _set_payments),
    Route("POST", f"{BILLING}/payment_attempts/{{attempt_id}}/settle", _settle),
)
