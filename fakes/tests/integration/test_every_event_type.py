"""Every event of Clerk's catalogue is told because of a change that somebody really makes.

What is told is judged by Clerk's description of its events besides, as in every test.
"""

import json
from typing import Any

import httpx
import pytest
from judging.payloads import event_judge

from clerk_fake.events.catalogue import EVENT_TYPES

CALLER = "back-end-of-acme/1.0"
DAY_S = 24 * 60 * 60


@pytest.fixture
def api(bapi: httpx.Client) -> httpx.Client:
    bapi.headers["user-agent"] = CALLER
    return bapi


@pytest.fixture
def outside(control: httpx.Client) -> httpx.Client:
    """People, checkouts and banks."""
    control.headers["user-agent"] = CALLER
    return control


def done(answer: httpx.Response) -> dict[str, Any]:
    return answer.raise_for_status().json()


def people_come_and_go(api: httpx.Client, outside: httpx.Client) -> None:
    person = {"email_address": ["ada@example.com"], "password": "Correct!9horse-battery"}
    user = done(api.post("/users", json=person))["id"]
    done(api.patch(f"/users/{user}", json={"first_name": "Ada"}))
    for leave in ("end", "remove"):
        session = done(outside.post("/sessions", json={"user_id": user}))["id"]
        done(outside.post(f"/sessions/{session}/{leave}"))
    session = done(api.post("/sessions", json={"user_id": user}))["id"]
    done(api.post(f"/sessions/{session}/revoke"))
    done(api.post(f"/users/{user}/password/set_compromised"))
    assert done(outside.post("/sessions", json={"user_id": user}))["status"] == "pending"
    done(api.delete(f"/users/{user}"))
    done(api.post("/invitations", json={"email_address": "grace@example.com"}))
    phone = {"phone_number": "+14155552671", "required_fields": ["phone_number"]}
    sign_up = done(outside.post("/sign_ups", json=phone))["id"]
    done(outside.post(f"/sign_ups/{sign_up}/prepare_verification", json={"strategy": "phone_code"}))
    entry = done(api.post("/waitlist_entries", json={"email_address": "joan@example.com"}))["id"]
    done(api.post(f"/waitlist_entries/{entry}/reject"))


def organizations_live(api: httpx.Client, outside: httpx.Client) -> None:
    boss, member = (
        done(api.post("/users", json={"email_address": [f"{name}@example.com"]}))["id"]
        for name in ("boss", "member")
    )
    acme = done(api.post("/organizations", json={"name": "Acme", "created_by": boss}))["id"]
    path = f"/organizations/{acme}"
    done(api.patch(path, json={"name": "Acme & Sons"}))
    as_member = {"user_id": member, "role": "org:member"}
    done(api.post(f"{path}/memberships", json=as_member))
    done(api.patch(f"{path}/memberships/{member}", json={"role": "org:admin"}))
    done(api.delete(f"{path}/memberships/{member}"))
    for name in ("new", "gone"):
        address = {"email_address": f"{name}@elsewhere.example", "role": "org:member"}
        invitation = done(api.post(f"{path}/invitations", json=address))["id"]
        if name == "new":
            done(outside.post(f"/organization_invitations/{invitation}/accept", json={}))
        else:
            done(api.post(f"{path}/invitations/{invitation}/revoke", json={}))
    domain = done(api.post(f"{path}/domains", json={"name": "acme.example"}))["id"]
    mode = {"enrollment_mode": "automatic_suggestion"}
    done(api.patch(f"{path}/domains/{domain}", json=mode))
    done(api.delete(f"{path}/domains/{domain}"))
    for noun, key in (("roles", "org:vet"), ("permissions", "org:dogs:walk")):
        made = done(api.post(f"/organization_{noun}", json={"name": "Vet", "key": key}))["id"]
        done(api.patch(f"/organization_{noun}/{made}", json={"description": "Dogs"}))
        done(api.delete(f"/organization_{noun}/{made}"))
    done(api.delete(path))


def subscriptions_are_paid_for(api: httpx.Client, outside: httpx.Client) -> None:
    user = done(api.post("/users", json={"email_address": ["payer@example.com"]}))["id"]
    payer = f"/billing/payers/{user}"
    pro, team, trial = (
        done(outside.post("/billing/plans", json={"name": name, "slug": name, **more}))["id"]
        for name, more in (
            ("pro", {"amount": 2000}),
            ("team", {"amount": 5000}),
            ("try", {"amount": 100, "free_trial_days": 7}),
        )
    )
    done(outside.post(f"{payer}/subscribe", json={"plan_id": trial}))
    done(outside.post("/clock/advance", json={"seconds": 5 * DAY_S}))
    item = done(outside.post(f"{payer}/subscribe", json={"plan_id": pro}))["id"]
    done(api.delete(f"/billing/subscription_items/{item}"))  # the free plan is to follow
    done(outside.put(f"{payer}/payments", json={"payments": "pend"}))
    bought = done(outside.post(f"{payer}/subscribe", json={"plan_id": team}))
    assert bought["status"] == "incomplete"
    (statement,) = done(api.get("/billing/statements"))["data"][:1]
    attempts = done(api.get(f"/billing/statements/{statement['id']}/payment_attempts"))["data"]
    (pending,) = (each["id"] for each in attempts if each["status"] == "pending")
    done(outside.post(f"/billing/payment_attempts/{pending}/settle", json={"status": "paid"}))
    done(outside.put(f"{payer}/payments", json={"payments": "fail"}))
    done(outside.post("/clock/advance", json={"seconds": 32 * DAY_S}))
    late = f"/billing/subscription_items/{bought['id']}"
    done(api.delete(late, params={"end_now": True}))


def test_every_event_type_is_told_of_a_real_change_in_order(
    api: httpx.Client, outside: httpx.Client
) -> None:
    people_come_and_go(api, outside)
    organizations_live(api, outside)
    subscriptions_are_paid_for(api, outside)

    rows = done(outside.get("/messages", params={"limit": 1000}))["data"]
    payloads = [json.loads(row["payload"]) for row in rows]
    judge = event_judge()
    described = EVENT_TYPES if judge is None else judge.event_types
    assert len(described) == 45
    assert {payload["type"] for payload in payloads} == described == EVENT_TYPES
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    times = [payload["timestamp"] for payload in payloads]
    assert times == sorted(times)
    callers = {
        (caller["user_agent"], caller["client_ip"])
        for caller in (payload["event_attributes"]["http_request"] for payload in payloads)
    }
    assert callers == {(CALLER, "127.0.0.1")}
