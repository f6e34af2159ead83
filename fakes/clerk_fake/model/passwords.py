"""Passwords: their rules, and digests instead of them."""

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clerk_fake.errors import ApiError

__all__ = ["PASSWORD_HASHERS", "Password", "check_password", "digest_password", "password_matches"]

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 128
OWN_HASHER: Final = "scrypt"
SCRYPT_COST: Final = 2**10
"""Far below what a production system needs: tests create users by the thousand."""

PASSWORD_HASHERS: Final = frozenset(
    {
        "argon2i",
        "argon2id",
        "bcrypt",
        "bcrypt_sha256_django",
        "ldap_ssha",
        "md5",
        "md5_phpass",
        "pbkdf2_sha1",
        "pbkdf2_sha256",
        "pbkdf2_sha256_django",
        "pbkdf2_sha512",
        "pbkdf2_sha512_hex",
        "phpass",
        "scrypt_firebase",
        "scrypt_werkzeug",
        "sha256",
        "sha512_symfony",
    }
)
"""The hashers that Clerk takes digests of."""


@dataclass(frozen=True, slots=True)
class Password:
    """A password that cannot be read back.

    Attributes:
        hasher: How ``digest`` was made.
        digest: As the hasher writes it.
    """

    hasher: str
    digest: str


def check_password(password: str) -> str:
    """Return the password.

    Raises:
        ApiError: 422, it is too short or too long.
    """
    if len(password) < MIN_LENGTH:
        raise ApiError.of(
            422,
            "form_password_length_too_short",
            f"Passwords must be {MIN_LENGTH} characters or more.",
            param_name="password",
        )
    if len(password) > MAX_LENGTH:
        raise ApiError.of(
            422,
            "form_password_length_too_long",
            f"Passwords must be less than {MAX_LENGTH} characters.",
            param_name="password",
        )
    return password


def digest_password(password: str) -> Password:
    """Return the digest of a password, freshly salted."""
    salt = os.urandom(16)
    return Password(OWN_HASHER, f"{salt.hex()}${_scrypt(password, salt)}")


def password_matches(stored: Password, password: str) -> bool:
    """Tell whether ``password`` is the one that was stored.

    Raises:
        ApiError: 422, the digest was imported and this fake cannot compute its kind.
    """
    verify = VERIFIERS.get(stored.hasher)
    if verify is None:
        raise ApiError.bad_value(
            "password",
            f"one that this fake set itself: it cannot compute {stored.hasher} digests "
            f"(only {', '.join(sorted(VERIFIERS))})",
        )
    return verify(stored.digest, password)


def _scrypt(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT_COST, r=8, p=1).hex()


def _verify_scrypt(digest: str, password: str) -> bool:
    salt, _, expected = digest.partition("$")
    return hmac.compare_digest(expected, _scrypt(password, bytes.fromhex(salt)))


def _verify_md5(digest: str, password: str) -> bool:
    actual = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    return hmac.compare_digest(digest.lower().encode(), actual.encode())


def _verify_sha256(digest: str, password: str) -> bool:
    actual = hashlib.sha256(password.encode()).hexdigest()
    return hmac.compare_digest(digest.lower().encode(), actual.encode())


VERIFIERS: Final[Mapping[str, Callable[[str, str], bool]]] = MappingProxyType(
    {OWN_HASHER: _verify_scrypt, "md5": _verify_md5, "sha256": _verify_sha256}
)
