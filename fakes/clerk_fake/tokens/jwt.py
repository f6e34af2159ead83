"""JSON Web Tokens, signed RS256 with an instance's key."""

import base64
import binascii

import orjson

from clerk_fake.jsontypes import JsonObject
from clerk_fake.tokens.keys import base64url
from clerk_fake.tokens.signing_key import SigningKey

__all__ = ["read_jwt", "sign_jwt"]


def sign_jwt(claims: JsonObject, key: SigningKey, **header: object) -> str:
    """Return the compact token for ``claims``; ``header`` entries are added to the usual ones."""
    head = dict(sorted({"alg": "RS256", "kid": key.kid, "typ": "JWT", **header}.items()))
    message = base64url(orjson.dumps(head)) + b"." + base64url(orjson.dumps(claims))
    return (message + b"." + base64url(key.sign(message))).decode()


def read_jwt(token: str, key: SigningKey) -> JsonObject | None:
    """Return the claims of a token that ``key`` signed, else ``None``; times are not judged."""
    message, _, signature = token.encode().rpartition(b".")
    _, _, payload = message.partition(b".")
    try:
        if not key.verifies(_decode(signature), message):
            return None
        decoded = orjson.loads(_decode(payload))
    except (binascii.Error, orjson.JSONDecodeError, ValueError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _decode(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
