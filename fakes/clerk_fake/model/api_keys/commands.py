"""Make, change, revoke and verify API keys.

As at Clerk, nobody looks whether the subject exists: a key is made for whatever has the form of an
id. But the keys of those who are deleted go with them.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Length
from clerk_fake.model.api_keys.entity import API_KEYS, ApiKey
from clerk_fake.model.revocation import Revocation
from clerk_fake.model.secrets import find_by_secret, new_secret
from clerk_fake.model.unset import UNSET, Unset, given

__all__ = [
    "SUBJECT",
    "ApiKeyChange",
    "ApiKeyDraft",
    "change_api_key",
    "create_api_key",
    "forget_api_keys_of",
    "revoke_api_key",
    "verify_api_key",
]

SUBJECT: Final = re.compile(r"(user|org|mch)_\w{27}", re.ASCII)
"""For whom a key may stand. Keys of directories are made with these."""

CREATOR: Final = re.compile(r"user_\w{27}", re.ASCII)
NAME: Final = re.compile(r"\S.*\S", re.DOTALL)
LONGEST_LIFE_S: Final = 10**12

Seconds = Annotated[float, Between(0, LONGEST_LIFE_S)]
Description = Annotated[str, Length(0, 255)]


@dataclass(frozen=True, slots=True)
class ApiKeyDraft:
    """What ``POST /v1/api_keys`` takes; without ``seconds_until_expiration`` it never expires."""

    name: Annotated[str, Length(3)]
    subject: str
    type: Annotated[str, Length(3, 25)] = "api_key"
    description: Description | None = None
    claims: Any = None
    scopes: tuple[str, ...] = ()
    created_by: str | None = None
    seconds_until_expiration: Seconds | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyChange:
    """What ``PATCH /v1/api_keys/{apiKeyID}`` takes."""

    claims: Any | Unset | None = UNSET
    scopes: tuple[str, ...] | Unset = UNSET
    description: Description | Unset | None = UNSET
    subject: str | Unset = UNSET
    seconds_until_expiration: Seconds | Unset | None = UNSET


def create_api_key(instance: Instance, draft: ApiKeyDraft, origin: Origin) -> ApiKey:
    """Make a key with a secret.

    Raises:
        ApiError: 422, the name has blanks around it, an id is none, or it would never be good.
    """
    if not NAME.fullmatch(draft.name):
        raise ApiError.bad_format("name", "a name without blanks around it")
    if draft.created_by is not None and not CREATOR.fullmatch(draft.created_by):
        raise ApiError.bad_format("created_by", "the id of a user")
    now = instance.clock.now_ms()
    key = ApiKey(
        id=instance.ids.new_hexadecimal(API_KEYS.prefix),
        type=draft.type,
        name=draft.name,
        subject=_subject(draft.subject),
        secret=new_secret(instance, "ak_"),
        created_at=now,
        updated_at=now,
        description=draft.description,
        claims=draft.claims,
        scopes=draft.scopes,
        created_by=draft.created_by,
        expiration=_expiration(now, draft.seconds_until_expiration),
    )
    return API_KEYS.add(instance, key, origin)


def change_api_key(instance: Instance, key: ApiKey, change: ApiKeyChange, origin: Origin) -> ApiKey:
    """Change a key; its secret stays.

    Raises:
        ApiError: 422, the subject is no id, or the key would never be good.
    """
    seconds = change.seconds_until_expiration
    subject = key.subject if isinstance(change.subject, Unset) else _subject(change.subject)
    now = instance.clock.now_ms()
    expiration = key.expiration if isinstance(seconds, Unset) else _expiration(now, seconds)
    return API_KEYS.change(
        instance,
        key,
        origin,
        claims=given(change.claims, key.claims),
        scopes=given(change.scopes, key.scopes),
        description=given(change.description, key.description),
        subject=subject,
        expiration=expiration,
    )


def revoke_api_key(
    instance: Instance, key: ApiKey, revocation: Revocation, origin: Origin
) -> ApiKey:
    """Revoke a key; one that is revoked already stays as it is."""
    if key.revoked:
        return key
    reason = revocation.revocation_reason
    return API_KEYS.change(instance, key, origin, revoked=True, revocation_reason=reason)


def verify_api_key(instance: Instance, secret: str, origin: Origin) -> ApiKey:
    """Return the key with this secret; it remembers that it was used.

    Raises:
        ApiError: 404, there is no such key, or it is revoked or expired. Clerk's clients take any
            other answer for a failure of the service.
    """
    key = find_by_secret(API_KEYS.table(instance), secret)
    if key is None:
        raise _refused("No API key was found with this secret.")
    if key.revoked:
        raise _refused("The API key was revoked.")
    now = instance.clock.now_ms()
    if key.expired_at(now):
        raise _refused("The API key has expired.")
    return API_KEYS.change(instance, key, origin, last_used_at=now)


def forget_api_keys_of(instance: Instance, subject: str) -> None:
    """Forget all keys of a user, organization or machine."""
    keys = API_KEYS.table(instance)
    for key in keys.find("subject", subject):
        keys.remove(key)


def _subject(subject: str) -> str:
    if not SUBJECT.fullmatch(subject):
        raise ApiError.bad_format("subject", "the id of a user, an organization or a machine")
    return subject


def _expiration(now_ms: int, seconds: float | None) -> int | None:
    if seconds is None:
        return None
    if seconds == 0:
        raise ApiError.bad_value("seconds_until_expiration", "more than 0")
    return now_ms + max(round(seconds * 1000), 1)


def _refused(why: str) -> ApiError:
    return ApiError.of(404, "resource_not_found", "not found", why)
