import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from svix.webhooks import Webhook, WebhookVerificationError

from clerk_fake.webhooks.signing import SigningSecret, signed_headers

NOW = int(datetime.now(UTC).timestamp())
KEYS = st.binary(min_size=24, max_size=64)
IDS = st.text("abcdefXYZ0123456789_-", min_size=1, max_size=40)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
).map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


@settings(max_examples=300, deadline=None)
@given(key=KEYS, message_id=IDS, body=BODIES, age_s=st.integers(-200, 200))
def test_svix_accepts_every_signature_and_no_tampered_body(
    key: bytes, message_id: str, body: bytes, age_s: int
) -> None:
    secret = SigningSecret.of_bytes(key)
    receiver = Webhook(secret.text)

    now = int(datetime.now(UTC).timestamp())  # not NOW: the whole run may take minutes
    headers = signed_headers(secret, message_id, now - age_s, body)

    receiver.verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body, {**headers, "svix-id": message_id + "x"})


@settings(max_examples=100, deadline=None)
@given(key=KEYS, message_id=IDS, body=BODIES)
def test_both_libraries_write_the_same_signature(key: bytes, message_id: str, body: bytes) -> None:
    secret = SigningSecret.of_bytes(key)

    theirs = Webhook(secret.text).sign(message_id, datetime.fromtimestamp(NOW, UTC), body.decode())

    assert secret.sign(message_id, NOW, body) == theirs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sk_test_x",
        "whsec_",
        "whsec_***",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ],
)
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"whsec_|24 to 64"):
        SigningSecret(text)
