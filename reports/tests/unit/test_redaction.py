from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_report.redaction import redact

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
secret = st.text(ALPHABET, min_size=8, max_size=60).map(lambda tail: f"Zq9{tail}")


@given(
    secret,
    st.sampled_from(
        [
            "whsec_{}",
            "sk_test_{}",
            "sk_live_{}",
            "(sk_{})",
            "Authorization: Bearer {}",
            "authorization: bearer  {}, next",
            "Bearer\n{}",
            "postgresql://clerk:{}@127.0.0.1:5432/db",
            "redis://:{}@127.0.0.1:6379/0",
            "CLERK_WEBHOOK_SIGNING_SECRET={} python -m clerk_sync",
            "--operator-token {} --port 1",
            "--operator-token={}",
            "?api_key={}&x=1",
            "eyJhbGciOiJSUzI1NiJ9.{}.sig-nature_",
        ]
    ),
)
def test_no_secret_survives(value: str, phrase: str) -> None:
    shown = redact(f"before {phrase.format(value)} after")
    assert value not in shown
    assert "[redacted]" in shown
    assert shown.startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "a Bearer token is refused",
        "sent with an expired bearer token.",
        "risk_assessment and disk_usage",
        "whsec and sk are prefixes",
        "http://127.0.0.1:8123/webhooks/clerk",
        "user_2NNEqL2nrIRdJ194ndJqAHwEfxC",
        "a tampered, a wrong-key and an unsigned token: 401",
    ],
)
def test_prose_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_redacting_twice_changes_nothing() -> None:
    once = redact("Bearer abcdef1 whsec_abc= sk_test_1 --token x TOKEN=y redis://:p@h")
    assert redact(once) == once


def test_half_characters_can_be_encoded_afterwards() -> None:
    assert redact("broken \udcff output").encode() == b"broken ? output"


def test_a_long_text_without_secrets_is_read_quickly() -> None:
    text = "-" * 30_000 + " " + "a." * 15_000
    started = process_time()
    assert redact(text) == text
    assert process_time() - started < 2
