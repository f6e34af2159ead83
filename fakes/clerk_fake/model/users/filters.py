"""Which users a list is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from clerk_fake.model.users.entity import User

__all__ = ["EVERYBODY", "UserFilter", "split_by_sign"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which users are asked for; empty and ``None`` fields do not filter. Times are ms.

    Attributes:
        email_address: Has one of these addresses.
        phone_number: Has one of these numbers.
        external_id: Has one of these ids (with ``-`` in front: has it not).
        username: Has one of these names.
        web3_wallet: Has one of these wallets.
        user_id: Is one of these (with ``-`` in front: is it not).
        organization_id: Is a member of one of these (with ``-`` in front: is not); ``find_users``
            sees to it.
        provider: Has an external account there …
        provider_user_id: … under one of these ids.
        query: Part of any identifier, name or id.
        email_address_query: Part of an address.
        phone_number_query: Part of a number.
        username_query: Part of the username.
        name_query: Part of first or last name.
        banned: Is banned, or is not.
        created_at_before: Created before this time.
        created_at_after: Created after this time.
        last_active_at_before: Last active before this time.
        last_active_at_after: Last active after this time.
        last_active_at_since: Last active at this time or later.
        last_sign_in_at_before: Last signed in before this time.
        last_sign_in_at_after: Last signed in after this time.
    """

    email_address: tuple[str, ...] = ()
    phone_number: tuple[str, ...] = ()
    external_id: tuple[str, ...] = ()
    username: tuple[str, ...] = ()
    web3_wallet: tuple[str, ...] = ()
    user_id: tuple[str, ...] = ()
    organization_id: tuple[str, ...] = ()
    provider: str | None = None
    provider_user_id: tuple[str, ...] = ()
    query: str | None = None
    email_address_query: str | None = None
    phone_number_query: str | None = None
    username_query: str | None = None
    name_query: str | None = None
    banned: bool | None = None
    created_at_before: int | None = None
    created_at_after: int | None = None
    last_active_at_before: int | None = None
    last_active_at_after: int | None = None
    last_active_at_since: int | None = None
    last_sign_in_at_before: int | None = None
    last_sign_in_at_after: int | None = None

    @property
    def lets_all_through(self) -> bool:
        """Whether nothing is filtered."""
        return self == EVERYBODY

    def passes(self, user: User) -> bool:
        """Tell whether ``user`` is one of those asked for, organizations aside."""
        return (
            self._is_named(user)
            and self._is_connected(user)
            and self._matches(user)
            and self._is_in_time(user)
        )

    def _is_named(self, user: User) -> bool:
        emails = {email.email_address for email in user.email_addresses}
        phones = {phone.phone_number for phone in user.phone_numbers}
        return (
            (not self.email_address or not emails.isdisjoint(map(str.lower, self.email_address)))
            and (not self.phone_number or not phones.isdisjoint(self.phone_number))
            and (not self.username or _folded(user.username) in map(str.lower, self.username))
            and _wanted(self.external_id, user.external_id)
            and _wanted(self.user_id, user.id)
        )

    def _is_connected(self, user: User) -> bool:
        wallets = {wallet.web3_wallet.lower() for wallet in user.web3_wallets}
        accounts = {
            account.provider_user_id
            for account in user.external_accounts
            if account.provider == self.provider
        }
        return (
            not self.web3_wallet or not wallets.isdisjoint(map(str.lower, self.web3_wallet))
        ) and (self.provider is None or not accounts.isdisjoint(self.provider_user_id))

    def _matches(self, user: User) -> bool:
        emails = tuple(email.email_address for email in user.email_addresses)
        phones = tuple(phone.phone_number for phone in user.phone_numbers)
        wallets = tuple(wallet.web3_wallet for wallet in user.web3_wallets)
        name = f"{user.first_name or ''} {user.last_name or ''}".strip()
        return (
            (self.banned is None or self.banned is user.banned)
            and _part_of(self.email_address_query, emails)
            and _part_of(self.phone_number_query, phones)
            and _part_of(self.username_query, (user.username,))
            and _part_of(self.name_query, (name,))
            and _part_of(self.query, (*emails, *phones, *wallets, user.username, name, user.id))
        )

    def _is_in_time(self, user: User) -> bool:
        return (
            _between(user.created_at, self.created_at_after, self.created_at_before)
            and _between(user.last_active_at, self.last_active_at_after, self.last_active_at_before)
            and (
                self.last_active_at_since is None
                or (user.last_active_at or 0) >= self.last_active_at_since
            )
            and _between(
                user.last_sign_in_at, self.last_sign_in_at_after, self.last_sign_in_at_before
            )
        )


EVERYBODY: Final = UserFilter()


def split_by_sign(choices: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return what ``+a``, ``a`` and ``-b`` include, and what they exclude."""
    excluded = {choice[1:] for choice in choices if choice.startswith("-")}
    included = {choice.removeprefix("+") for choice in choices if not choice.startswith("-")}
    return included, excluded


def _wanted(choices: tuple[str, ...], value: str | None) -> bool:
    included, excluded = split_by_sign(choices)
    return value not in excluded and (not included or value in included)


def _part_of(part: str | None, texts: Iterable[str | None]) -> bool:
    return part is None or any(part.lower() in _folded(text) for text in texts)


def _between(time: int | None, after: int | None, before: int | None) -> bool:
    if after is None and before is None:
        return True
    return (
        time is not None and (after is None or time > after) and (before is None or time < before)
    )


def _folded(text: str | None) -> str:
    return (text or "").lower()
