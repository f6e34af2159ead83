"""``GET /users/me``: only genuine, current tokens of living users get in."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from minting import KEY_ID, key_set, mint_token, new_key

from clerk_sync.config import Settings

pytestmark = pytest.mark.asyncio

OPERATOR = {"Authorization": "Bearer operator-token"}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return new_key()


@pytest.fixture(scope="module")
def stranger_key() -> rsa.RSAPrivateKey:
    return new_key()


@pytest.fixture(autouse=True)
def _published(clerk_double: Any, key: rsa.RSAPrivateKey) -> None:
    clerk_double.jwks = key_set(key)


Mint = Callable[..., str]


@pytest.fixture
def mint(key: rsa.RSAPrivateKey) -> Mint:
    def minted(signer: Any = key, **how: Any) -> str:
        return mint_token(signer, **how)

    return minted


async def ask(service: Any, token: str | None) -> tuple[int, str]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = await service.http.get("/users/me", headers=headers)
    body = answer.json()
    return answer.status_code, body["clerk_id"] if "clerk_id" in body else body["error"]["code"]


async def test_a_genuine_token_of_a_synced_user_is_let_in(service: Any, mint: Mint) -> None:
    await service.process("user.created", private_metadata={"risk": 9})
    assert await ask(service, mint()) == (200, "user_1")
    answer = await service.http.get("/users/me", headers={"Authorization": f"Bearer {mint()}"})
    assert "private_metadata" not in answer.json()


async def test_a_genuine_token_of_a_user_whom_nobody_knows_is_401(service: Any, mint: Mint) -> None:
    assert await ask(service, mint()) == (401, "user_unknown")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": int(time.time()) - 6}, "expired"),
        ({"nbf": int(time.time()) + 3600}, "not_yet_valid"),
        ({"iss": "https://evil.example.com"}, "wrong_issuer"),
        ({"iss": None}, "missing_claim"),
        ({"exp": None}, "missing_claim"),
        ({"sub": None}, "missing_claim"),
        ({"sts": "pending"}, "session_pending"),
        ({"sts": "anything else"}, "session_pending"),
        ({"sub": ""}, "malformed"),
        ({"iat": int(time.time()) + 3600}, "not_yet_valid"),
        ({"kid": "ins_unknown"}, "unknown_key"),
        ({"kid": None}, "unknown_key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
async def test_a_token_with_a_wrong_claim_is_401(
    service: Any, mint: Mint, claims: dict[str, Any], code: str
) -> None:
    await service.process("user.created")
    assert await ask(service, mint(**claims)) == (401, code)


async def test_a_clock_that_is_a_little_off_is_forgiven(service: Any, mint: Mint) -> None:
    await service.process("user.created")
    now = int(time.time())
    assert await ask(service, mint(exp=now - 2)) == (200, "user_1")
    assert await ask(service, mint(nbf=now + 3, iat=now + 3)) == (200, "user_1")


async def test_how_far_clocks_may_differ_is_an_option(
    settings: Settings, open_service: Any, mint: Mint
) -> None:
    async with open_service(replace(settings, clock_skew_s=30.0)) as service:
        await service.process("user.created")
        now = int(time.time())
        assert await ask(service, mint(exp=now - 20)) == (200, "user_1")
        assert await ask(service, mint(exp=now - 40)) == (401, "expired")


@pytest.mark.parametrize(
    "claims",
    [
        {"v": 2, "o": {"id": "org_1", "rol": "admin", "slg": "engines"}},
        {"v": None, "org_id": "org_1", "org_role": "org:admin", "org_slug": "engines"},
    ],
    ids=["version 2", "version 1"],
)
async def test_both_forms_of_tokens_say_for_which_organization(
    service: Any, mint: Mint, claims: dict[str, Any]
) -> None:
    await service.process("user.created")
    headers = {"Authorization": f"Bearer {mint(**claims)}"}
    answer = (await service.http.get("/users/me", headers=headers)).json()
    assert answer["session"] == {
        "id": "sess_1",
        "organization_id": "org_1",
        "organization_role": "org:admin",
    }


async def test_a_token_signed_by_a_stranger_is_401(
    service: Any, mint: Mint, stranger_key: rsa.RSAPrivateKey
) -> None:
    await service.process("user.created")
    assert await ask(service, mint(stranger_key)) == (401, "bad_signature")


async def test_a_tampered_token_is_401(service: Any, mint: Mint) -> None:
    await service.process("user.created")
    head, body, signature = mint(sub="user_2").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = json.dumps(claims | {"sub": "user_1"}).encode()
    body = base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
    assert await ask(service, f"{head}.{body}.{signature}") == (401, "bad_signature")


def _part(document: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=")


async def test_an_unsigned_token_is_401(service: Any, mint: Mint) -> None:
    await service.process("user.created")
    body = mint().split(".")[1]
    head = _part({"alg": "none", "typ": "JWT", "kid": KEY_ID}).decode()
    for signature in ("", mint().split(".")[2]):
        assert await ask(service, f"{head}.{body}.{signature}") == (401, "wrong_algorithm")


async def test_a_token_hmac_signed_with_the_public_key_is_401(
    service: Any, mint: Mint, key: rsa.RSAPrivateKey
) -> None:
    await service.process("user.created")
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = (
        _part({"alg": "HS256", "typ": "JWT", "kid": KEY_ID}) + b"." + mint().split(".")[1].encode()
    )
    mac = base64.urlsafe_b64encode(hmac.new(pem, signed, hashlib.sha256).digest()).rstrip(b"=")
    assert await ask(service, (signed + b"." + mac).decode()) == (401, "wrong_algorithm")


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "....", "é.é.é", "e30.e30.e30"])
async def test_a_missing_or_malformed_token_is_401(service: Any, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
    answer = await service.http.get("/users/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_still_valid_token_of_a_deleted_user_is_refused(service: Any, mint: Mint) -> None:
    await service.process("user.created")
    await service.process("user.deleted")
    assert await ask(service, mint()) == (403, "user_deleted")


async def test_a_still_valid_token_of_a_banned_user_is_refused(service: Any, mint: Mint) -> None:
    await service.process("user.created", banned=True)
    assert await ask(service, mint()) == (403, "user_banned")


@pytest.mark.parametrize("kind", ["session.ended", "session.removed", "session.revoked"])
async def test_a_still_valid_token_of_a_closed_session_is_refused(
    service: Any, mint: Mint, kind: str
) -> None:
    await service.process("user.created")
    await service.process(kind, "sess_1", user_id="user_1")
    await service.process("session.created", "sess_1", user_id="user_1")
    assert await ask(service, mint()) == (403, "session_revoked")
    assert await ask(service, mint(sid="sess_2")) == (200, "user_1")


async def test_only_authorized_parties_are_let_in_when_they_are_named(
    settings: Settings, open_service: Any, mint: Mint
) -> None:
    strict = replace(settings, authorized_parties=("https://app.example.com",))
    async with open_service(strict) as service:
        await service.process("user.created")
        assert await ask(service, mint()) == (200, "user_1")
        for azp in ("https://evil.example.com", None):
            assert await ask(service, mint(azp=azp)) == (401, "wrong_party")


async def test_keys_are_fetched_once_and_kept_while_clerk_is_down(
    service: Any, mint: Mint, clerk_double: Any
) -> None:
    await service.process("user.created")
    for _ in range(5):
        assert await ask(service, mint()) == (200, "user_1")
    clerk_double.jwks = None
    for _ in range(5):
        assert await ask(service, mint(kid="ins_unknown")) == (401, "unknown_key")
    assert await ask(service, mint()) == (200, "user_1")
    # Once ahead of the first token, once for the sake of the unknown ids.
    assert clerk_double.keys_asked == 2


async def test_without_any_key_the_answer_is_503_and_no_user_is_refused(
    service: Any, mint: Mint, clerk_double: Any
) -> None:
    clerk_double.jwks = None
    assert await ask(service, mint()) == (503, "clerk_unavailable")


@pytest.mark.parametrize("path", ["/users", "/inbox", "/inbox/msg_1", "/effects"])
async def test_operator_endpoints_take_only_the_operators_token(
    service: Any, mint: Mint, path: str
) -> None:
    for headers in (
        {},
        {"Authorization": f"Bearer {mint()}"},
        {"Authorization": "Bearer é".encode()},
    ):
        assert (await service.http.get(path, headers=headers)).status_code == 401
    assert (await service.http.get(path, headers=OPERATOR)).status_code in {200, 404}


@pytest.mark.parametrize("path", ["/users", "/inbox", "/effects"])
async def test_without_an_operator_token_operator_endpoints_are_closed(
    settings: Settings, open_service: Any, path: str
) -> None:
    async with open_service(replace(settings, operator_tokens=())) as service:
        for headers in ({}, OPERATOR, {"Authorization": "Bearer "}):
            answer = await service.http.get(path, headers=headers)
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "operator_token_unset"
