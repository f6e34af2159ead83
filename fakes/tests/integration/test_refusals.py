import socket

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors

WEBSOCKET_UPGRADE = (
    b"GET /v1/users HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def _codes(response: httpx.Response) -> list[str]:
    envelope = response.json()
    assert len(envelope["clerk_trace_id"]) == 32
    for error in envelope["errors"]:
        assert error["message"]
        assert error["long_message"]
    return [error["code"] for error in envelope["errors"]]


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer sk_test_wrong", "Basic abc", "Bearer sk_test_é"],
)
def test_without_a_known_secret_key_nobody_is_let_in(
    http: httpx.Client, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header.encode("latin-1")}

    response = http.get("/v1/users", headers=headers)

    assert response.status_code == 401
    assert _codes(response) == ["authentication_invalid"]


def test_the_official_client_raises_its_own_error_for_a_wrong_key(http: httpx.Client) -> None:
    with (
        Clerk(bearer_auth="sk_test_wrong", server_url=f"{http.base_url}/v1") as stranger,
        pytest.raises(ClerkErrors) as refusal,
    ):
        stranger.users.get(user_id="user_1")

    assert refusal.value.status_code == 401
    assert refusal.value.data.errors[0].code == "authentication_invalid"


def test_one_instance_does_not_see_the_users_of_another(
    http: httpx.Client, bapi: httpx.Client
) -> None:
    user = bapi.post("/users", json={"username": "mine"}).json()
    other = http.post("/__fake__/instances").json()
    headers = {"authorization": f"Bearer {other['secret_key']}"}

    assert http.get("/v1/users", headers=headers).json() == []
    assert http.get(f"/v1/users/{user['id']}", headers=headers).status_code == 404
    assert http.post("/v1/users", headers=headers, json={"username": "mine"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/users/user_nobody", 404, "resource_not_found"),
        ("GET", "/email_addresses/idn_nothing", 404, "resource_not_found"),
        ("GET", "/sessions/sess_nothing", 404, "resource_not_found"),
        ("GET", "/nothing/at/all", 404, "resource_not_found"),
        ("PUT", "/users", 405, "method_not_allowed"),
        ("GET", "/users?limit=0", 422, "form_param_value_invalid"),
        ("GET", "/users?limit=501", 422, "form_param_value_invalid"),
        ("GET", "/users?limit=ten", 422, "form_param_format_invalid"),
        ("GET", "/users?offset=-1", 422, "form_param_value_invalid"),
        ("GET", "/users?order_by=shoe_size", 422, "form_param_value_invalid"),
        ("GET", "/users?banned=perhaps", 422, "form_param_format_invalid"),
        ("GET", "/users?starting_after=user_nobody", 404, "resource_not_found"),
        ("GET", "/users?starting_after=user_1&offset=2", 422, "form_param_value_invalid"),
        ("GET", "/sessions?status=tired", 422, "form_param_value_invalid"),
    ],
)
def test_what_does_not_exist_or_makes_no_sense_is_refused(
    bapi: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    response = bapi.request(method, path)

    assert (response.status_code, _codes(response)) == (status, [code])
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "form_data_missing", None),
        ({"email_address": ["not an address"]}, "form_param_format_invalid", "email_address"),
        ({"email_address": "ada@example.com"}, "form_param_format_invalid", "email_address"),
        ({"email_address": [1]}, "form_param_format_invalid", "email_address"),
        ({"email_address": ["a@b.co", "A@b.co"]}, "form_identifier_exists", "email_address"),
        ({"phone_number": ["12345"]}, "form_param_format_invalid", "phone_number"),
        ({"username": "abc"}, "form_username_invalid_length", "username"),
        ({"username": "a b c d"}, "form_username_invalid_character", "username"),
        ({"username": "ada_l", "password": "short"}, "form_password_length_too_short", "password"),
        ({"username": "ada_l", "first_name": 1}, "form_param_format_invalid", "first_name"),
        ({"username": "ada_l", "first_name": "a\0b"}, "form_param_format_invalid", "first_name"),
        ({"username": "ada_l", "shoe_size": 43}, "form_param_unknown", "shoe_size"),
        ({"username": "ada_l", "created_at": "now"}, "form_param_format_invalid", "created_at"),
        ({"username": "ada_l", "banned": "yes"}, "form_param_format_invalid", "banned"),
        (
            {"username": "ada_l", "public_metadata": [1]},
            "form_param_format_invalid",
            "public_metadata",
        ),
        (
            {"username": "ada_l", "public_metadata": {"a": "x" * 9000}},
            "form_param_exceeds_allowed_size",
            "public_metadata",
        ),
        (
            {"username": "ada_l", "password_digest": "abc"},
            "form_conditional_param_missing",
            "password_hasher",
        ),
        (
            {"username": "ada_l", "password_hasher": "md5"},
            "form_conditional_param_missing",
            "password_digest",
        ),
        (
            {"username": "ada_l", "password": "analytical", "password_digest": "abc"},
            "form_conditional_param_disallowed",
            "password_digest",
        ),
        (
            {"username": "ada_l", "password_digest": "abc", "password_hasher": "md5"},
            "form_password_digest_invalid_code",
            "password_digest",
        ),
        ({"username": "ada_l", "password": "password1"}, "form_password_pwned", "password"),
        ({"username": "ada_l", "totp_secret": "1!"}, "invalid_totp_secret_code", "totp_secret"),
        (
            {"username": "ada_l", "backup_codes": ["a", "a"]},
            "form_param_duplicate",
            "backup_codes",
        ),
        ({"username": "ada_l", "locale": "en_GB"}, "form_param_format_invalid", "locale"),
        ({"username": "+15555550100"}, "form_username_cannot_be_phone_number", "username"),
        ({"username": "12345"}, "form_username_needs_non_number_char", "username"),
        ({"web3_wallet": ["0x1"]}, "form_param_format_invalid", "web3_wallet"),
        (
            {"email_address": ["a@b.cc"], "email_address_identification_status": ["reserved"] * 2},
            "form_param_array_length_mismatch",
            "email_address_identification_status",
        ),
        (
            {"username": "ada_l", "password_digest": "abc", "password_hasher": "rot13"},
            "form_param_value_invalid",
            "password_hasher",
        ),
    ],
)
def test_a_user_that_breaks_a_rule_is_refused_and_nothing_happens(
    bapi: httpx.Client, control: httpx.Client, body: dict[str, object], code: str, param: str | None
) -> None:
    response = bapi.post("/users", json=body)

    assert response.status_code == 422
    assert _codes(response) == [code]
    if param is not None:
        assert response.json()["errors"][0]["meta"] == {"param_name": param}
    assert bapi.get("/users/count").json()["total_count"] == 0
    assert control.get("/messages").json()["data"] == []


