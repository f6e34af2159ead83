import httpx
import pytest
from clerk_backend_api import Clerk

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


def test_a_link_token_shows_its_secret_once_and_is_revoked_for_good(clerk: Clerk) -> None:
    organization = clerk.organizations.create(request={"name": "Acme"})

    token = clerk.admin_portal_link_tokens.create_admin_portal_link_token(
        organization_id=organization.id, it_contact_id="it-1", scopes=["sso"]
    )

    assert token.token
    assert (token.organization_id, token.it_contact_id, token.scopes) == (
        organization.id,
        "it-1",
        ["sso"],
    )
    assert (token.revoked, token.expired) == (False, False)
    assert token.expiration == token.created_at + 3_600_000
    revoked = clerk.admin_portal_link_tokens.revoke_admin_portal_link_token(
        admin_portal_link_token_id=token.id, revocation_reason="lost"
    )
    again = clerk.admin_portal_link_tokens.revoke_admin_portal_link_token(
        admin_portal_link_token_id=token.id, revocation_reason="found"
    )
    assert (revoked.revoked, revoked.revocation_reason) == (True, "lost")
    assert again == revoked
    assert "token" not in revoked.model_dump()


def test_a_link_token_expires_on_the_clock(bapi: httpx.Client, control: httpx.Client) -> None:
    path = "/admin_portal_link_tokens"
    short = bapi.post(path, json={"seconds_until_expiration": 60}).json()
    longer = bapi.post(path, json={"seconds_until_expiration": 120}).json()
    control.post("/clock/advance", json={"seconds": 60})

    assert bapi.post(f"{path}/{short['id']}/revoke", json={}).json()["expired"]
    assert not bapi.post(f"{path}/{longer['id']}/revoke", json={}).json()["expired"]


def test_an_id_that_cannot_be_a_link_tokens_is_a_bad_request(bapi: httpx.Client) -> None:
    path = "/admin_portal_link_tokens"

    assert bapi.post(f"{path}/aplt_1/revoke", json={}).status_code == 400
    assert bapi.post(f"{path}/aplt_{'0' * 32}/revoke", json={}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"organization_id": "org_" + "0" * 27},
        {"scopes": [""]},
        {"seconds_until_expiration": 0},
        {"seconds_until_expiration": 86_401},
        {"it_contact_id": ""},
        {"unknown": 1},
    ],
)
def test_link_tokens_that_make_no_sense_are_bad_requests(
    bapi: httpx.Client, body: dict[str, object]
) -> None:
    assert bapi.post("/admin_portal_link_tokens", json=body).status_code == 400
