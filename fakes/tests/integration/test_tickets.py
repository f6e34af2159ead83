import httpx
import jwt
import pytest
from clerk_backend_api import Clerk, models
from conftest import InstanceInfo

ACTOR = {"sub": "user_support", "iss": "https://support.example"}
HALF_AN_HOUR_MS = 1_800_000


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["ada@example.com"])


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def follow(control: httpx.Client, ticket: str | None, **body: str) -> httpx.Response:
    return control.post("/tickets/accept", json={"ticket": ticket, **body})


def test_a_sign_in_token_signs_its_user_in_once(
    clerk: Clerk, control: httpx.Client, user: models.User
) -> None:
    token = clerk.sign_in_tokens.create(request={"user_id": user.id})
    assert (token.status.value, token.user_id) == ("pending", user.id)
    assert token.url is not None
    assert token.url.endswith(f"/v1/tickets/accept?ticket={token.token}")

    session = follow(control, token.token).raise_for_status().json()
    again = follow(control, token.token)

    assert (session["user_id"], session["status"]) == (user.id, "active")
    assert refusal(again) == (400, "sign_in_token_already_used_code")
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    assert types == ["user.created", "session.created"]


def test_a_used_token_cannot_be_revoked_and_a_revoked_one_not_used(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    used = clerk.sign_in_tokens.create(request={"user_id": user.id})
    follow(control, used.token)
    revoked = clerk.sign_in_tokens.create(request={"user_id": user.id})
    assert clerk.sign_in_tokens.revoke(sign_in_token_id=revoked.id).status.value == "revoked"

    wanted = (400, "sign_in_token_cannot_be_revoked_code")
    assert refusal(bapi.post(f"/sign_in_tokens/{used.id}/revoke")) == wanted
    assert refusal(bapi.post(f"/sign_in_tokens/{revoked.id}/revoke")) == wanted
    assert refusal(follow(control, revoked.token)) == (400, "sign_in_token_revoked_code")


def test_a_sign_in_token_expires_on_the_clock_of_the_instance(
    clerk: Clerk, control: httpx.Client, user: models.User
) -> None:
    control.put("/clock", json={"frozen": True})
    token = clerk.sign_in_tokens.create(request={"user_id": user.id, "expires_in_seconds": 60})
    control.post("/clock/advance", json={"seconds": 60})

    assert refusal(follow(control, token.token)) == (400, "ticket_expired_code")


def test_a_sign_in_token_may_lead_into_an_organization(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    first = clerk.organizations.create(request={"name": "First", "created_by": user.id})
    clerk.organizations.create(request={"name": "Second", "created_by": user.id})
    foreign = clerk.organizations.create(request={"name": "Third"})

    token = clerk.sign_in_tokens.create(request={"user_id": user.id, "org_id": first.id})
    session = follow(control, token.token).json()

    assert session["last_active_organization_id"] == first.id
    body = {"user_id": user.id, "org_id": foreign.id}
    assert bapi.post("/sign_in_tokens", json=body).status_code == 404


@pytest.mark.parametrize("banned", [True, False])
def test_nobody_comes_in_as_a_user_who_may_not_or_is_gone(
    clerk: Clerk, control: httpx.Client, user: models.User, banned: bool
) -> None:
    sign_in = clerk.sign_in_tokens.create(request={"user_id": user.id})
    actor = clerk.actor_tokens.create(request={"user_id": user.id, "actor": ACTOR})
    if banned:
        clerk.users.ban(user_id=user.id)
    else:
        clerk.users.delete(user_id=user.id)

    found = [refusal(follow(control, token)) for token in (sign_in.token, actor.token)]

    assert found == (
        [(403, "user_banned")] * 2
        if banned
        else [
            (400, "sign_in_token_cannot_be_used_code"),
            (404, "actor_token_subject_not_found"),
        ]
    )


def test_an_actor_token_makes_a_session_whose_tokens_name_the_actor(
    clerk: Clerk,
    bapi: httpx.Client,
    control: httpx.Client,
    instance: InstanceInfo,
    user: models.User,
) -> None:
    made = bapi.post("/actor_tokens", json={"user_id": user.id, "actor": ACTOR}).json()
    assert (made["status"], made["actor"]) == ("pending", ACTOR)

    session = follow(control, made["token"]).raise_for_status().json()

    assert session["actor"] == ACTOR
    assert session["expire_at"] - session["created_at"] == HALF_AN_HOUR_MS
    token = clerk.sessions.create_token(session_id=session["id"]).jwt
    assert token is not None
    claims = jwt.decode(token, instance.public_key_pem, algorithms=["RS256"])
    assert (claims["sub"], claims["act"]) == (user.id, ACTOR)
    assert refusal(follow(control, made["token"])) == (400, "actor_token_already_used_code")


def test_nobody_else_signs_in_where_somebody_is_impersonated(
    bapi: httpx.Client, control: httpx.Client, clerk: Clerk, user: models.User
) -> None:
    made = bapi.post("/actor_tokens", json={"user_id": user.id, "actor": ACTOR}).json()
    session = follow(control, made["token"]).json()
    token = clerk.sign_in_tokens.create(request={"user_id": user.id}).token

    refused = follow(control, token, client_id=session["client_id"])
    bapi.post(f"/sessions/{session['id']}/revoke").raise_for_status()

    assert refusal(refused) == (409, "session_creation_not_allowed")
    assert follow(control, token, client_id=session["client_id"]).is_success


def test_an_actor_token_is_revoked_once(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client, user: models.User
) -> None:
    token = clerk.actor_tokens.create(request={"user_id": user.id, "actor": ACTOR})

    assert clerk.actor_tokens.revoke(actor_token_id=token.id).status.value == "revoked"

    again = bapi.post(f"/actor_tokens/{token.id}/revoke")
    assert refusal(again) == (400, "actor_token_cannot_be_revoked_code")
    assert refusal(follow(control, token.token)) == (400, "actor_token_revoked_code")


@pytest.mark.parametrize(
    ("path", "body", "wanted"),
    [
        ("/sign_in_tokens", {}, (422, "form_param_missing")),
        ("/sign_in_tokens", {"user_id": "user_1"}, (404, "resource_not_found")),
        (
            "/sign_in_tokens",
            {"user_id": "USER", "expires_in_seconds": 0},
            (422, "form_param_value_invalid"),
        ),
        ("/actor_tokens", {"user_id": "USER"}, (422, "form_param_missing")),
        ("/actor_tokens", {"user_id": "USER", "actor": {}}, (422, "form_param_missing")),
        (
            "/actor_tokens",
            {"user_id": "user_1", "actor": ACTOR},
            (422, "form_resource_not_found"),
        ),
        ("/sign_in_tokens/sit_1/revoke", {}, (404, "resource_not_found")),
        ("/actor_tokens/act_1/revoke", {}, (404, "resource_not_found")),
    ],
)
def test_what_cannot_be_asked_is_refused(
    bapi: httpx.Client,
    user: models.User,
    path: str,
    body: dict[str, object],
    wanted: tuple[int, str],
) -> None:
    if body.get("user_id") == "USER":
        body = {**body, "user_id": user.id}

    assert refusal(bapi.post(path, json=body)) == wanted


def test_a_ticket_of_another_instance_is_void(
    clerk: Clerk, http: httpx.Client, user: models.User
) -> None:
    token = clerk.sign_in_tokens.create(request={"user_id": user.id}).token
    other = http.post("/__fake__/instances").json()["instance_id"]

    for ticket in (token, "nonsense", "a.b.c"):
        answer = http.post(f"/__fake__/instances/{other}/tickets/accept", json={"ticket": ticket})
        assert refusal(answer) == (400, "ticket_invalid_code")


def test_a_testing_token_says_when_it_expires(clerk: Clerk, control: httpx.Client) -> None:
    control.put("/clock", json={"now_ms": 1_713_877_200_000, "frozen": True})

    token = clerk.testing_tokens.create()

    assert token.token.startswith("1713877200-c_")
    assert token.expires_at == 1_713_880_800
    assert clerk.testing_tokens.create().token != token.token
