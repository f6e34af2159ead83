"""A sign-up, as an instance remembers it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.passwords.entity import Password
from clerk_fake.model.records import Kind
from clerk_fake.model.verifications import VERIFICATIONS, VerificationStatus
from clerk_fake.state import Noun

__all__ = [
    "CODE_FIELDS",
    "OPTIONAL_FIELDS",
    "REQUIRED_FIELDS",
    "SIGN_UPS",
    "SignUp",
    "SignUpStatus",
    "missing_fields",
    "unverified_fields",
]

CODE_FIELDS: Final = {"email_address": "email_code", "phone_number": "phone_code"}
"""Field → strategy by which it is verified."""

REQUIRED_FIELDS: Final = ("email_address", "password")
OPTIONAL_FIELDS: Final = ("phone_number", "username", "first_name", "last_name")


class SignUpStatus(StrEnum):
    """How far a sign-up has come."""

    MISSING_REQUIREMENTS = "missing_requirements"
    COMPLETE = "complete"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """A sign-up; times are Unix ms. Names are those of Clerk's API unless said otherwise.

    Attributes:
        id: ``sua_…``.
        status: As last set; ``status_at`` also knows of the time that has passed.
        client_id: The browser in which it happens; ``None`` for a new one in the end.
        password: The digest; ``None`` without one.
        verified: Field → strategy by which it was verified.
    """

    id: str
    created_at: int
    updated_at: int
    abandon_at: int
    status: SignUpStatus = SignUpStatus.MISSING_REQUIREMENTS
    client_id: str | None = None
    required_fields: tuple[str, ...] = REQUIRED_FIELDS
    optional_fields: tuple[str, ...] = OPTIONAL_FIELDS
    email_address: str | None = None
    phone_number: str | None = None
    web3_wallet: str | None = None
    username: str | None = None
    password: Password | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    unsafe_metadata: JsonObject = field(default_factory=dict)
    public_metadata: JsonObject = field(default_factory=dict)
    verified: dict[str, str] = field(default_factory=dict)
    custom_action: bool = False
    external_id: str | None = None
    created_session_id: str | None = None
    created_user_id: str | None = None
    legal_accepted_at: int | None = None

    def status_at(self, now_ms: int) -> SignUpStatus:
        """Return the status at this time."""
        open_still = self.status is SignUpStatus.MISSING_REQUIREMENTS
        return SignUpStatus.ABANDONED if open_still and now_ms >= self.abandon_at else self.status


def missing_fields(sign_up: SignUp) -> list[str]:
    """Return the required fields that were not given yet."""
    return [
        name
        for name in sign_up.required_fields
        if getattr(sign_up, "legal_accepted_at" if name == "legal_accepted" else name) is None
    ]


def unverified_fields(sign_up: SignUp) -> list[str]:
    """Return the fields that were given and must still be verified."""
    return [
        name
        for name in CODE_FIELDS
        if getattr(sign_up, name) is not None and name not in sign_up.verified
    ]


def _resource(instance: Instance, sign_up: SignUp) -> JsonObject:
    return {
        "object": "sign_up_attempt",
        "id": sign_up.id,
        "status": sign_up.status_at(instance.clock.now_ms()).value,
        "required_fields": list(sign_up.required_fields),
        "optional_fields": list(sign_up.optional_fields),
        "missing_fields": missing_fields(sign_up),
        "unverified_fields": unverified_fields(sign_up),
        "verifications": {
            **dict(_verifications(instance, sign_up)),
            "web3_wallet": None,
            "external_account": None,
        },
        "username": sign_up.username,
        "email_address": sign_up.email_address,
        "phone_number": sign_up.phone_number,
        "web3_wallet": sign_up.web3_wallet,
        "password_enabled": sign_up.password is not None,
        "first_name": sign_up.first_name,
        "last_name": sign_up.last_name,
        "unsafe_metadata": sign_up.unsafe_metadata,
        "public_metadata": sign_up.public_metadata,
        "custom_action": sign_up.custom_action,
        "external_id": sign_up.external_id,
        "created_session_id": sign_up.created_session_id,
        "created_user_id": sign_up.created_user_id,
        "abandon_at": sign_up.abandon_at,
        "legal_accepted_at": sign_up.legal_accepted_at,
        "locale": sign_up.locale,
    }


def _verifications(instance: Instance, sign_up: SignUp) -> Iterator[tuple[str, JsonObject | None]]:
    """Yield each field that is verified by a code, and how far that has come."""
    now = instance.clock.now_ms()
    sent = instance.state.of(VERIFICATIONS).find("subject_id", sign_up.id)
    for name, strategy in CODE_FIELDS.items():
        if getattr(sign_up, name) is None:
            yield name, None
            continue
        latest = next((each for each in reversed(sent) if each.strategy == strategy), None)
        by = sign_up.verified.get(name)
        status = None if latest is None else latest.status_at(now)
        waiting = status is VerificationStatus.UNVERIFIED
        yield (
            name,
            {
                "object": "verification_otp" if by in (None, strategy) else "verification_ticket",
                "status": "verified" if by else (status or VerificationStatus.UNVERIFIED).value,
                "strategy": by or strategy,
                "attempts": latest and latest.attempts,
                "expire_at": latest and latest.expire_at,
                "next_action": "" if by else "needs_attempt" if waiting else "needs_prepare",
                "supported_strategies": [strategy],
            },
        )


SIGN_UPS: Final = Kind(
    Noun("sign_ups", SignUp),
    what="sign up",
    prefix="sua",
    wire_name="sign_up_attempt",
    resource=_resource,
)
