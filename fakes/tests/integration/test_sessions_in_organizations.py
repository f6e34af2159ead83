from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.security import authenticate_request
from clerk_backend_api.security.types import AuthenticateRequestOptions

if TYPE_CHECKING:
    from conftest import InstanceInfo


@dataclass
class AskedWith:
    """A request as the official client looks at it."""

    headers: dict[str, str]


@pytest.fixture
def ada(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["ada@example.com"])


@pytest.fixture
def acme(clerk: Clerk, ada: models.User) -> models.Organization:
    return clerk.organizations.create(request={"name": "Acme", "created_by": ada.id})


def claims_of(clerk: Clerk, session: models.Session) -> dict[str, Any]:
    token = clerk.sessions.create_token(session_id=session.id).jwt
    assert token is not None
    return jwt.decode(token, options={"verify_signature": False})


def test_a_session_is_in_the_organization_that_is_asked_for(
    clerk: Clerk, ada: models.User, acme: models.Organization
) -> None:
    clerk.organizations.create(request={"name": "Other", "created_by": ada.id})

    session = clerk.sessions.create(request={"user_id": ada.id, "active_organization_id": acme.id})

    assert session.last_active_organization_id == acme.id
    assert claims_of(clerk, session)["o"] == {"id": acme.id, "slg": "acme", "rol": "admin"}


def test_a_session_starts_where_its_user_came_in_or_was_last(
    clerk: Clerk, ada: models.User, acme: models.Organization, control: httpx.Client
) -> None:
    def started() -> str | None:
        control.post("/clock/advance", json={"seconds": 1})
        return clerk.sessions.create(request={"user_id": ada.id}).last_active_organization_id

    assert started() == acme.id
    other = clerk.organizations.create(request={"name": "Other", "created_by": ada.id})
    assert started() == other.id
    control.post("/clock/advance", json={"seconds": 1})
    clerk.sessions.create(request={"user_id": ada.id, "active_organization_id": acme.id})
    assert started() == acme.id
    alone = clerk.users.create(email_address=["alone@example.com"])
    session = clerk.sessions.create(request={"user_id": alone.id})
    assert session.last_active_organization_id is None
    assert "o" not in claims_of(clerk, session)


def test_an_organization_remembers_when_it_was_last_active(
    clerk: Clerk, ada: models.User, acme: models.Organization, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    before = clerk.organizations.get(organization_id=acme.id)

    session = clerk.sessions.create(request={"user_id": ada.id})

    after = clerk.organizations.get(organization_id=acme.id)
    assert (before.last_active_at, after.last_active_at) == (None, session.last_active_at)
    assert after.updated_at == before.updated_at


def test_nobody_gets_a_session_in_an_organization_of_others(
    clerk: Clerk, bapi: httpx.Client, acme: models.Organization
) -> None:
    stranger = clerk.users.create(email_address=["stranger@example.com"])

    for organization_id in (acme.id, "org_none"):
        answer = bapi.post(
            "/sessions", json={"user_id": stranger.id, "active_organization_id": organization_id}
        )
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == "organization_not_found_or_unauthorized"
    assert bapi.get("/sessions").json() == []


def test_permissions_are_packed_as_the_official_client_unpacks_them(
    clerk: Clerk, ada: models.User, acme: models.Organization, instance: "InstanceInfo"
) -> None:
    admin = clerk.organization_roles.list(query="org:admin").data[0]
    granted = ["org:dogs:walk", "org:cats:feed", "org:dogs:feed", "org:cats:pet", "org:fish:feed"]
    for key in granted:
        permission = clerk.organization_permissions.create(name=key, key=key)
        clerk.organization_roles.assign_permission(
            organization_role_id=admin.id, permission_id=permission.id
        )
    clerk.organization_permissions.create(name="x", key="org:birds:see")
    session = clerk.sessions.create(request={"user_id": ada.id, "active_organization_id": acme.id})
    token = clerk.sessions.create_token(session_id=session.id).jwt

    state = authenticate_request(
        AskedWith({"Authorization": f"Bearer {token}"}),
        AuthenticateRequestOptions(secret_key=instance.secret_key, jwt_key=instance.public_key_pem),
    )

    assert state.is_signed_in
    auth = state.to_auth()
    assert (auth.org_id, auth.org_slug, auth.org_role) == (acme.id, "acme", "admin")
    assert sorted(auth.org_permissions) == sorted(granted)
    assert claims_of(clerk, session)["fea"] == "o:dogs,o:cats,o:fish"
    assert claims_of(clerk, session)["o"]["per"] == "walk,feed,pet"
    assert claims_of(clerk, session)["o"]["fpm"] == "3,6,2"


def test_a_token_follows_what_becomes_of_role_and_membership(
    clerk: Clerk, bapi: httpx.Client, ada: models.User, acme: models.Organization
) -> None:
    session = clerk.sessions.create(request={"user_id": ada.id})
    grace = clerk.users.create(email_address=["grace@example.com"])
    clerk.organization_memberships.create(
        organization_id=acme.id, user_id=grace.id, role="org:admin"
    )

    clerk.organization_memberships.update(
        organization_id=acme.id, user_id=ada.id, role="org:member"
    )
    stepped_down = claims_of(clerk, session)
    clerk.organization_memberships.delete(organization_id=acme.id, user_id=ada.id)
    left = claims_of(clerk, session)

    assert stepped_down["o"]["rol"] == "member"
    assert "o" not in left
    assert bapi.get(f"/sessions/{session.id}").json()["last_active_organization_id"] is None


def test_sessions_lose_an_organization_that_is_deleted(
    clerk: Clerk, ada: models.User, acme: models.Organization
) -> None:
    session = clerk.sessions.create(request={"user_id": ada.id})

    clerk.organizations.delete(organization_id=acme.id)

    after = clerk.sessions.get(session_id=session.id)
    assert (after.status.value, after.last_active_organization_id) == ("active", None)
    assert after.updated_at > session.updated_at
