"""A password that cannot be read back."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.model.passwords import crypts, derived, plain

__all__ = ["HASHERS", "Password", "digest_password", "import_password", "password_matches"]

OWN_HASHER: Final = "scrypt"
SCRYPT_COST: Final = 2**10
"""Far below what a production system needs: tests create users by the thousand."""

HASHERS: Final = {**plain.HASHERS, **derived.HASHERS, **crypts.HASHERS}
"""The hashers that Clerk takes digests of."""


@dataclass(frozen=True, slots=True)
class Password:
    """A password.

    Attributes:
        hasher: How ``digest`` was made.
        digest: As the hasher writes it.
    """

    hasher: str
    digest: str


def digest_password(password: str) -> Password:
    """Return the digest of a password, freshly salted."""
    salt = os.urandom(16)
    return Password(OWN_HASHER, f"{salt.hex()}${_scrypt(password, salt)}")


def import_password(hasher: str, digest: str) -> Password:
    """Return a password of which only the digest is known.

    Raises:
        ApiError: 422, Clerk does not take this hasher's digests, or it is not written as one.
    """
    known = HASHERS.get(hasher)
    if known is None:
        raise ApiError.bad_value("password_hasher", f"one of {', '.join(sorted(HASHERS))}")
    if known.read(digest) is None:
        message = f"The password digest is no valid {hasher} digest, which is {known.form}."
        raise ApiError.of(
            422,
            "form_password_digest_invalid_code",
            "is invalid",
            message,
            param_name="password_digest",
        )
    return Password(hasher, digest)


def password_matches(stored: Password, password: str) -> bool:
    """Tell whether ``password`` is the one that was stored."""
    if stored.hasher == OWN_HASHER:
        salt, _, expected = stored.digest.partition("$")
        return hmac.compare_digest(expected, _scrypt(password, bytes.fromhex(salt)))
    matches = HASHERS[stored.hasher].read(stored.digest)
    return matches is not None and matches(password.encode())


def _scrypt(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT_COST, r=8, p=1).hex()
