"""The payloads against Clerk's own description of them, where that is at hand.

Every instance's events are judged at its end (see ``conftest.py``); here is that they are emitted,
and that they are worth judging.
"""

import httpx
import pytest
from clerk_backend_api import Clerk
from judging.descriptions import MISSING
from judging.payloads import EventJudge, event_judge


@pytest.fixture
def judge() -> EventJudge:
    found = event_judge()
    if found is None:
        pytest.skip(MISSING)
    return found


def test_every_payload_is_as_clerk_describes_it(clerk: Clerk, control: httpx.Client) -> None:
    user = clerk.users.create(
        email_address=["ada@example.com"],
        phone_number=["+15555550100"],
        external_id="e1",
        public_metadata={"a": {"b": 1}},
    )
    clerk.email_addresses.create(request={"user_id": user.id, "email_address": "b@example.com"})
    clerk.users.lock(user_id=user.id)
    clerk.users.unlock(user_id=user.id)
    session = clerk.sessions.create(request={"user_id": user.id})
    clerk.sessions.revoke(session_id=session.id)
    clerk.users.delete(user_id=user.id)

    messages = control.get("/messages").json()["data"]

    assert {message["event_type"] for message in messages} == {
        "user.created", "user.updated", "session.created", "session.revoked", "user.deleted",
    }  # fmt: skip


def test_the_catalogue_is_clerks(judge: EventJudge, control: httpx.Client) -> None:
    for event_type in judge.event_types:
        triggered = control.post("/trigger", json={"type": event_type, "data": {"id": "x"}})
        assert triggered.status_code == 201, event_type
