"""Payers: who subscribes and pays. A user or an organization becomes one when it is first asked."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.billing.money import DEFAULT_CURRENCY, money
from clerk_fake.model.billing.plans import PayerType
from clerk_fake.model.organizations.resource import ORGANIZATIONS
from clerk_fake.model.records import Kind
from clerk_fake.model.users.entity import USERS, require_user
from clerk_fake.state import Noun

__all__ = [
    "PAYERS",
    "Payer",
    "Payments",
    "become_payer",
    "payer_event_resource",
    "payer_resource",
    "payment_method_resource",
    "payment_source_resource",
    "require_owner_payer",
    "set_payments",
]

CARD: Final = {"card_type": "visa", "last4": "4242"}
CARD_EXPIRES: Final = {"expiry_year": 2040, "expiry_month": 12}
GATEWAY: Final = "stripe"


class Payments(StrEnum):
    """What becomes of a payer's payments; the control plane says."""

    SUCCEED = "succeed"
    FAIL = "fail"
    PEND = "pend"


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer; times are Unix ms.

    Attributes:
        owner_id: The user or organization.
        payments: What becomes of its payments.
        payment_method_id: Its only card, which no bank knows.
        credits: Currency → cents that are owed to it; absent when it never had any.
        trial_used: Whether it had its free trial.
    """

    id: str
    owner_id: str
    payer_type: PayerType
    created_at: int
    updated_at: int
    payment_method_id: str
    payments: Payments = Payments.SUCCEED
    credits: dict[str, int] = field(default_factory=dict)
    trial_used: bool = False


@dataclass(frozen=True, slots=True)
class _Face:
    """How a payer is called and looks."""

    user_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None
    image_url: str = ""


def become_payer(instance: Instance, owner_id: str, payer_type: PayerType, origin: Origin) -> Payer:
    """Return the payer that a user or an organization is, from now on at the latest."""
    known = PAYERS.table(instance).find("owner_id", owner_id)
    if known:
        return known[0]
    now = instance.clock.now_ms()
    payer = Payer(
        id=PAYERS.new_id(instance),
        owner_id=owner_id,
        payer_type=payer_type,
        created_at=now,
        updated_at=now,
        payment_method_id=instance.ids.new("cpmethod"),
    )
    return PAYERS.add(instance, payer, origin)


def require_owner_payer(instance: Instance, owner_id: str, origin: Origin) -> Payer:
    """Return the payer that the user or organization with this id is.

    Raises:
        ApiError: 404, there is neither.
    """
    if ORGANIZATIONS.table(instance).get(owner_id) is not None:
        return become_payer(instance, owner_id, PayerType.ORG, origin)
    require_user(instance, owner_id)
    return become_payer(instance, owner_id, PayerType.USER, origin)


def set_payments(instance: Instance, payer: Payer, payments: Payments) -> Payer:
    """Decide what becomes of a payer's payments from now on."""
    changed = replace(payer, payments=payments)
    PAYERS.table(instance).put(changed)
    return changed


def payer_resource(instance: Instance, payer: Payer) -> JsonObject:
    """Return the payer as Clerk writes it."""
    face = _face(instance, payer)
    return {
        "object": "commerce_payer",
        "id": payer.id,
        "instance_id": instance.id,
        "user_id": face.user_id,
        "first_name": face.first_name,
        "last_name": face.last_name,
        "email": face.email,
        "organization_id": face.organization_id,
        "organization_name": face.organization_name,
        "image_url": face.image_url,
        "credits_balance": money(payer.credits.get(DEFAULT_CURRENCY, 0)),
        "created_at": payer.created_at,
        "updated_at": payer.updated_at,
    }


def payer_event_resource(instance: Instance, payer: Payer) -> JsonObject:
    """Return the payer as events carry it: no nulls."""
    face = _face(instance, payer)
    return {
        "object": "commerce_payer",
        "id": payer.id,
        "user_id": face.user_id or "",
        "first_name": face.first_name or "",
        "last_name": face.last_name or "",
        "email": face.email or "",
        "organization_id": face.organization_id or "",
        "organization_name": face.organization_name or "",
        "image_url": face.image_url,
        "created_at": payer.created_at,
        "updated_at": payer.updated_at,
    }


def payment_method_resource(payer: Payer) -> JsonObject:
    """Return the payer's card as the newer operations write it."""
    return {
        "object": "commerce_payment_method",
        "payment_type": "card",
        "gateway_external_account_id": None,
        "wallet_type": None,
        **_card(payer),
    }


def payment_source_resource(payer: Payer) -> JsonObject:
    """Return the payer's card as the older operations write it."""
    return {
        "object": "commerce_source",
        "payment_method": "card",
        "wallet_type": "",
        **_card(payer),
    }


def _card(payer: Payer) -> JsonObject:
    return {
        "id": payer.payment_method_id,
        "payer_id": payer.id,
        "is_default": True,
        "gateway": GATEWAY,
        "gateway_external_id": f"pm_{payer.payment_method_id.removeprefix('cpmethod_')}",
        "status": "active",
        "created_at": payer.created_at,
        "updated_at": payer.updated_at,
        "is_removable": False,
        **CARD,
        **CARD_EXPIRES,
    }


def _organization_face(instance: Instance, organization_id: str) -> _Face:
    organization = ORGANIZATIONS.table(instance).get(organization_id)
    if organization is None:
        return _Face(organization_id=organization_id)
    written = ORGANIZATIONS.resource(instance, organization)
    return _Face(
        organization_id=organization.id,
        organization_name=organization.name,
        image_url=written["image_url"],
    )


def _face(instance: Instance, payer: Payer) -> _Face:
    if payer.payer_type is PayerType.ORG:
        return _organization_face(instance, payer.owner_id)
    user = instance.state.of(USERS).get(payer.owner_id)
    if user is None:
        return _Face(user_id=payer.owner_id)
    primary = (e for e in user.email_addresses if e.id == user.primary_email_address_id)
    return _Face(
        user_id=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        email=next((email.email_address for email in primary), None),
    )


PAYERS: Final = Kind(
    Noun("billing_payers", Payer, {"owner_id": lambda payer: (payer.owner_id,)}),
    what="payer",
    prefix="cpayer",
    wire_name="commerce_payer",
    resource=payer_resource,
)
