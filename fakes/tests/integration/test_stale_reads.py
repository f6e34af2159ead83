"""Reads that show what was known some time ago."""

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import Receiver


@pytest.fixture(autouse=True)
def still(control: httpx.Client) -> None:
    """The instance's time stands still, so that nothing becomes known by itself."""
    control.put("/clock", json={"frozen": True})


def _lag(control: httpx.Client, **settings: Any) -> str:
    body = {"kind": "stale_reads", "delay_s": 5, **settings}
    return str(control.post("/faults", json=body).raise_for_status().json()["id"])


def _pass(control: httpx.Client, seconds: float) -> None:
    control.post("/clock/advance", json={"seconds": seconds})


def test_a_new_user_is_not_found_until_it_is_known_everywhere(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client
) -> None:
    fault = _lag(control)

    ada = clerk.users.create(username="ada_l")

    with pytest.raises(ClerkErrors) as refusal:
        clerk.users.get(user_id=ada.id)
    assert refusal.value.status_code == 404
    assert bapi.get("/users").json() == []
    assert bapi.get("/users/count").json()["total_count"] == 0
    assert bapi.get("/users", params={"username": "ada_l"}).json() == []
    assert control.get(f"/faults/{fault}").json()["fired"] == 4
    _pass(control, 5)
    assert clerk.users.get(user_id=ada.id).username == "ada_l"
    assert bapi.get("/users/count").json()["total_count"] == 1


def test_changes_are_answered_fresh_and_read_stale(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    path = f"/users/{bapi.post('/users', json={'username': 'ada_l'}).json()['id']}"
    before = bapi.get(path).json()
    _lag(control)

    changed = bapi.patch(path, json={"first_name": "Ada"}).json()
    assert changed["first_name"] == "Ada"
    assert bapi.get(path).json() == before
    _pass(control, 4.999)
    assert bapi.get(path).json() == before
    again = bapi.patch(path, json={"last_name": "Lovelace"}).json()
    assert (again["first_name"], again["last_name"]) == ("Ada", "Lovelace")
    _pass(control, 0.001)
    assert bapi.get(path).json() == changed
    _pass(control, 5)
    assert bapi.get(path).json() == again


def test_who_was_deleted_is_still_seen_for_a_while(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    path = f"/users/{bapi.post('/users', json={'username': 'ada_l'}).json()['id']}"
    _lag(control)

    assert bapi.delete(path).status_code == 200

    assert bapi.get(path).status_code == 200
    assert bapi.delete(path).status_code == 404
    _pass(control, 5)
    assert bapi.get(path).status_code == 404


def test_an_event_tells_of_what_reads_do_not_show_yet(
    bapi: httpx.Client, control: httpx.Client, receiver: "Receiver"
) -> None:
    control.post("/endpoints", json={"url": receiver.url})
    _lag(control)

    user = bapi.post("/users", json={"username": "ada_l"}).json()

    eventually(lambda: receiver.received, within=5)
    assert receiver.received[0].event["data"]["id"] == user["id"]
    assert bapi.get(f"/users/{user['id']}").status_code == 404


def test_healing_shows_everything_at_once(bapi: httpx.Client, control: httpx.Client) -> None:
    fault = _lag(control, delay_s=3600)
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    assert bapi.get("/users").json() == []

    control.delete(f"/faults/{fault}")

    assert [each["id"] for each in bapi.get("/users").json()] == [user["id"]]


def test_only_the_matched_reads_are_stale(bapi: httpx.Client, control: httpx.Client) -> None:
    _lag(control, path="/v1/users/{user_id}", times=2)
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    path = f"/users/{user['id']}"

    assert [each["id"] for each in bapi.get("/users").json()] == [user["id"]]
    assert [bapi.get(path).status_code for _ in range(3)] == [404, 404, 200]


def test_nobody_is_let_in_twice_for_want_of_knowledge(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    _lag(control)
    bapi.post("/users", json={"username": "ada_l"})

    again = bapi.post("/users", json={"username": "ada_l"})

    assert again.json()["errors"][0]["code"] == "form_identifier_exists"


def test_it_is_for_one_instance_only(http: httpx.Client, control: httpx.Client) -> None:
    body = {"kind": "stale_reads", "delay_s": 5}
    refused = http.post("/__fake__/faults", json=body)

    assert refused.json()["errors"][0]["meta"] == {"param_name": "instance_id"}
    assert control.post("/faults", json={**body, "method": "POST"}).status_code == 422
