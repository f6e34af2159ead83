"""Digests in the manner of crypt(3): bcrypt, Argon2 and phpass, whose parts ``$`` separates."""

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from clerk_fake.model.passwords.hashers import Matcher, hasher, same

if TYPE_CHECKING:
    import re

__all__ = ["HASHERS", "matches_bcrypt"]

BCRYPT_BYTES: Final = 72
"""Bcrypt looks at no more than this of a password."""

BCRYPT_COSTS: Final = range(4, 18)
"""Each step doubles the time: the largest takes 10 s, which no production system does."""

ARGON2_MEMORY_KIB: Final = range(8, 2**19 + 1)
ARGON2_ROUNDS: Final = range(1, 101)
PHPASS_LOG_ROUNDS: Final = range(7, 25)
CRYPT64: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def matches_bcrypt(digest: str, password: bytes) -> bool:
    """Tell whether ``digest`` is one of ``password``.

    Raises:
        ValueError: It is no bcrypt digest.
    """
    import bcrypt  # noqa: PLC0415 - only imported digests need it

    return bcrypt.checkpw(password[:BCRYPT_BYTES], digest.encode())


def _read_bcrypt(found: "re.Match[str]") -> Matcher | None:
    digest, cost, pepper = found["digest"], int(found["cost"]), found.groupdict().get("pepper")
    if cost not in BCRYPT_COSTS:
        return None
    return lambda password: matches_bcrypt(digest, password + (pepper or "").encode())


def _read_bcrypt_django(found: "re.Match[str]") -> Matcher | None:
    matches = _read_bcrypt(found)
    if matches is None:
        return None
    return lambda password: matches(hashlib.sha256(password).hexdigest().encode())


def _read_argon2(found: "re.Match[str]") -> Matcher | None:
    digest, memory, rounds = found[0], int(found["memory"]), int(found["rounds"])
    if memory not in ARGON2_MEMORY_KIB or rounds not in ARGON2_ROUNDS:
        return None

    def matches(password: bytes) -> bool:
        import argon2  # noqa: PLC0415 - only imported digests need it

        try:
            return argon2.PasswordHasher().verify(digest, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    return matches


def _read_phpass(found: "re.Match[str]") -> Matcher | None:
    log_rounds, salt, checksum = CRYPT64.index(found[1]), found[2].encode(), found[3].encode()
    if log_rounds not in PHPASS_LOG_ROUNDS:
        return None

    def made(password: bytes) -> bytes:
        digest = _md5(salt + password)
        for _ in range(2**log_rounds):
            digest = _md5(digest + password)
        return _crypt64(digest)

    return same(checksum, made)


def _read_md5_phpass(found: "re.Match[str]") -> Matcher | None:
    matches = _read_phpass(found)
    if matches is None:
        return None
    return lambda password: matches(_md5(password).hex().encode())


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _crypt64(data: bytes) -> bytes:
    """Write bytes with 6 bits a character, the least significant ones first."""
    written = ""
    for start in range(0, len(data), 3):
        group = data[start : start + 3]
        value = int.from_bytes(group, "little")
        for place in range(len(group) + 1):
            written += CRYPT64[value >> 6 * place & 63]
    return written.encode()


BCRYPT: Final = r"(?P<digest>\$2[abxy]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{53})"
ARGON2: Final = (
    r"\${variant}\$(?:v=\d+\$)?m=(?P<memory>\d{{1,9}}),t=(?P<rounds>\d{{1,4}}),p=\d{{1,3}}"
    r"\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
)
PHPASS: Final = r"\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})"

HASHERS: Final = MappingProxyType(
    {
        "bcrypt": hasher("$version$cost$salt-and-hash", BCRYPT, _read_bcrypt),
        "bcrypt_sha256_django": hasher(
            "bcrypt_sha256$$version$cost$salt-and-hash",
            rf"bcrypt_sha256\${BCRYPT}",
            _read_bcrypt_django,
        ),
        "bcrypt_peppered": hasher(
            "$version$cost$salt-and-hash$pepper", rf"{BCRYPT}\$(?P<pepper>.+)", _read_bcrypt
        ),
        "argon2i": hasher(
            "$argon2i$v=19$m=…,t=…,p=…$salt$hash", ARGON2.format(variant="argon2i"), _read_argon2
        ),
        "argon2id": hasher(
            "$argon2id$v=19$m=…,t=…,p=…$salt$hash",
            ARGON2.format(variant="argon2id"),
            _read_argon2,
        ),
        "phpass": hasher("$P$ and 31 characters", PHPASS, _read_phpass),
        "md5_phpass": hasher("$P$ and 31 characters", PHPASS, _read_md5_phpass),
    }
)
