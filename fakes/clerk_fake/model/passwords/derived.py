"""Digests of key derivation functions: PBKDF2 and scrypt, as several frameworks write them."""

import hashlib
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from clerk_fake.model.passwords.hashers import (
    Matcher,
    Reader,
    from_base64,
    from_hex,
    hasher,
    same,
)

if TYPE_CHECKING:
    import re

__all__ = ["HASHERS"]

MOST_ROUNDS: Final = 10_000_000
MOST_MEMORY: Final = 256 * 1024 * 1024
SHA1_KEY_LENGTH: Final = 32
FIREBASE_KEY_LENGTH: Final = 32
WEERKZEUG_KEY_LENGTH: Final = 64


def _pbkdf2(
    digest: str, salt_of: Callable[[str], bytes], hash_of: Callable[[str], bytes]
) -> Reader:
    def read(found: "re.Match[str]") -> Matcher | None:
        rounds, salt, expected = int(found[1]), salt_of(found[2]), hash_of(found[3])
        if not 0 < rounds <= MOST_ROUNDS or not expected:
            return None
        return same(
            expected,
            lambda password: hashlib.pbkdf2_hmac(digest, password, salt, rounds, len(expected)),
        )

    return read


def _read_pbkdf2_sha1(found: "re.Match[str]") -> Matcher | None:
    rounds, expected = int(found[1]), from_hex(found[3])
    length = int(found[4]) if found[4] else SHA1_KEY_LENGTH
    if not 0 < rounds <= MOST_ROUNDS or len(expected) != length:
        return None
    salt = _hex_or_raw(found[2])
    return same(
        expected, lambda password: hashlib.pbkdf2_hmac("sha1", password, salt, rounds, length)
    )


def _hex_or_raw(salt: str) -> bytes:
    try:
        return from_hex(salt)
    except ValueError:
        return salt.encode()


def _scrypt(password: bytes, salt: bytes, *, cost: tuple[int, int, int], length: int) -> bytes:
    n, r, p = cost
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=2 * MOST_MEMORY, dklen=length)


def _affordable(n: int, r: int, p: int) -> bool:
    return n > 1 and n & (n - 1) == 0 and 0 < 128 * n * r * p <= MOST_MEMORY


def _read_firebase(found: "re.Match[str]") -> Matcher | None:
    expected, salt, signer_key, separator = map(from_base64, found.groups()[:4])
    n, rounds = 2 ** int(found[6]), int(found[5])
    if not _affordable(n, rounds, 1) or not expected:
        return None

    def made(password: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415 - heavy
            Cipher,
            algorithms,
            modes,
        )

        key = _scrypt(password, salt + separator, cost=(n, rounds, 1), length=FIREBASE_KEY_LENGTH)
        encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        return encryptor.update(signer_key) + encryptor.finalize()

    return same(expected, made)


def _read_werkzeug(found: "re.Match[str]") -> Matcher | None:
    n, r, p = int(found[1]), int(found[2]), int(found[3])
    salt, expected = found[4].encode(), from_hex(found[5])
    if not _affordable(n, r, p):
        return None
    return same(
        expected,
        lambda password: _scrypt(password, salt, cost=(n, r, p), length=WEERKZEUG_KEY_LENGTH),
    )


BASE64: Final = r"[A-Za-z0-9+/]+={0,2}"
HEX: Final = r"(?:[0-9A-Fa-f]{2})+"

HASHERS: Final = MappingProxyType(
    {
        "pbkdf2_sha1": hasher(
            "pbkdf2_sha1$iterations$salt$hash-in-hex, and $key-length unless it is 32",
            rf"pbkdf2_sha1\$(\d{{1,9}})\$([^$]+)\$({HEX})(?:\$(\d{{1,4}}))?",
            _read_pbkdf2_sha1,
        ),
        "pbkdf2_sha256": hasher(
            "pbkdf2_sha256$iterations$salt-in-base64$hash-in-base64",
            rf"pbkdf2_sha256\$(\d{{1,9}})\$({BASE64})\$({BASE64})",
            _pbkdf2("sha256", from_base64, from_base64),
        ),
        "pbkdf2_sha256_django": hasher(
            "pbkdf2_sha256$iterations$salt$hash-in-base64",
            rf"pbkdf2_sha256\$(\d{{1,9}})\$([^$]+)\$({BASE64})",
            _pbkdf2("sha256", str.encode, from_base64),
        ),
        "pbkdf2_sha512": hasher(
            "pbkdf2_sha512$iterations$salt$hash-in-hex",
            rf"pbkdf2_sha512\$(\d{{1,9}})\$([^$]+)\$({HEX})",
            _pbkdf2("sha512", str.encode, from_hex),
        ),
        "pbkdf2_sha512_hex": hasher(
            "pbkdf2_sha512_hex$iterations$salt-in-hex$hash-in-hex",
            rf"pbkdf2_sha512_hex\$(\d{{1,9}})\$({HEX})\$({HEX})",
            _pbkdf2("sha512", from_hex, from_hex),
        ),
        "scrypt_firebase": hasher(
            "hash$salt$signer-key$salt-separator (all in base64)$rounds$memory-cost",
            rf"({BASE64})\$({BASE64})\$({BASE64})\$({BASE64})\$(\d{{1,2}})\$(\d{{1,2}})",
            _read_firebase,
        ),
        "scrypt_werkzeug": hasher(
            "scrypt:n:r:p$salt$hash-in-hex",
            r"scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([^$]+)\$([0-9A-Fa-f]{128})",
            _read_werkzeug,
        ),
    }
)
