import httpx
import pytest
from clerk_backend_api import Clerk

from clerk_harness.waiting import eventually


def _fill(clerk: Clerk, control: httpx.Client) -> tuple[str, str]:
    control.put("/clock", json={"now_ms": 1_700_000_000_000, "frozen": True})
    control.put("/delivery-schedule", json={"jitter": 0, "timeout_s": 3})
    control.post("/endpoints", json={"url": "http://127.0.0.1:1/", "event_types": ["user.created"]})
    user = clerk.users.create(
        email_address=["ada@example.com"],
        phone_number=["+15555550100"],
        password="analytical engine",
        public_metadata={"deep": {"list": [1, None, {"x": "y"}]}},
    )
    session = clerk.sessions.create(request={"user_id": user.id})
    clerk.users.lock(user_id=user.id)
    eventually(lambda: control.get("/attempts").json()["data"], within=5)
    return user.id, session.id


def test_a_snapshot_that_is_put_back_restores_everything(
    clerk: Clerk, control: httpx.Client
) -> None:
    user_id, session_id = _fill(clerk, control)
    before = {
        "user": clerk.users.get(user_id=user_id),
        "session": clerk.sessions.get(session_id=session_id),
        **{
            path: control.get(path).json()
            for path in ("/messages", "/attempts", "/endpoints", "/deliveries", "/clock",
                         "/delivery-schedule")
        },
    }  # fmt: skip
    snapshot = control.get("/snapshot").json()
    clerk.users.delete(user_id=user_id)
    control.post("/reset")

    control.put("/snapshot", json=snapshot).raise_for_status()

    after = {
        "user": clerk.users.get(user_id=user_id),
        "session": clerk.sessions.get(session_id=session_id),
        **{path: control.get(path).json() for path in before if path.startswith("/")},
    }
    for reading in (before, after):
        reading["/clock"].pop("offset_ms")  # real time went on
    assert after == before
    assert clerk.users.verify_password(user_id=user_id, password="analytical engine").verified
    assert control.get("/snapshot").json()["state"] == snapshot["state"]


def test_what_was_pending_goes_on_after_a_restore(clerk: Clerk, control: httpx.Client) -> None:
    _fill(clerk, control)
    snapshot = control.get("/snapshot").json()
    control.put("/snapshot", json=snapshot)

    control.post("/clock/advance", json={"seconds": 5})

    eventually(lambda: len(control.get("/attempts").json()["data"]) == 2, within=5)


def test_a_snapshot_can_be_put_into_another_instance(
    clerk: Clerk, control: httpx.Client, http: httpx.Client
) -> None:
    user_id, _ = _fill(clerk, control)
    other = http.post("/__fake__/instances").json()
    path = f"/__fake__/instances/{other['instance_id']}/snapshot"

    http.put(path, json=control.get("/snapshot").json()).raise_for_status()

    headers = {"authorization": f"Bearer {other['secret_key']}"}
    assert http.get(f"/v1/users/{user_id}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("damage", "culprit"),
    [
        (lambda doc: doc.pop("clock"), "snapshot.clock"),
        (lambda doc: doc.update(version=2), "snapshot.version"),
        (lambda doc: doc.update(color="red"), "snapshot.color"),
        (lambda doc: doc["state"].update(shoes=[]), "snapshot.state.shoes"),
        (lambda doc: doc["state"]["users"][0].pop("id"), "snapshot.state.users[0].id"),
        (
            lambda doc: doc["state"]["users"][0].update(banned="no"),
            "snapshot.state.users[0].banned",
        ),
        (
            lambda doc: doc["state"]["users"][0]["email_addresses"][0].update(standing="odd"),
            "snapshot.state.users[0].email_addresses[0].standing",
        ),
        (lambda doc: doc["messages"][0].update(seq=9), "snapshot.messages"),
    ],
)
def test_a_damaged_snapshot_is_refused_and_changes_nothing(
    bapi: httpx.Client, clerk: Clerk, control: httpx.Client, damage: object, culprit: str
) -> None:
    _fill(clerk, control)
    snapshot = control.get("/snapshot").json()
    damage(snapshot)

    refused = control.put("/snapshot", json=snapshot)

    assert refused.status_code == 422
    assert culprit in refused.json()["errors"][0]["long_message"]
    assert bapi.get("/users/count").json()["total_count"] == 1


def test_a_snapshot_may_be_larger_than_other_requests(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    for number in range(160):
        bapi.post(
            "/users", json={"username": f"user{number}", "public_metadata": {"a": "x" * 8000}}
        )
    snapshot = control.get("/snapshot")
    assert len(snapshot.content) > 1_000_000

    control.put("/snapshot", content=snapshot.content).raise_for_status()

    assert bapi.get("/users/count").json()["total_count"] == 160


def test_a_snapshot_that_could_not_be_written_again_is_refused(
    bapi: httpx.Client, clerk: Clerk, control: httpx.Client
) -> None:
    _fill(clerk, control)
    deep = control.get("/snapshot").text.replace(
        '"private_metadata":{}', '"private_metadata":' + '{"a":' * 300 + "1" + "}" * 300
    )

    assert control.put("/snapshot", content=deep).status_code == 422
    assert bapi.get("/users").status_code == 200