@pytest.mark.parametrize(
    "taken",
    [
        {"email_address": ["ADA@example.com"]},
        {"username": "Ada_L"},
        {"phone_number": ["+1 (555) 555-0100"]},
        {"external_id": "e1", "username": "else"},
    ],
)
def test_an_identifier_belongs_to_one_user_only(clerk: Clerk, taken: dict[str, object]) -> None:
    clerk.users.create(
        email_address=["ada@example.com"],
        username="ada_l",
        phone_number=["+15555550100"],
        external_id="e1",
    )

    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.create(**taken)

    assert refusal.value.status_code == 422
    (error,) = refusal.value.data.errors
    assert error.code == "form_identifier_exists"
    assert error.meta == {"param_name": next(iter(taken))}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 2000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    bapi: httpx.Client, body: bytes, status: int
) -> None:
    assert bapi.post("/users", content=body).status_code == status


def test_json_too_deep_to_be_written_again_is_refused(bapi: httpx.Client) -> None:
    deep = '{"username":"ada_l","public_metadata":' + '{"a":' * 300 + "1" + "}" * 301

    response = bapi.post("/users", content=deep)

    assert response.status_code == 422


def test_a_body_over_the_limit_is_refused_unread(bapi: httpx.Client) -> None:
    response = bapi.post("/users", content=b" " * 1_000_001)

    assert response.status_code == 413
    assert _codes(response) == ["request_body_too_large"]
    chunked = bapi.post("/users", content=(b" " * 100_000 for _ in range(11)))
    assert chunked.status_code == 413
    assert bapi.get("/users").status_code == 200


def test_the_dated_version_decides_whether_an_update_takes_metadata(bapi: httpx.Client) -> None:
    user = bapi.post("/users", json={"username": "ada_l", "public_metadata": {"a": 1}}).json()
    change = {"public_metadata": {"b": 2}}
    path = f"/users/{user['id']}"

    old = bapi.patch(path, json=change, headers={"clerk-api-version": "2025-11-10"})
    new = bapi.patch(path, json=change, headers={"clerk-api-version": "2026-05-12"})

    assert old.json()["public_metadata"] == {"b": 2}
    assert (new.status_code, _codes(new)) == (422, ["form_param_unknown"])


@pytest.mark.parametrize(
    "raw",
    [
        WEBSOCKET_UPGRADE,
        b"GET /v1/\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/%ff%00%zz HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET http://elsewhere.example/v1/users HTTP/1.1\r\nhost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /v1/users HTTP/1.1\r\nhost: x\r\ncontent-length: nine\r\n\r\n",
        b"POST /v1/users HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"BREW /v1/users HTTP/1.1\r\nhost: x\r\n\r\n",
        b"HEAD /v1/users HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
def test_requests_that_no_client_would_send_get_4xx_or_no_answer(
    http: httpx.Client, raw: bytes
) -> None:
    with socket.create_connection((http.base_url.host, http.base_url.port or 80), 5) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert http.get("/__fake__/health").status_code == 200
