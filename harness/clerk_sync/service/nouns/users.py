"""Users: identity is the Clerk id, and a verified address belongs to one of them."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.service.nouns.noun import Noun
from clerk_sync.service.payloads import read_user_profile
from clerk_sync.store.effects import EffectKind
from clerk_sync.store.users import (
    StoredUser,
    UserProfile,
    address_holders,
    bury_users,
    load_users,
    save_users,
)

__all__ = ["USERS"]

# A user who signs in gets no new version: of that only the session tells, and it tells all of them.
_SIGN_INS: Final = ("session.created", "session.pending")
_User: TypeAlias = UserProfile | StoredUser


def _verified_addresses(user: _User) -> frozenset[str]:
    return frozenset(email.email_address.lower() for email in user.emails if email.verified)


def _without(user: _User, addresses: frozenset[str]) -> _User:
    left = tuple(
        email
        for email in user.emails
        if not (email.verified and email.email_address.lower() in addresses)
    )
    return replace(user, emails=left)


async def _fetch(clerk: ClerkApi, user: _User) -> dict[str, Any] | None:
    return await clerk.get_user(user.clerk_id)


USERS: Final[Noun[UserProfile, StoredUser]] = Noun(
    name="user",
    carried_by=frozenset({"user.created", "user.updated", *_SIGN_INS}),
    within=MappingProxyType(dict.fromkeys(_SIGN_INS, "user")),
    deleted_by=frozenset({"user.deleted"}),
    read=read_user_profile,
    load=load_users,
    save=save_users,
    bury=bury_users,
    fetch=_fetch,
    effects=MappingProxyType(
        {"user.created": EffectKind.WELCOME, "user.deleted": EffectKind.GOODBYE}
    ),
    claims=_verified_addresses,
    holders=address_holders,
    without=_without,
    restless=frozenset({"last_sign_in_at"}),
)
