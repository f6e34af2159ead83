import httpx
import jwt
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")

TASK = {
    "permissions": "*",
    "agent_name": "helper",
    "task_description": "Fill the form in",
    "redirect_url": "http://localhost:3000/done",
}


def test_a_task_has_a_link_once_and_its_agent_is_known_again(clerk: Clerk) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])

    task = clerk.agent_tasks.create(request={**TASK, "on_behalf_of": {"user_id": user.id}})
    by_address = {"identifier": "Ada@example.com"}
    again = clerk.agent_tasks.create(request={**TASK, "on_behalf_of": by_address})

    assert task.agent_task_id == task.task_id != again.agent_task_id
    assert task.agent_id == again.agent_id
    ticket = task.url.partition("ticket=")[2]
    claims = jwt.decode(ticket, options={"verify_signature": False})
    assert (claims["sid"], claims["st"]) == (task.agent_task_id, "agent_task")
    assert claims["rurl"] == TASK["redirect_url"]
    revoked = clerk.agent_tasks.revoke(agent_task_id=task.agent_task_id)
    assert (revoked.agent_task_id, revoked.url) == (task.agent_task_id, None)
    with pytest.raises(ClerkErrors) as refusal:
        clerk.agent_tasks.revoke(agent_task_id=task.agent_task_id)
    assert refusal.value.status_code == 400
    assert refusal.value.data.errors[0].code == "agent_task_cannot_be_revoked"


def _task(bapi: httpx.Client, **change: object) -> tuple[dict[str, str], str]:
    """Return a task and the ticket in its link."""
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    body = {**TASK, "on_behalf_of": {"user_id": user["id"]}, **change}
    task = bapi.post("/agents/tasks", json=body).raise_for_status().json()
    return {**task, "user_id": user["id"]}, task["url"].partition("ticket=")[2]


def _followed(control: httpx.Client, ticket: str) -> str:
    """Return the code of the refusal."""
    refused = control.post("/tickets/accept", json={"ticket": ticket})
    assert refused.status_code in {400, 404}
    return refused.json()["errors"][0]["code"]


def test_a_link_brings_one_session_about_which_lasts_as_long_as_was_said(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    task, ticket = _task(bapi, session_max_duration_in_seconds=60)

    session = control.post("/tickets/accept", json={"ticket": ticket}).raise_for_status().json()

    assert (session["user_id"], session["status"]) == (task["user_id"], "active")
    assert session["expire_at"] == session["created_at"] + 60_000
    assert _followed(control, ticket) == "agent_task_already_used"
    revoked = bapi.post(f"/agents/tasks/{task['agent_task_id']}/revoke")
    assert revoked.status_code == 400


def test_a_link_of_a_task_that_is_revoked_old_or_without_its_user_brings_nothing_about(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    task, ticket = _task(bapi)
    bapi.post(f"/agents/tasks/{task['agent_task_id']}/revoke").raise_for_status()
    assert _followed(control, ticket) == "agent_task_revoked"

    bapi.delete(f"/users/{task['user_id']}").raise_for_status()
    assert _followed(control, ticket) == "agent_task_subject_not_found"

    control.post("/clock/advance", json={"seconds": 86_400})
    assert _followed(control, ticket) == "ticket_expired_code"
    assert bapi.get("/sessions", params={"user_id": task["user_id"]}).json() == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"on_behalf_of": {"user_id": "user_none"}}, 404),
        ({"on_behalf_of": {"identifier": "nobody@example.com"}}, 404),
        ({"on_behalf_of": {}}, 422),
        ({"on_behalf_of": {"user_id": "a", "identifier": "b"}}, 422),
        ({"permissions": "read"}, 422),
        ({"redirect_url": "done"}, 422),
        ({"redirect_url": "my-app://done"}, 422),
        ({"session_max_duration_in_seconds": 0}, 422),
        ({"agent_name": ""}, 422),
    ],
)
def test_tasks_that_make_no_sense_are_refused(
    bapi: httpx.Client, change: dict[str, object], status: int
) -> None:
    user = bapi.post("/users", json={"email_address": ["ada@example.com"]}).json()
    body = {**TASK, "on_behalf_of": {"user_id": user["id"]}, **change}

    assert bapi.post("/agents/tasks", json=body).status_code == status


def test_an_unverified_address_stands_for_nobody(clerk: Clerk, bapi: httpx.Client) -> None:
    user = clerk.users.create(username="ada_l")
    address = {"user_id": user.id, "email_address": "ada@example.com", "verified": False}
    clerk.email_addresses.create(request=address)

    body = {**TASK, "on_behalf_of": {"identifier": "ada@example.com"}}

    assert bapi.post("/agents/tasks", json=body).status_code == 404
    body["on_behalf_of"] = {"identifier": "ADA_L"}
    assert bapi.post("/agents/tasks", json=body).status_code == 200
