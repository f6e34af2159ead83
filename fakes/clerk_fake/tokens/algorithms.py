"""Signatures by keys that are not the instance's own, as JWT templates may have them."""

import binascii
from typing import Any, Final

import orjson

from clerk_fake.jsontypes import JsonObject
from clerk_fake.tokens.keys import base64url

__all__ = ["ALGORITHMS", "sign_with", "usable_key"]

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "HS256",
    "HS384",
    "HS512",
)
"""What a template can be signed with."""


def usable_key(algorithm: str, key: str) -> bool:
    """Tell whether ``key`` (PEM, or a shared secret for ``HS…``) can sign with ``algorithm``."""
    try:
        sign_with(algorithm, key, {})
    except (TypeError, ValueError, AttributeError, binascii.Error):
        return False
    return True


def sign_with(algorithm: str, key: str, claims: JsonObject) -> str:
    """Return the compact token for ``claims``.

    Raises:
        TypeError, ValueError, AttributeError, binascii.Error: The key is unusable.
    """
    from jwt.algorithms import get_default_algorithms  # noqa: PLC0415 - heavy, and rarely needed
    from jwt.exceptions import InvalidKeyError  # noqa: PLC0415 - the same

    signer: Any = get_default_algorithms()[algorithm]
    head = orjson.dumps({"alg": algorithm, "typ": "JWT"})
    message = base64url(head) + b"." + base64url(orjson.dumps(claims))
    try:
        signature: bytes = signer.sign(message, signer.prepare_key(key))
    except InvalidKeyError as unusable:
        raise ValueError(str(unusable)) from unusable
    return (message + b"." + base64url(signature)).decode()
