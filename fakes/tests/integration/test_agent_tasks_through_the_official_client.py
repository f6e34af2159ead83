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


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"on_behalf_of": {"user_id": "user_none"}}, 404),
        ({"on_behalf_of": {"identifier": "nobody@example.com"}}, 404),
        ({"on_behalf_of": {}}, 422),
        ({"on_behalf_of": {"user_id": "a", "identifier": "b"}}, 422),
        ({"permissions": "read"}, 422),
        ({"redirect_url": "done"}, 422),
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
