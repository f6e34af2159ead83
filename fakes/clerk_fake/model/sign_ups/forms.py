"""What is said in the course of a sign-up."""

from dataclasses import dataclass
from typing import Any, Literal

from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.unset import UNSET, Unset

__all__ = ["SignUpAmendment", "SignUpChange", "SignUpDraft", "SignUpForm"]

Field = Literal[
    "email_address",
    "phone_number",
    "web3_wallet",
    "username",
    "password",
    "first_name",
    "last_name",
    "legal_accepted",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpForm:
    """What people say of themselves."""

    email_address: str | None = None
    phone_number: str | None = None
    web3_wallet: str | None = None
    username: str | None = None
    password: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    unsafe_metadata: JsonObject | None = None
    legal_accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpDraft(SignUpForm):
    """How a sign-up starts.

    Attributes:
        ticket: Of the link of an invitation.
        client_id: The browser in which it happens.
        required_fields: Instead of Clerk's usual ones: e-mail address and password.
    """

    ticket: str | None = None
    client_id: str | None = None
    required_fields: tuple[Field, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpAmendment(SignUpForm):
    """What people say in a later step."""


@dataclass(frozen=True, slots=True)
class SignUpChange:
    """What ``PATCH /v1/sign_ups/{id}`` takes."""

    external_id: str | Unset | None = UNSET
    custom_action: bool | None = None

    def fields(self) -> dict[str, Any]:
        """Return what it sets."""
        fields: dict[str, Any] = {}
        if not isinstance(self.external_id, Unset):
            fields["external_id"] = self.external_id or None
        if self.custom_action is not None:
            fields["custom_action"] = self.custom_action
        return fields
