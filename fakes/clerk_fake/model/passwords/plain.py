"""Digests of plain hash functions, salted or not."""

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from clerk_fake.model.passwords.hashers import Matcher, from_base64, from_hex, hasher, same

if TYPE_CHECKING:
    import re

__all__ = ["HASHERS"]

SHA1_SIZE: Final = 20
MOST_SYMFONY_ROUNDS: Final = 100_000


def _md5(password: bytes) -> bytes:
    return hashlib.md5(password, usedforsecurity=False).digest()


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _read_md5(found: "re.Match[str]") -> Matcher:
    return same(from_hex(found[0]), _md5)


def _read_sha256(found: "re.Match[str]") -> Matcher:
    return same(from_hex(found[0]), lambda password: hashlib.sha256(password).digest())


def _read_ssha(found: "re.Match[str]") -> Matcher | None:
    decoded = from_base64(found[1])
    expected, salt = decoded[:SHA1_SIZE], decoded[SHA1_SIZE:]
    if not salt:
        return None
    return same(expected, lambda password: _sha1(password + salt))


def _read_symfony(found: "re.Match[str]") -> Matcher | None:
    rounds, salt = int(found[1]), found[2].encode()
    expected = from_base64(found[3])
    if not 0 < rounds <= MOST_SYMFONY_ROUNDS:
        return None

    def made(password: bytes) -> bytes:
        salted = password + b"{" + salt + b"}" if salt else password
        digest = hashlib.sha512(salted).digest()
        for _ in range(1, rounds):
            digest = hashlib.sha512(digest + salted).digest()
        return digest

    return same(expected, made)


HASHERS: Final = MappingProxyType(
    {
        "md5": hasher("32 hexadecimal digits", r"[0-9A-Fa-f]{32}", _read_md5),
        "sha256": hasher("64 hexadecimal digits", r"[0-9A-Fa-f]{64}", _read_sha256),
        "ldap_ssha": hasher("{SSHA} and base64", r"\{SSHA\}([A-Za-z0-9+/=]+)", _read_ssha),
        "sha512_symfony": hasher(
            "sha512_symfony$iterations$salt$hash-in-base64",
            r"sha512_symfony\$(\d{1,9})\$([^$]*)\$([A-Za-z0-9+/=]{86,88})",
            _read_symfony,
        ),
    }
)
