"""Find users: filters, partial matches and order, as ``GET /v1/users`` has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.state import Table

__all__ = ["DEFAULT_ORDER", "EVERYBODY", "ORDERS", "UserFilter", "count_users", "find_users"]

SortKey = Callable[[User], tuple[bool, int | str]]


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users are asked for; empty and ``None`` fields do not filter.

    Attributes:
        email_address: Has one of these addresses.
        phone_number: Has one of these numbers.
        external_id: Has one of these ids (with ``-`` in front: has it not).
        username: Has one of these names.
        user_id: Is one of these (with ``-`` in front: is it not).
        query: Part of any address, number, name or id.
        email_address_query: Part of an address.
        phone_number_query: Part of a number.
        username_query: Part of the username.
        name_query: Part of first or last name.
        banned: Is banned, or is not.
        created_at_before: Created before this time, ms.
        created_at_after: Created after this time, ms.
        last_active_at_before: Last active before this time, ms.
        last_active_at_after: Last active after this time, ms.
        last_sign_in_at_before: Last signed in before this time, ms.
        last_sign_in_at_after: Last signed in after this time, ms.
    """

    email_address: tuple[str, ...] = ()
    phone_number: tuple[str, ...] = ()
    external_id: tuple[str, ...] = ()
    username: tuple[str, ...] = ()
    user_id: tuple[str, ...] = ()
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
    last_sign_in_at_before: int | None = None
    last_sign_in_at_after: int | None = None

    @property
    def lets_all_through(self) -> bool:
        """Whether nothing is filtered."""
        return self == EVERYBODY

    def passes(self, user: User) -> bool:
        """Tell whether ``user`` is one of those asked for."""
        return self._is_named(user) and self._matches(user) and self._is_in_time(user)

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

    def _matches(self, user: User) -> bool:
        emails = tuple(email.email_address for email in user.email_addresses)
        phones = tuple(phone.phone_number for phone in user.phone_numbers)
        full_name = f"{user.first_name or ''} {user.last_name or ''}".strip()
        return (
            (self.banned is None or self.banned is user.banned)
            and _part_of(self.email_address_query, *emails)
            and _part_of(self.phone_number_query, *phones)
            and _part_of(self.username_query, user.username)
            and _part_of(self.name_query, full_name)
            and _part_of(self.query, *emails, *phones, user.username, full_name, user.id)
        )

    def _is_in_time(self, user: User) -> bool:
        return (
            _between(user.created_at, self.created_at_after, self.created_at_before)
            and _between(user.last_active_at, self.last_active_at_after, self.last_active_at_before)
            and _between(
                user.last_sign_in_at, self.last_sign_in_at_after, self.last_sign_in_at_before
            )
        )


EVERYBODY: Final = UserFilter()


def _wanted(choices: tuple[str, ...], value: str | None) -> bool:
    excluded = {choice[1:] for choice in choices if choice.startswith("-")}
    included = {choice.removeprefix("+") for choice in choices if not choice.startswith("-")}
    return value not in excluded and (not included or value in included)


def _part_of(part: str | None, *texts: str | None) -> bool:
    return part is None or any(part.lower() in _folded(text) for text in texts)


def _between(time: int | None, after: int | None, before: int | None) -> bool:
    if after is None and before is None:
        return True
    return (
        time is not None and (after is None or time > after) and (before is None or time < before)
    )


def _folded(text: str | None) -> str:
    return (text or "").lower()


def _text_key(text: str | None) -> tuple[bool, str]:
    return (text is not None, (text or "").lower())


def _time_key(time: int | None) -> tuple[bool, int]:
    return (time is not None, time or 0)


def _primary_email(user: User) -> str | None:
    primary = (e for e in user.email_addresses if e.id == user.primary_email_address_id)
    return next((email.email_address for email in primary), None)


def _primary_phone(user: User) -> str | None:
    primary = (p for p in user.phone_numbers if p.id == user.primary_phone_number_id)
    return next((phone.phone_number for phone in primary), None)


DEFAULT_ORDER: Final = "-created_at"
ORDERS: Final[Mapping[str, SortKey]] = MappingProxyType(
    {
        "created_at": lambda user: _time_key(user.created_at),
        "updated_at": lambda user: _time_key(user.updated_at),
        "email_address": lambda user: _text_key(_primary_email(user)),
        "web3wallet": lambda _user: _text_key(None),
        "first_name": lambda user: _text_key(user.first_name),
        "last_name": lambda user: _text_key(user.last_name),
        "phone_number": lambda user: _text_key(_primary_phone(user)),
        "username": lambda user: _text_key(user.username),
        "last_active_at": lambda user: _time_key(user.last_active_at),
        "last_sign_in_at": lambda user: _time_key(user.last_sign_in_at),
    }
)
"""What users can be ordered by."""


def find_users(instance: Instance, wanted: UserFilter, order: str) -> Iterator[User]:
    """Yield the users that pass, in ``order`` (a key of ``ORDERS``, ``-`` in front for falling).

    Unfiltered and by ``created_at``, the first page costs the same however many users there are.
    """
    table = instance.state.of(USERS)
    name, falling = order.lstrip("+-"), order.startswith("-")
    named = _named(table, wanted)
    if named is None and name == "created_at":
        everybody = table.newest_first() if falling else table.oldest_first()
        if wanted.lets_all_through:
            return everybody
        return (user for user in everybody if wanted.passes(user))
    candidates = table.newest_first() if named is None else named
    found = [user for user in candidates if wanted.passes(user)]
    return iter(sorted(found, key=ORDERS[name], reverse=falling))


def count_users(instance: Instance, wanted: UserFilter) -> int:
    """Return how many users pass."""
    if wanted.lets_all_through:
        return len(instance.state.of(USERS))
    return sum(1 for _ in find_users(instance, wanted, DEFAULT_ORDER))


def _named(table: Table[User], wanted: UserFilter) -> Iterable[User] | None:
    """Return a small superset of who is wanted when the filter names them, else ``None``."""
    if wanted.email_address:
        keys = [("email_address", address.lower()) for address in wanted.email_address]
    elif wanted.username:
        keys = [("username", username.lower()) for username in wanted.username]
    elif wanted.phone_number:
        keys = [("phone_number", number) for number in wanted.phone_number]
    else:
        return None
    found = (user for lookup, key in keys for user in table.find(lookup, key))
    return {user.id: user for user in found}.values()
