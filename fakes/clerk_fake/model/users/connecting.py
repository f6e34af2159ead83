"""Connect users with OAuth providers and enterprises, and let go of that.

A front end and an identity provider do the connecting; here the control plane stands for both.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.identifications.entity import EmailAddress, Standing
from clerk_fake.model.identifications.formats import check_email_address
from clerk_fake.model.identifications.holding import check_not_last
from clerk_fake.model.identifications.kinds import EMAIL_ADDRESSES
from clerk_fake.model.users.accounts import EnterpriseAccount, ExternalAccount, Protocol
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.saving import change_user
from clerk_fake.model.users.uniqueness import check_identifier_free

__all__ = [
    "EnterpriseAccountDraft",
    "ExternalAccountDraft",
    "connect_enterprise_account",
    "connect_external_account",
    "delete_external_account",
]

PROVIDER: Final = re.compile(r"oauth_(?:token_|custom_)?[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAccountDraft:
    """An account at an OAuth provider, as a test wants it.

    Attributes:
        provider: E.g. ``oauth_google``.
        email_address: Also becomes an address of the user, unless it is one already.
        token_expires_at: Unix ms.
    """

    provider: str
    provider_user_id: str
    email_address: str
    approved_scopes: str = "email profile"
    email_address_verified: bool = True
    first_name: str = ""
    last_name: str = ""
    username: str | None = None
    image_url: str | None = None
    phone_number: str | None = None
    label: str | None = None
    public_metadata: JsonObject = field(default_factory=dict)
    token: str | None = None
    token_secret: str | None = None
    id_token: str | None = None
    token_expires_at: Annotated[int, Between(0)] | None = None
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseAccountDraft:
    """An account at an enterprise's identity provider, as a test wants it."""

    provider: str
    email_address: str
    protocol: Protocol = Protocol.SAML
    active: bool = True
    first_name: str | None = None
    last_name: str | None = None
    provider_user_id: str | None = None
    enterprise_connection_id: str | None = None
    last_authenticated_at: Annotated[int, Between(0)] | None = None
    public_metadata: JsonObject = field(default_factory=dict)


def connect_external_account(
    instance: Instance, user: User, draft: ExternalAccountDraft, origin: Origin
) -> ExternalAccount:
    """Give a user an account, and its address as one that the provider has verified.

    Raises:
        ApiError: 422, the provider or the address is malformed, or the account is another
            user's; 400, the address is.
    """
    if not PROVIDER.fullmatch(draft.provider):
        raise ApiError.bad_format("provider", "a provider such as oauth_google")
    address = check_email_address(draft.email_address)
    key = f"{draft.provider} {draft.provider_user_id}"
    if instance.state.of(USERS).find("external_account", key):
        raise ApiError.identifier_exists("provider_user_id")
    emails = _with_address(instance, user, address, f"from_{draft.provider}")
    now = instance.clock.now_ms()
    account = ExternalAccount(
        id=instance.ids.new("eac"),
        identification_id=instance.ids.new("idn"),
        created_at=now,
        updated_at=now,
        **{name: getattr(draft, name) for name in draft.__slots__} | {"email_address": address},
    )
    change_user(
        instance,
        user,
        origin,
        external_accounts=(*user.external_accounts, account),
        email_addresses=emails,
        primary_email_address_id=user.primary_email_address_id or emails[0].id,
    )
    return account


def delete_external_account(
    instance: Instance, user: User, account_id: str, origin: Origin
) -> None:
    """Take an account away; the address that came with it stays.

    Raises:
        ApiError: 404, the user has no such account; 400, it is their last identification.
    """
    left = tuple(account for account in user.external_accounts if account.id != account_id)
    if len(left) == len(user.external_accounts):
        raise ApiError.of(
            404,
            "external_account_not_found",
            "Invalid external account",
            "The External Account was not found.",
        )
    check_not_last(user, account_id)
    change_user(instance, user, origin, external_accounts=left)


def connect_enterprise_account(
    instance: Instance, user: User, draft: EnterpriseAccountDraft, origin: Origin
) -> EnterpriseAccount:
    """Give a user an account at an enterprise.

    Raises:
        ApiError: 422, the address is malformed.
    """
    address = check_email_address(draft.email_address)
    account = EnterpriseAccount(
        id=instance.ids.new("entacc"),
        created_at=instance.clock.now_ms(),
        **{name: getattr(draft, name) for name in draft.__slots__} | {"email_address": address},
    )
    change_user(instance, user, origin, enterprise_accounts=(*user.enterprise_accounts, account))
    return account


def _with_address(
    instance: Instance, user: User, address: str, strategy: str
) -> tuple[EmailAddress, ...]:
    """Return the user's addresses with this one among them, verified."""
    now = instance.clock.now_ms()
    try:
        check_identifier_free(
            instance, EMAIL_ADDRESSES, address, Standing.VERIFIED, ignoring=user.id
        )
    except ApiError as taken:
        raise ApiError.of(
            400,
            "oauth_identification_claimed",
            "Identification claimed by another user",
            "The email address associated with this OAuth account is already claimed by "
            "another user.",
        ) from taken
    if all(email.email_address != address for email in user.email_addresses):
        new = EmailAddress(
            id=instance.ids.new("idn"),
            email_address=address,
            standing=Standing.VERIFIED,
            verified_by=strategy,
            created_at=now,
            updated_at=now,
        )
        return (*user.email_addresses, new)
    return tuple(
        replace(email, standing=Standing.VERIFIED, verified_by=strategy, updated_at=now)
        if email.email_address == address and not email.verified
        else email
        for email in user.email_addresses
    )
