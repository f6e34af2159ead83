import time

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from clerk_harness.clerk import Message
from clerk_harness.forgery import delivery_headers, forged_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type": "user.deleted", "data": {"id": "user_x"}}'
OTHER = Message("msg_other", 1, "user.created", 0, "user_y", '{"type": "user.created"}', "none")


def test_the_svix_library_accepts_what_we_sign() -> None:
    Webhook(SECRET).verify(BODY, delivery_headers(SECRET, "msg_1", BODY))


@pytest.mark.parametrize(
    "kind",
    [
        "a bad signature",
        "no signature",
        "no headers at all",
        "the signature of another message",
        "a good signature that is ten minutes old",
        "a timestamp that is not a number",
        "a signature that is not base64",
    ],
)
def test_the_svix_library_refuses_every_forgery(kind: str) -> None:
    headers = forged_headers(kind, secret=SECRET, body=BODY, other=OTHER)
    with pytest.raises((WebhookVerificationError, ValueError)):
        Webhook(SECRET).verify(BODY, headers)


def test_an_old_forgery_is_refused_for_its_age_alone() -> None:
    headers = forged_headers(
        "a good signature that is ten minutes old", secret=SECRET, body=BODY, other=OTHER
    )
    stamped_then = float(headers["svix-timestamp"])
    honest = delivery_headers(SECRET, headers["svix-id"], BODY, at=stamped_then)
    assert headers == honest
    assert time.time() - stamped_then > 300
