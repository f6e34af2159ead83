import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from svix.webhooks import Webhook, WebhookVerificationError

from clerk_fake.webhooks.signing import (
    HeaderNames,
    SigningSecret,
    signed_headers,
    signing_key,
)

KEYS = st.binary(min_size=24, max_size=64)
IDS = st.text("abcdefXYZ0123456789_-", min_size=1, max_size=40)
BODIES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NAMES = st.sampled_from(["svix", "webhook"])
PARTS = st.sampled_from(["id", "timestamp", "body", "key"])

PUBLISHED_KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLISHED_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
PUBLISHED_BODY = b'{"test": 2432232314}'


@settings(max_examples=10_000)
@given(
    key=KEYS,
    message_id=IDS,
    body=BODIES,
    names=NAMES,
    age_s=st.integers(-200, 200),
    changed=PARTS,
    at=st.integers(0),
)
def test_both_libraries_agree_on_every_message_and_on_every_change_of_one(  # noqa: PLR0913 - drawn
    *,
    key: bytes,
    message_id: str,
    body: str,
    names: HeaderNames,
    age_s: int,
    changed: str,
    at: int,
) -> None:
    ours = SigningSecret.of_bytes(key)
    theirs = Webhook(ours.text)
    signed_at = int(datetime.now(UTC).timestamp()) - age_s

    headers = signed_headers([ours], message_id, signed_at, body.encode(), names=names)

    moment = datetime.fromtimestamp(signed_at, UTC)
    assert headers[f"{names}-signature"] == theirs.sign(message_id, moment, body)
    theirs.verify(body.encode(), headers)

    receiver = theirs
    if changed == "id":
        headers[f"{names}-id"] = _changed(message_id, at)
    elif changed == "timestamp":
        headers[f"{names}-timestamp"] = str(signed_at + (1 if at % 2 else -1))
    elif changed == "body":
        body = _changed(body, at)
    else:
        receiver = Webhook(SigningSecret.of_bytes(_other_key(key, at)).text)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body.encode(), headers)


def _changed(text: str, at: int) -> str:
    """Change one letter."""
    if not text:
        return " "
    spot = at % len(text)
    return text[:spot] + chr(ord(text[spot]) ^ 1) + text[spot + 1 :]


def _other_key(key: bytes, at: int) -> bytes:
    """Change one bit."""
    spot, bit = at % len(key), 1 << (at % 8)
    return key[:spot] + bytes([key[spot] ^ bit]) + key[spot + 1 :]


def test_the_signature_is_the_one_that_standard_webhooks_publishes() -> None:
    for text in (PUBLISHED_KEY, f"whsec_{PUBLISHED_KEY}"):
        headers = signed_headers([signing_key(text)], PUBLISHED_ID, 1614265330, PUBLISHED_BODY)

        assert headers == {
            "svix-id": PUBLISHED_ID,
            "svix-timestamp": "1614265330",
            "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }


def test_the_headers_can_have_the_names_of_standard_webhooks() -> None:
    key = signing_key(PUBLISHED_KEY)

    headers = signed_headers([key], PUBLISHED_ID, 1614265330, PUBLISHED_BODY, names="webhook")

    assert list(headers) == ["webhook-id", "webhook-timestamp", "webhook-signature"]


def test_a_key_without_its_prefix_is_the_same_key_and_gets_it_back() -> None:
    assert signing_key(PUBLISHED_KEY).text == f"whsec_{PUBLISHED_KEY}"
    assert signing_key(PUBLISHED_KEY).public_text == f"whsec_{PUBLISHED_KEY}"


def test_a_key_is_parsed_once() -> None:
    assert signing_key(PUBLISHED_KEY) is signing_key(PUBLISHED_KEY)


@pytest.mark.parametrize("length", [24, 64])
def test_the_shortest_and_the_longest_key_are_taken(length: int) -> None:
    assert signing_key(f"whsec_{base64.b64encode(b'k' * length).decode()}").sign("msg_1", 1, b"")


NO_SECRETS = {
    "nothing": "",
    "another prefix": "sk_test_x",
    "a misspelled prefix": f"hwsec_{PUBLISHED_KEY}",
    "nothing after the prefix": "whsec_",
    "no base64": "whsec_***",
    "a missing letter": f"whsec_{PUBLISHED_KEY[:-1]}",
    "missing padding": "whsec_" + base64.b64encode(b"k" * 25).decode().rstrip("="),
    "stray bits in the last letter": "whsec_" + base64.b64encode(b"k" * 25).decode()[:-3] + "x==",
    "too short": "whsec_" + base64.b64encode(b"x" * 23).decode(),
    "too long": "whsec_" + base64.b64encode(b"x" * 65).decode(),
    "no ASCII": "whsec_ключ",
}


@pytest.mark.parametrize("text", NO_SECRETS.values(), ids=NO_SECRETS.keys())
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"whsec_|24 to 64"):
        SigningSecret(text)
    with pytest.raises(ValueError, match=r"whsec_|24 to 64"):
        signing_key(text)


def test_a_secret_of_an_instance_has_its_prefix() -> None:
    with pytest.raises(ValueError, match="starts with 'whsec_'"):
        SigningSecret(PUBLISHED_KEY)
