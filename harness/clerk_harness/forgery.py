"""Session tokens and webhook deliveries that no service must accept."""

import base64
import time
from collections.abc import Callable, Mapping

from clerk_fake.webhooks.signing import SigningSecret, signed_headers
from clerk_harness.clerk import ClerkInstance, Message

__all__ = ["FORGED_TOKENS", "delivery_headers", "forged_headers"]

_TEN_MINUTES_S = 600


def _expired(clerk: ClerkInstance, session_id: str) -> str:
    return clerk.sessions.odd_token(session_id, iat_offset_s=-3600, expires_in_s=60)


def _tampered(clerk: ClerkInstance, session_id: str) -> str:
    """Another user's id under a signature that was made for this one's."""
    import jwt  # noqa: PLC0415 - heavy, and few scenarios forge

    head, _, signature = clerk.sessions.token(session_id).split(".")
    claims = jwt.decode(f"{head}.{_}.{signature}", options={"verify_signature": False})
    body = jwt.encode({**claims, "iat": claims["iat"] - 1}, "irrelevant-key-of-sufficient-length")
    return f"{head}.{body.split('.')[1]}.{signature}"


def _of_another_key(clerk: ClerkInstance, session_id: str) -> str:
    """The right claims and key id, signed by a key that is not Clerk's."""
    import jwt  # noqa: PLC0415 - heavy, and few scenarios forge
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - the same

    token = clerk.sessions.token(session_id)
    claims = jwt.decode(token, options={"verify_signature": False})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    headers = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode(claims, key, algorithm="RS256", headers=headers)


def _of_another_issuer(clerk: ClerkInstance, session_id: str) -> str:
    return clerk.sessions.odd_token(session_id, issuer="https://evil.clerk.accounts.dev")


def _unsigned(clerk: ClerkInstance, session_id: str) -> str:
    import jwt  # noqa: PLC0415 - heavy, and few scenarios forge

    claims = jwt.decode(clerk.sessions.token(session_id), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none")


FORGED_TOKENS: Mapping[str, Callable[[ClerkInstance, str], str | None]] = {
    "an expired token": _expired,
    "a tampered token": _tampered,
    "a token signed by another key": _of_another_key,
    "a token of another issuer": _of_another_issuer,
    "an unsigned token": _unsigned,
    "no token at all": lambda _clerk, _session_id: None,
}


def delivery_headers(
    secret: str, message_id: str, body: bytes, *, at: float | None = None
) -> dict[str, str]:
    """Headers as Svix would send them.

    Args:
        secret: ``whsec_…``.
        message_id: The ``svix-id``.
        body: Raw body.
        at: Unix seconds of the signature; now when left out.
    """
    timestamp = int(time.time() if at is None else at)
    return signed_headers([SigningSecret(secret)], message_id, timestamp, body)


def forged_headers(kind: str, *, secret: str, body: bytes, other: Message) -> dict[str, str]:
    """Headers that must be refused.

    Args:
        kind: As the security feature words it.
        secret: The endpoint's real secret, for forgeries that need a genuine part.
        body: What is sent.
        other: A genuine message with another body.
    """
    good = delivery_headers(secret, "msg_forged0000000000000000000", body)
    wrong_key = "whsec_" + base64.b64encode(b"not the secret of this instance!").decode()
    forged: Mapping[str, Callable[[], dict[str, str]]] = {
        "a bad signature": lambda: delivery_headers(wrong_key, good["svix-id"], body),
        "no signature": lambda: {k: v for k, v in good.items() if k != "svix-signature"},
        "no headers at all": dict,
        "the signature of another message": lambda: delivery_headers(
            secret, other.id, other.payload.encode()
        ),
        "a good signature that is ten minutes old": lambda: delivery_headers(
            secret, good["svix-id"], body, at=time.time() - _TEN_MINUTES_S
        ),
        "a timestamp that is not a number": lambda: {**good, "svix-timestamp": "yesterday"},
        "a signature that is not base64": lambda: {**good, "svix-signature": "v1,%%%"},
    }
    return forged[kind]()
