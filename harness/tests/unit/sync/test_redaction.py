"""No secret is seen, in whatever form a library shows it."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_sync.redaction import MARK, Redactor

SECRET = 'p@ss/w?rd "ünïcode" \\ 1+1=2'

# The mark itself is no secret; Hypothesis knows it from our sources.
_SECRETS = st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=10, max_size=40
).filter(lambda secret: secret not in MARK)


def forms(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "plain": secret,
        "in a URL": quote(secret, safe=""),
        "in a path": quote(secret),
        "in a form": quote_plus(secret),
        "base64": base64.b64encode(raw).decode(),
        "base64 for URLs": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "JSON": json.dumps(secret, ensure_ascii=False)[1:-1],
        "repr": repr(secret)[1:-1],
    }


@pytest.mark.parametrize("form", forms(SECRET))
def test_a_secret_is_blotted_out_in_every_form(form: str) -> None:
    shown = forms(SECRET)[form]
    assert Redactor([SECRET]).redact(f"before {shown} after") == "before [redacted] after"


@given(_SECRETS)
def test_no_form_of_any_secret_is_left(secret: str) -> None:
    redactor = Redactor([secret])
    for shown in forms(secret).values():
        assert shown not in redactor.redact(f"<{shown}>")


def test_a_signing_secret_is_blotted_out_without_its_prefix_too() -> None:
    redacted = Redactor(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).redact(
        "key MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw of"
    )
    assert redacted == "key [redacted] of"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Bearer sk_live_AbCdEfGh12345678 x", "Bearer [redacted] x"),
        ("Bearer sk_test_AbCdEfGh12345678", "Bearer [redacted]"),
        ('"whsec_AbCdEfGh12345678+/="', '"[redacted]"'),
        ("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln ends", "token [redacted] ends"),
        ("postgresql://user:passw0rd@db/app", "postgresql://[redacted]@db/app"),
        ("redis://:passw0rd@127.0.0.1:6379/0", "redis://[redacted]@127.0.0.1:6379/0"),
        ("https://clerk.example.com:443/v1 a@b", "https://clerk.example.com:443/v1 a@b"),
        ("user_2xAbC msg_2xAbC org_2xAbC", "user_2xAbC msg_2xAbC org_2xAbC"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out_though_it_is_not_ours(
    text: str, left: str
) -> None:
    assert Redactor([]).redact(text) == left


def test_values_that_are_too_short_to_be_secrets_are_left() -> None:
    assert Redactor(["op", ""]).redact("operation") == "operation"
