from collections.abc import Callable
from typing import Any, TypeAlias

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk
from conftest import InstanceInfo
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

NOW_S = 1_700_000_000

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Mint: TypeAlias = Callable[..., tuple[dict[str, Any], dict[str, Any]]]


@pytest.fixture
def mint(clerk: Clerk, bapi: httpx.Client, control: httpx.Client, instance: InstanceInfo) -> Mint:
    """Return header and claims of a token made from a template with these claims."""
    control.put("/clock", json={"now_ms": NOW_S * 1000, "frozen": True})
    user = clerk.users.create(
        email_address=["maria@example.com"],
        first_name="Maria",
        last_name="Doe",
        public_metadata={"profile": {"interests": ["reading", "climbing"]}},
        unsafe_metadata={"foo": {"bar": 42}},
        private_metadata={"secret": 1},
    )
    session = clerk.sessions.create(request={"user_id": user.id})

    def minted(claims: dict[str, Any], key: str | None = None, **fields: Any) -> Any:
        body = {"name": "template", "claims": claims, **fields}
        bapi.post("/jwt_templates", json=body).raise_for_status()
        answer = bapi.post(f"/sessions/{session.id}/tokens/template").raise_for_status().json()
        token = answer["jwt"]
        read = jwt.decode(
            token,
            key or instance.public_key_pem,
            algorithms=[fields.get("signing_algorithm", "RS256")],
            options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
        )
        return jwt.get_unverified_header(token), read

    return minted


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def pem_of(key: PrivateKey) -> tuple[str, str]:
    """Return the private and the public half."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def test_the_claims_are_rendered_and_the_default_ones_added(
    mint: Mint, instance: InstanceInfo
) -> None:
    header, claims = mint(
        {
            "aud": "https://my-site.com",
            "version": 1,
            "foo": {"bar": [1, 2, 3]},
            "user_id": "{{user.id}}",
            "full_name": "{{user.full_name}}",
            "greeting": "Hello {{user.first_name}}!",
            "email": "{{user.primary_email_address}}",
            "verified": "{{user.email_verified}}",
            "phone": "{{user.primary_phone_number}}",
            "since": "{{user.created_at}}",
            "likes_to_do": "{{user.public_metadata.profile.interests}}",
            "unsafe_meta": "{{user.unsafe_metadata}}",
            "secret": "{{user.private_metadata.secret}}",
            "session": "{{session.id}}",
            "nothing": "{{user.i_dont_exist || 'fallback'}}",
            "act": "{{session.actor}}",
        }
    )

    assert (header["kid"], header["alg"]) == (instance.instance_id, "RS256")
    session_id, token_id, user_id = claims.pop("session"), claims.pop("jti"), claims["sub"]
    assert session_id.startswith("sess_")
    assert len(token_id) == 20
    assert claims == {
        "aud": "https://my-site.com",
        "version": 1,
        "foo": {"bar": [1, 2, 3]},
        "user_id": user_id,
        "full_name": "Maria Doe",
        "greeting": "Hello Maria!",
        "email": "maria@example.com",
        "verified": True,
        "phone": None,
        "since": NOW_S,
        "likes_to_do": ["reading", "climbing"],
        "unsafe_meta": {"foo": {"bar": 42}},
        "secret": None,
        "nothing": "fallback",
        "act": None,
        "exp": NOW_S + 60,
        "iat": NOW_S,
        "iss": instance.issuer,
        "nbf": NOW_S - 5,
        "sub": user_id,
    }


def test_lifetime_and_clock_skew_are_those_of_the_template(mint: Mint) -> None:
    _, claims = mint({}, lifetime=300, allowed_clock_skew=0)

    assert (claims["exp"], claims["nbf"]) == (NOW_S + 300, NOW_S)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_shared_secret_signs(mint: Mint, algorithm: str) -> None:
    secret = "s" * 64
    header, claims = mint(
        {"a": 1}, secret, custom_signing_key=True, signing_algorithm=algorithm, signing_key=secret
    )

    assert (header["alg"], claims["a"]) == (algorithm, 1)


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "ES256", "ES384"])
def test_a_private_key_of_ones_own_signs(mint: Mint, algorithm: str) -> None:
    curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}
    key: PrivateKey
    if algorithm in curves:
        key = ec.generate_private_key(curves[algorithm])
    else:
        key = rsa.generate_private_key(65537, 2048)
    private, public = pem_of(key)

    _, claims = mint(
        {"a": 1}, public, custom_signing_key=True, signing_algorithm=algorithm, signing_key=private
    )

    assert claims["a"] == 1


def test_the_organization_of_the_session_can_be_named(
    clerk: Clerk, bapi: httpx.Client, instance: InstanceInfo
) -> None:
    user = clerk.users.create(username="grace")
    organization = clerk.organizations.create(
        request={"name": "Acme", "created_by": user.id, "public_metadata": {"plan": "pro"}}
    )
    session = bapi.post(
        "/sessions", json={"user_id": user.id, "active_organization_id": organization.id}
    ).json()
    claims = {
        "id": "{{org.id}}",
        "name": "{{org.name}}",
        "slug": "{{org.slug}}",
        "role": "{{org.role}}",
        "plan": "{{org.public_metadata.plan}}",
        "member": "{{org_membership.public_metadata}}",
        "all": "{{user.organizations}}",
    }
    bapi.post("/jwt_templates", json={"name": "org", "claims": claims}).raise_for_status()

    token = bapi.post(f"/sessions/{session['id']}/tokens/org").json()["jwt"]

    read = jwt.decode(token, instance.public_key_pem, algorithms=["RS256"])
    assert {name: read[name] for name in claims} == {
        "id": organization.id,
        "name": "Acme",
        "slug": organization.slug,
        "role": "org:admin",
        "plan": "pro",
        "member": {},
        "all": {organization.id: "org:admin"},
    }


def test_a_template_is_changed_listed_and_deleted(bapi: httpx.Client, clerk: Clerk) -> None:
    first = bapi.post("/jwt_templates", json={"name": "a", "claims": {}}).json()
    second = bapi.post(
        "/jwt_templates",
        json={
            "name": "b",
            "claims": {"x": "{{user.id}}"},
            "custom_signing_key": True,
            "signing_algorithm": "HS256",
            "signing_key": "s" * 32,
        },
    ).json()

    assert second["custom_signing_key"]
    assert "signing_key" not in second
    assert [each.id for each in clerk.jwt_templates.list()] == [second["id"], first["id"]]
    changed = bapi.patch(
        f"/jwt_templates/{second['id']}",
        json={"name": "c", "claims": {"y": 1}, "custom_signing_key": False},
    ).json()
    assert (changed["name"], changed["claims"]) == ("c", {"y": 1})
    assert (changed["custom_signing_key"], changed["signing_algorithm"]) == (False, "RS256")
    assert clerk.jwt_templates.delete(template_id=second["id"]).deleted
    assert code_of(bapi.get(f"/jwt_templates/{second['id']}")) == (404, "resource_not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"claims": {}}, 422, "form_param_missing"),
        ({"name": "x"}, 422, "form_param_missing"),
        ({"name": "taken", "claims": {}}, 422, "form_already_exists"),
        ({"name": "a b", "claims": {}}, 422, "form_param_format_invalid"),
        ({"name": "x", "claims": []}, 422, "form_param_format_invalid"),
        ({"name": "x", "claims": {"sub": "me"}}, 400, "jwt_template_reserved_claim"),
        ({"name": "x", "claims": {"sid": "me"}}, 400, "jwt_template_reserved_claim"),
        ({"name": "x", "claims": {"a": "b" * 70_000}}, 422, "form_param_exceeds_allowed_size"),
        ({"name": "x", "claims": {}, "lifetime": 29}, 422, "form_param_value_invalid"),
        ({"name": "x", "claims": {}, "allowed_clock_skew": 301}, 422, "form_param_value_invalid"),
        (
            {"name": "x", "claims": {}, "custom_signing_key": True, "signing_algorithm": "HS256"},
            422,
            "form_conditional_param_missing",
        ),
        (
            {
                "name": "x",
                "claims": {},
                "custom_signing_key": True,
                "signing_algorithm": "none",
                "signing_key": "k",
            },
            422,
            "form_param_value_invalid",
        ),
        (
            {
                "name": "x",
                "claims": {},
                "custom_signing_key": True,
                "signing_algorithm": "RS256",
                "signing_key": "no PEM at all",
            },
            422,
            "form_param_format_invalid",
        ),
    ],
)
def test_an_unusable_template_is_refused(
    bapi: httpx.Client, body: dict[str, Any], status: int, code: str
) -> None:
    bapi.post("/jwt_templates", json={"name": "taken", "claims": {}}).raise_for_status()

    assert code_of(bapi.post("/jwt_templates", json=body)) == (status, code)
    assert len(bapi.get("/jwt_templates").json()) == 1


def test_a_key_of_another_kind_is_refused(bapi: httpx.Client) -> None:
    private, _ = pem_of(ec.generate_private_key(ec.SECP256R1()))
    body = {
        "name": "x",
        "claims": {},
        "custom_signing_key": True,
        "signing_algorithm": "RS256",
        "signing_key": private,
    }

    assert code_of(bapi.post("/jwt_templates", json=body)) == (422, "form_param_format_invalid")
