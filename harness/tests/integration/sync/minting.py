"""Session tokens as Clerk makes them, and ones that are a little wrong."""

import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

__all__ = ["ISSUER", "KEY_ID", "key_set", "mint_token", "new_key"]

ISSUER = "https://fake-1.clerk.accounts.dev"
KEY_ID = "ins_1"


def new_key() -> rsa.RSAPrivateKey:
    """Make a key that signs."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    """Return what Clerk publishes of it."""
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"keys": [public | {"kid": KEY_ID, "alg": "RS256", "use": "sig"}]}


def mint_token(
    signer: Any, *, algorithm: str = "RS256", kid: str | None = KEY_ID, **claims: Any
) -> str:
    """Make a token of ``user_1``; claims that are ``None`` are left out."""
    now = int(time.time())
    content = {
        "iss": ISSUER,
        "sub": "user_1",
        "sid": "sess_1",
        "azp": "https://app.example.com",
        "iat": now,
        "nbf": now - 10,
        "exp": now + 60,
        "v": 2,
    } | claims
    content = {name: value for name, value in content.items() if value is not None}
    return jwt.encode(content, signer, algorithm=algorithm, headers={"kid": kid} if kid else None)
