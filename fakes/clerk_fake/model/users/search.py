"""Find users: by filter, in order, from a cursor on, as ``GET /v1/users`` has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from clerk_fake.instance import Instance
from clerk_fake.model.identifications.kinds import KINDS, IdentificationKind
from clerk_fake.model.memberships.entity import memberships_of_user
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.filters import UserFilter, split_by_sign
from clerk_fake.state import Table

__all__ = ["DEFAULT_ORDER", "ORDERS", "count_users", "find_users"]

SortKey = Callable[[User], tuple[bool, int | str]]


def _text_key(text: str | None) -> tuple[bool, str]:
    return (text is not None, (text or "").lower())


def _time_key(time: int | None) -> tuple[bool, int]:
    return (time is not None, time or 0)


def _primary_key(kind: IdentificationKind) -> SortKey:
    def key(user: User) -> tuple[bool, str]:
        primary_id = kind.primary_id_of(user)
        primary = (each.identifier for each in kind.of(user) if each.id == primary_id)
        return _text_key(next(primary, None))

    return key


EMAIL_ADDRESS, PHONE_NUMBER, WEB3_WALLET = map(_primary_key, KINDS)
DEFAULT_ORDER: Final = "-created_at"
ORDERS: Final[Mapping[str, SortKey]] = MappingProxyType(
    {
        "created_at": lambda user: _time_key(user.created_at),
        "updated_at": lambda user: _time_key(user.updated_at),
        "email_address": EMAIL_ADDRESS,
        "web3wallet": WEB3_WALLET,
        "first_name": lambda user: _text_key(user.first_name),
        "last_name": lambda user: _text_key(user.last_name),
        "phone_number": PHONE_NUMBER,
        "username": lambda user: _text_key(user.username),
        "last_active_at": lambda user: _time_key(user.last_active_at),
        "last_sign_in_at": lambda user: _time_key(user.last_sign_in_at),
    }
)
"""What users can be ordered by."""


def find_users(
    instance: Instance, wanted: UserFilter, order: str, *, after: User | None = None
) -> Iterator[User]:
    """Yield the users that pass.

    Unfiltered and by ``created_at``, a page costs the same however many users there are.

    Args:
        instance: Whose users.
        wanted: Which of them.
        order: A key of ``ORDERS``, ``-`` in front for falling.
        after: Only those that follow this one; only with the order ``created_at``.
    """
    table = instance.state.of(USERS)
    name, falling = order.lstrip("+-"), order.startswith("-")
    named = _named(table, wanted)
    if named is None and name == "created_at":
        everybody = table.newest_first(after) if falling else table.oldest_first(after)
        if wanted.lets_all_through:
            return everybody
        return (user for user in everybody if _passes(instance, wanted, user))
    candidates = table.newest_first() if named is None else named
    found = [user for user in candidates if _passes(instance, wanted, user)]
    if name != "created_at":
        return iter(sorted(found, key=ORDERS[name], reverse=falling))
    if after is not None:
        place = table.place(after)
        found = [user for user in found if (table.place(user) < place) is falling and user != after]
    return iter(found if falling else reversed(found))


def count_users(instance: Instance, wanted: UserFilter) -> int:
    """Return how many users pass."""
    if wanted.lets_all_through:
        return len(instance.state.of(USERS))
    return sum(1 for _ in find_users(instance, wanted, DEFAULT_ORDER))


def _passes(instance: Instance, wanted: UserFilter, user: User) -> bool:
    if not wanted.passes(user):
        return False
    if not wanted.organization_id:
        return True
    joined = {membership.organization_id for membership in memberships_of_user(instance, user.id)}
    included, excluded = split_by_sign(wanted.organization_id)
    return joined.isdisjoint(excluded) and (not included or not joined.isdisjoint(included))


def _named(table: Table[User], wanted: UserFilter) -> Iterable[User] | None:
    """Return a small superset of who is wanted, the newest first, when the filter names them.

    ``None`` when it does not.
    """
    if wanted.email_address:
        keys = [("email_address", address.lower()) for address in wanted.email_address]
    elif wanted.username:
        keys = [("username", username.lower()) for username in wanted.username]
    elif wanted.phone_number:
        keys = [("phone_number", number) for number in wanted.phone_number]
    elif wanted.provider is not None:
        keys = [("external_account", f"{wanted.provider} {id_}") for id_ in wanted.provider_user_id]
    else:
        return None
    found = (user for lookup, key in keys for user in table.find(lookup, key))
    return sorted({user.id: user for user in found}.values(), key=table.place, reverse=True)
