"""Second factors: authenticator apps (TOTP, RFC 6238), backup codes, and switching them off."""

import base64
import hmac
from dataclasses import replace
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.identifications.holding import settled
from clerk_fake.model.passwords.crypts import matches_bcrypt
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.saving import change_user

__all__ = [
    "CodeType",
    "delete_backup_codes",
    "delete_totp",
    "disable_mfa",
    "totp_code",
    "verify_second_factor",
]

STEP_S: Final = 30
DIGITS: Final = 6
DRIFT: Final = (0, -1, 1)
"""A code of the step before or after is good as well: clocks differ."""


class CodeType(StrEnum):
    """What a code turned out to be."""

    TOTP = "totp"
    BACKUP_CODE = "backup_code"


def totp_code(secret: str, now_ms: int, *, drift: int = 0) -> str:
    """Return the code that an authenticator app shows at this time, or ``drift`` steps later."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = max(now_ms // 1000 // STEP_S + drift, 0)
    digest = hmac.digest(key, counter.to_bytes(8), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def verify_second_factor(instance: Instance, user: User, code: str, origin: Origin) -> CodeType:
    """Tell what ``code`` is; a backup code is used up by it.

    Raises:
        ApiError: 400, the user has neither an authenticator app nor backup codes; 422, the code
            is neither.
    """
    if user.totp_secret is None and not user.backup_codes:
        raise ApiError.of(
            400,
            "totp_disabled",
            "TOTP is disabled",
            "This user does not have TOTP enabled in their account",
        )
    if user.totp_secret is not None and _shown_now(instance, user.totp_secret, code):
        return CodeType.TOTP
    left = tuple(unused for unused in user.backup_codes if not _is_backup_code(unused, code))
    if len(left) < len(user.backup_codes):
        change_user(instance, user, origin, backup_codes=left)
        return CodeType.BACKUP_CODE
    if not user.backup_codes and len(code) != DIGITS:
        raise ApiError.of(
            422,
            "totp_invalid_length",
            "invalid length",
            f"The provided TOTP code must be {DIGITS} characters long.",
        )
    raise ApiError.of(
        422, "totp_incorrect_code", "incorrect TOTP", "The provided TOTP code is incorrect"
    )


def delete_totp(instance: Instance, user: User, origin: Origin) -> User:
    """Forget the authenticator app; without one nothing changes and nothing is told."""
    if user.totp_secret is None:
        return user
    phones = settled(user.phone_numbers, other_factor=False)
    return change_user(instance, user, origin, totp_secret=None, phone_numbers=phones)


def delete_backup_codes(instance: Instance, user: User, origin: Origin) -> User:
    """Forget the backup codes; without any nothing changes and nothing is told."""
    if not user.backup_codes:
        return user
    return change_user(instance, user, origin, backup_codes=())


def disable_mfa(instance: Instance, user: User, origin: Origin) -> User:
    """Switch off all second factors; without any nothing changes and nothing is told."""
    if not user.two_factor_enabled and not user.backup_codes:
        return user
    phones = tuple(
        replace(phone, reserved_for_second_factor=False, default_second_factor=False)
        for phone in user.phone_numbers
    )
    return change_user(
        instance, user, origin, totp_secret=None, backup_codes=(), phone_numbers=phones
    )


def _shown_now(instance: Instance, secret: str, code: str) -> bool:
    now = instance.clock.now_ms()
    entered = code.encode(errors="replace")
    return any(
        hmac.compare_digest(totp_code(secret, now, drift=drift).encode(), entered)
        for drift in DRIFT
    )


def _is_backup_code(unused: str, code: str) -> bool:
    try:
        digested = unused.startswith("$2") and matches_bcrypt(unused, code.encode())
    except ValueError:  # it only looks like a digest
        digested = False
    return digested or hmac.compare_digest(unused.encode(), code.encode(errors="replace"))
