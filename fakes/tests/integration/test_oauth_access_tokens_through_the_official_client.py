import gc
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkBaseError, OAuthApplicationWithSecret
from clerk_backend_api.security import VerifyTokenOptions, verify_token
from clerk_backend_api.security.types import TokenVerificationError
from conftest import InstanceInfo, ServerInfo

# The client reads its own deprecated fields whenever it builds a request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")

DAY_S = 86_400


@dataclass(frozen=True)
class Consent:
    """Ada lets the mill act for her."""

    clerk: Clerk
    bapi: httpx.Client
    control: httpx.Client
    application: OAuthApplicationWithSecret
    user_id: str

    @property
    def grant(self) -> dict[str, Any]:
        return {"oauth_application_id": self.application.id, "user_id": self.user_id}

    def token(self, **more: Any) -> dict[str, Any]:
        answer = self.control.post("/oauth_tokens", json={**self.grant, **more})
        made: dict[str, Any] = answer.raise_for_status().json()
        return made

    def verified(self, *tokens: dict[str, Any]) -> list[int]:
        path = "/oauth_applications/access_tokens/verify"
        return [
            self.bapi.post(path, json={"access_token": token["access_token"]}).status_code
            for token in tokens
        ]

    def revoked(self, token: str, application_id: str | None = None) -> int:
        application = application_id or self.application.id
        try:
            self.clerk.oauth_applications.revoke_token(
                oauth_application_id=application, token=token
            )
        except ClerkBaseError as refusal:
            return refusal.status_code
        return 204


@pytest.fixture
def ada(clerk: Clerk, bapi: httpx.Client, control: httpx.Client) -> Consent:
    user = clerk.users.create(email_address=["ada@example.com"])
    application = clerk.oauth_applications.create(
        request={"name": "Mill", "scopes": "profile email offline_access"}
    )
    assert user is not None
    assert application is not None
    return Consent(clerk, bapi, control, application, user.id)


@pytest.mark.parametrize("form", ["opaque", "jwt"])
def test_a_token_proves_for_whom_an_application_acts(ada: Consent, form: str) -> None:
    made = ada.token(scopes="email", token_format=form)

    seen = ada.clerk.oauth_access_tokens.verify(access_token=made["access_token"])

    assert seen.id == made["id"]
    assert (seen.client_id, seen.subject, seen.scopes) == (
        ada.application.client_id,
        ada.user_id,
        ["email"],
    )
    assert (seen.revoked, seen.expired) == (False, False)
    assert seen.expiration == seen.created_at + DAY_S
    assert ada.clerk.oauth_access_tokens.verify(secret=made["access_token"]) == seen


def test_the_settings_of_the_instance_say_what_tokens_look_like(ada: Consent) -> None:
    forms = []
    for jwts in (False, True):
        settings = {"oauth_jwt_access_tokens": jwts}
        ada.bapi.patch("/instance/oauth_application_settings", json=settings).raise_for_status()
        forms.append(ada.token()["access_token"].count("."))

    assert forms == [0, 2]


def test_a_jwt_is_that_of_an_access_token(ada: Consent, instance: InstanceInfo) -> None:
    made = ada.token(token_format="jwt")

    claims = jwt.decode(made["access_token"], instance.public_key_pem, algorithms=["RS256"])

    assert jwt.get_unverified_header(made["access_token"])["typ"] == "at+jwt"
    assert (claims["sub"], claims["client_id"]) == (ada.user_id, ada.application.client_id)
    assert (claims["jti"], claims["iss"]) == (made["id"], instance.issuer)
    assert claims["scope"] == "profile email offline_access"


def test_an_old_token_is_unknown_or_if_it_is_a_jwt_not_active(
    control: httpx.Client, ada: Consent
) -> None:
    control.put("/clock", json={"frozen": True})
    opaque, signed = (
        ada.token(token_format=form, seconds_until_expiration=60) for form in ("opaque", "jwt")
    )
    control.post("/clock/advance", json={"seconds": 59})
    assert ada.verified(opaque, signed) == [200, 200]

    control.post("/clock/advance", json={"seconds": 1})

    assert ada.verified(opaque) == [404]
    seen = ada.clerk.oauth_access_tokens.verify(access_token=signed["access_token"])
    assert seen.model_dump() == {"ACTIVE": False}


@pytest.mark.parametrize("shown", ["access_token", "refresh_token"])
def test_either_token_revokes_all_of_its_grant_and_nothing_else(
    control: httpx.Client, ada: Consent, shown: str
) -> None:
    first, other = (ada.token() for _ in range(2))
    refreshed = ada.token(grant_id=first["grant_id"])
    assert refreshed["refresh_token"] == first["refresh_token"]

    assert [ada.revoked(first[shown]) for _ in range(2)] == [204, 204]

    assert ada.verified(first, refreshed, other) == [404, 404, 200]
    body = {**ada.grant, "grant_id": first["grant_id"]}
    assert control.post("/oauth_tokens", json=body).status_code == 422


def test_what_cannot_be_revoked_is_refused(ada: Consent) -> None:
    press = ada.clerk.oauth_applications.create(request={"name": "Press"})
    assert press is not None
    opaque = ada.token()
    signed = ada.token(token_format="jwt")

    assert ada.revoked(signed["access_token"]) == 422
    assert ada.revoked("oat_unknown") == 404
    assert ada.revoked(opaque["access_token"], press.id) == 404
    assert ada.verified(opaque, signed) == [200, 200]


def test_there_is_a_refresh_token_only_for_offline_access(ada: Consent) -> None:
    assert ada.token()["refresh_token"].startswith("ort_")
    assert ada.token(scopes="email")["refresh_token"] is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"oauth_application_id": "oauthapp_nobody"}, 404),
        ({"user_id": "user_nobody"}, 404),
        ({"grant_id": "oauthgrant_nobody"}, 404),
        ({"scopes": "openid"}, 400),
        ({"scopes": "shoes"}, 400),
        ({"token_format": "paper"}, 422),
        ({"seconds_until_expiration": 0}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_a_senseless_grant_is_refused(
    control: httpx.Client, ada: Consent, change: dict[str, Any], status: int
) -> None:
    answer = control.post("/oauth_tokens", json={**ada.grant, **change})

    assert answer.status_code == status


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": 1}, {"a": "b"}])
def test_a_senseless_verification_is_a_bad_request(
    bapi: httpx.Client, body: dict[str, Any]
) -> None:
    path = "/oauth_applications/access_tokens/verify"

    assert bapi.post(path, json=body).status_code == 400


@pytest.mark.parametrize("gone", ["user", "application"])
def test_opaque_tokens_go_with_their_user_and_their_application(
    control: httpx.Client, ada: Consent, gone: str
) -> None:
    made = ada.token()
    assert ada.verified(made) == [200]

    if gone == "user":
        ada.clerk.users.delete(user_id=ada.user_id)
    else:
        ada.clerk.oauth_applications.delete(oauth_application_id=ada.application.id)

    assert ada.verified(made) == [404]
    state = control.get("/snapshot").json()["state"]
    assert (state["oauth_grants"], state["oauth_tokens"]) == ([], [])


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the verifier's own connections
def test_the_official_verifier_asks_without_version(
    ada: Consent, server: ServerInfo, instance: InstanceInfo
) -> None:
    made = ada.token()["access_token"]
    options = VerifyTokenOptions(api_url=server.url, secret_key=instance.secret_key)

    assert verify_token(made, options)["subject"] == ada.user_id
    assert ada.revoked(made) == 204
    with pytest.raises(TokenVerificationError):
        verify_token(made, options)
    gc.collect()
