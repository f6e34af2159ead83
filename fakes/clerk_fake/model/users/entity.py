"""A user, as an instance remembers it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.identifications.entity import EmailAddress, PhoneNumber, Web3Wallet
from clerk_fake.model.identifications.resource import Link
from clerk_fake.model.passwords.entity import Password
from clerk_fake.model.restrictions.subaddresses import mailbox_of
from clerk_fake.model.users.accounts import EnterpriseAccount, ExternalAccount, Passkey, links_of
from clerk_fake.state import Noun

__all__ = ["USERS", "User", "require_user"]


@dataclass(frozen=True, slots=True)
class User:
    """A user; times are Unix ms. Names are those of Clerk's API unless said otherwise.

    Attributes:
        locked_until: When a lock ends; ``None`` when the user is not locked.
        password: The digest, never the password; ``None`` without one.
        password_updated_at: When the password was last set.
        password_compromised: Whether it must be replaced at the next sign-in.
        totp_secret: In base32; ``None`` without an authenticator app.
        backup_codes: Those that are still unused, plain or as bcrypt digests.
        image_id: The profile image, one of ``IMAGES``.
    """

    id: str
    created_at: int
    updated_at: int
    external_id: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    email_addresses: tuple[EmailAddress, ...] = ()
    phone_numbers: tuple[PhoneNumber, ...] = ()
    web3_wallets: tuple[Web3Wallet, ...] = ()
    primary_email_address_id: str | None = None
    primary_phone_number_id: str | None = None
    primary_web3_wallet_id: str | None = None
    passkeys: tuple[Passkey, ...] = ()
    external_accounts: tuple[ExternalAccount, ...] = ()
    enterprise_accounts: tuple[EnterpriseAccount, ...] = ()
    public_metadata: JsonObject = field(default_factory=dict)
    private_metadata: JsonObject = field(default_factory=dict)
    unsafe_metadata: JsonObject = field(default_factory=dict)
    password: Password | None = None
    password_updated_at: int | None = None
    password_compromised: bool = False
    totp_secret: str | None = None
    backup_codes: tuple[str, ...] = ()
    mfa_enabled_at: int | None = None
    mfa_disabled_at: int | None = None
    banned: bool = False
    locked_until: int | None = None
    last_sign_in_at: int | None = None
    last_active_at: int | None = None
    legal_accepted_at: int | None = None
    delete_self_enabled: bool = True
    create_organization_enabled: bool = True
    create_organizations_limit: int | None = None
    bypass_client_trust: bool = False
    image_id: str | None = None

    @property
    def two_factor_enabled(self) -> bool:
        """Whether a second factor is asked for."""
        return self.totp_secret is not None or any(
            phone.reserved_for_second_factor for phone in self.phone_numbers
        )

    def locked_at(self, now_ms: int) -> bool:
        """Tell whether the user is locked at this time."""
        return self.locked_until is not None and self.locked_until > now_ms

    def identification_ids(self) -> Iterator[str]:
        """Yield the ids of all addresses, numbers and wallets."""
        held = chain(self.email_addresses, self.phone_numbers, self.web3_wallets)
        return (identification.id for identification in held)

    def links(self) -> Iterator[Link]:
        """Yield what ties the user's addresses to connected accounts."""
        return links_of(self.external_accounts)


def _email_addresses(user: User) -> Iterator[str]:
    return (email.email_address for email in user.email_addresses)


def _mailboxes(user: User) -> list[str]:
    """Only mailboxes that go by another name than their address: the others are found by it."""
    addresses = [email.email_address for email in user.email_addresses]
    return [box for address in addresses if (box := mailbox_of(address)) != address]


def _phone_numbers(user: User) -> Iterator[str]:
    return (phone.phone_number for phone in user.phone_numbers)


def _web3_wallets(user: User) -> Iterator[str]:
    return (wallet.web3_wallet for wallet in user.web3_wallets)


def _username(user: User) -> tuple[str, ...]:
    return () if user.username is None else (user.username.lower(),)


def _external_id(user: User) -> tuple[str, ...]:
    return () if user.external_id is None else (user.external_id,)


def _external_accounts(user: User) -> Iterator[str]:
    return (f"{each.provider} {each.provider_user_id}" for each in user.external_accounts)


def _enterprise_connections(user: User) -> tuple[str, ...]:
    return tuple(account.enterprise_connection_id or "" for account in user.enterprise_accounts)


USERS: Final = Noun(
    "users",
    User,
    {
        "email_address": _email_addresses,
        "mailbox": _mailboxes,
        "phone_number": _phone_numbers,
        "web3_wallet": _web3_wallets,
        "identification_id": User.identification_ids,
        "username": _username,
        "external_id": _external_id,
        "external_account": _external_accounts,
        "enterprise_connection": _enterprise_connections,
    },
)
"""Users are also found by ``provider provider_user_id`` of their external accounts."""


def require_user(instance: Instance, user_id: str) -> User:
    """Return the user with this id.

    Raises:
        ApiError: 404, there is none.
    """
    user = instance.state.of(USERS).get(user_id)
    if user is None:
        raise ApiError.not_found("user", user_id)
    return user
