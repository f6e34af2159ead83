"""Signatures of messages: keys of both kinds, their rotation, and the headers that carry them.

Scheme: https://docs.svix.com/receiving/verifying-payloads/how-manual and Standard Webhooks.
"""

from clerk_fake.webhooks.signing.asymmetric import SigningPair
from clerk_fake.webhooks.signing.headers import HeaderNames, signed_headers
from clerk_fake.webhooks.signing.keys import SigningKey, signing_key
from clerk_fake.webhooks.signing.rotation import (
    DEFAULT_GRACE_MS,
    MAX_GRACE_MS,
    MAX_OLD_SECRETS,
    OldSecret,
    Rotation,
    rotated,
    signing_keys,
)
from clerk_fake.webhooks.signing.symmetric import SECRET_PREFIX, SigningSecret, new_secret

__all__ = [
    "DEFAULT_GRACE_MS",
    "MAX_GRACE_MS",
    "MAX_OLD_SECRETS",
    "SECRET_PREFIX",
    "HeaderNames",
    "OldSecret",
    "Rotation",
    "SigningKey",
    "SigningPair",
    "SigningSecret",
    "new_secret",
    "rotated",
    "signed_headers",
    "signing_key",
    "signing_keys",
]
