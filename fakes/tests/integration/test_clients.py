import httpx
import pytest
from clerk_backend_api import Clerk, models

# Clerk deprecates the list of clients; its client warns of that.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED:DeprecationWarning")


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    return clerk.users.create(username="ada_l")


def sign_in(control: httpx.Client, user: models.User, **body: object) -> dict[str, str]:
    return control.post("/sessions", json={"user_id": user.id, **body}).raise_for_status().json()


def test_sessions_of_one_browser_are_one_client(
    clerk: Clerk, control: httpx.Client, user: models.User
) -> None:
    other = clerk.users.create(username="grace")
    first = sign_in(control, user, strategy="email_code")
    second = sign_in(control, other, client_id=first["client_id"])
    sign_in(control, user)

    client = clerk.clients.get(client_id=first["client_id"])

    assert client.session_ids == [first["id"], second["id"]]
    assert [session.id for session in client.sessions] == client.session_ids
    assert client.last_active_session_id == second["id"]
    assert client.last_authentication_strategy == "password"
    assert len(clerk.clients.list() or []) == 2


def test_the_session_that_is_left_comes_to_the_front(
    clerk: Clerk, control: httpx.Client, user: models.User
) -> None:
    first = sign_in(control, user)
    second = sign_in(control, user, client_id=first["client_id"])

    def front() -> str | None:
        return clerk.clients.get(client_id=first["client_id"]).last_active_session_id

    clerk.sessions.revoke(session_id=second["id"])
    assert front() == first["id"]
    control.post(f"/sessions/{first['id']}/end").raise_for_status()
    assert front() is None


def test_a_removed_session_is_not_shown_and_every_end_is_told(
    clerk: Clerk, control: httpx.Client, user: models.User
) -> None:
    first = sign_in(control, user)
    second = sign_in(control, user, client_id=first["client_id"])

    assert control.post(f"/sessions/{first['id']}/end").json()["status"] == "ended"
    assert control.post(f"/sessions/{second['id']}/remove").json()["status"] == "removed"

    assert clerk.clients.get(client_id=first["client_id"]).session_ids == [first["id"]]
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    assert types[-2:] == ["session.ended", "session.removed"]


def test_a_client_is_verified_by_its_token_or_by_that_of_a_session(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    session = sign_in(control, user)
    token = control.post(f"/clients/{session['client_id']}/token").json()["token"]
    session_token = clerk.sessions.create_token(session_id=session["id"]).jwt

    for shown in (token, session_token):
        verified = clerk.clients.verify(request={"token": shown})
        assert verified is not None
        assert verified.id == session["client_id"]
    answer = bapi.post("/clients/verify", json={"token": "a.b.c"})
    assert answer.status_code == 401
    assert bapi.get("/clients/client_1").status_code == 404


def test_a_session_in_an_unknown_client_is_refused(
    control: httpx.Client, user: models.User
) -> None:
    answer = control.post("/sessions", json={"user_id": user.id, "client_id": "client_1"})

    assert answer.status_code == 404


def test_tasks_keep_a_session_pending_until_they_are_done(
    clerk: Clerk, control: httpx.Client, bapi: httpx.Client, user: models.User
) -> None:
    settings = {"sessions": {"organization_required": True, "mfa_required": True}}
    control.patch("/settings", json=settings).raise_for_status()
    session = sign_in(control, user)
    path = f"/sessions/{session['id']}"
    assert session["status"] == "pending"
    organization = clerk.organizations.create(request={"name": "Acme", "created_by": user.id})

    chosen = control.post(f"{path}/touch", json={"active_organization_id": organization.id}).json()
    done = control.post(f"{path}/touch", json={"task_done": "setup-mfa"}).json()

    assert (chosen["status"], chosen["tasks"]) == ("pending", [{"key": "setup-mfa"}])
    assert chosen["last_active_organization_id"] == organization.id
    assert (done["status"], done["tasks"]) == ("active", [])
    assert bapi.post(f"{path}/revoke").json()["status"] == "revoked"
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    assert [each for each in types if each.startswith("session.")] == [
        "session.pending",
        "session.created",
        "session.revoked",
    ]
