"""No request, however malformed, gets a 5xx."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clerk_fake.bapi.routes import PUBLIC_ROUTES, ROUTES

if TYPE_CHECKING:
    from conftest import InstanceInfo

IDS = st.sampled_from(
    [
        "nobody", "user_1", "..", "%00", "%ff%fe", "%2e%2e%2f", "%25%32%66", "%", " ", "", "é",
        "a" * 300, "USER", "SESSION", "EMAIL",
    ]
)  # fmt: skip
OFFERED = {
    re.sub(r"\{[^}]*\}", "{}", route.path.removeprefix("/v1"))
    for route in (*ROUTES, *PUBLIC_ROUTES)
}
ELSEWHERE = {"/nothing/{}", "/users/{}/nothing", "//users", "/users/{}/", "/"}
BAPI_PATHS = st.sampled_from(sorted(OFFERED | ELSEWHERE))
CONTROL_PATHS = st.sampled_from(
    [
        "clock", "clock/advance", "endpoints", "endpoints/{}", "messages", "messages/{}",
        "messages/{}/resend", "attempts", "deliveries", "delivery-schedule", "trigger", "tokens",
        "snapshot", "reset", "limits", "faults", "faults/{}", "signing-key",
        "signing-key/rotate",
    ]
)  # fmt: skip
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"])
NAMES = st.sampled_from(
    [
        "email_address", "phone_number", "username", "external_id", "first_name", "password",
        "password_digest", "password_hasher", "public_metadata", "created_at", "user_id",
        "user_ids", "verified", "primary", "expires_in_seconds", "token", "limit", "offset",
        "order_by", "query",
        "email_address_identification_status", "primary_email_address_id", "seconds", "now_ms",
        "frozen", "url", "event_types", "secret", "disabled", "delays_s", "timeout_s", "jitter",
        "type", "data", "session_id", "iat_offset_s", "claims", "issuer", "after", "status",
        "starting_after", "created_at_before", "version", "clock", "schedule", "state", "endpoints",
        "limits", "enabled", "environment", "users", "requests_per_10s", "kind", "delay_s", "path",
        "method", "probability", "times", "overlap_s",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "ada@example.com", "+15555550100", "2012-10-20T07:15:20Z", "9999-12-31T23:59:59-23:59",
            "-created_at", "user.created", "md5", "verified", "http://127.0.0.1:1/", "http://[",
            "USER", "latency", "server_error", "connection_reset", "jwks_rotation", "stale_reads",
            "/v1/*", "*",
        ]
    ),
)  # fmt: skip
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
BODIES = st.one_of(
    st.dictionaries(NAMES, VALUES, max_size=5), VALUES, st.binary(max_size=20), st.none()
)
QUERIES = st.dictionaries(NAMES, TEXTS, max_size=4)


@dataclass(frozen=True)
class Ask:
    """One request, however senseless."""

    method: str
    path: str
    identifier: str
    query: dict[str, str]
    body: object


relaxed = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture
def known(bapi: httpx.Client) -> dict[str, str]:
    user = bapi.post("/users", json={"email_address": ["known@example.com"]}).json()
    session = bapi.post("/sessions", json={"user_id": user["id"]}).json()
    return {"USER": user["id"], "SESSION": session["id"], "EMAIL": user["email_addresses"][0]["id"]}


@st.composite
def _asks(draw: st.DrawFn, paths: st.SearchStrategy[str]) -> Ask:
    return Ask(draw(METHODS), draw(paths), draw(IDS), draw(QUERIES), draw(BODIES))


def _send(client: httpx.Client, ask: Ask, prefix: str, known: dict[str, str]) -> httpx.Response:
    identifier = known.get(ask.identifier, ask.identifier)
    path = prefix + ask.path.replace("{}", identifier)
    if isinstance(ask.body, bytes):
        return client.request(ask.method, path, params=ask.query, content=ask.body)
    content = None if ask.body is None else json.dumps(ask.body)
    return client.request(ask.method, path, params=ask.query, content=content)


@relaxed
@given(ask=_asks(BAPI_PATHS))
def test_the_backend_api_answers_nonsense_with_4xx(
    bapi: httpx.Client, known: dict[str, str], ask: Ask
) -> None:
    response = _send(bapi, ask, "", known)

    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.json()["errors"]


@relaxed
@given(ask=_asks(CONTROL_PATHS))
def test_the_control_plane_answers_nonsense_with_4xx(
    http: httpx.Client, instance: "InstanceInfo", known: dict[str, str], ask: Ask
) -> None:
    response = _send(http, ask, f"/__fake__/instances/{instance.instance_id}/", known)

    assert response.status_code < 500, response.text
