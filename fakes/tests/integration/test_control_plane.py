import time
from typing import TYPE_CHECKING

import httpx
import pytest
from clerk_backend_api import Clerk

from clerk_harness.waiting import eventually

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver, ServerInfo

SECRET = "whsec_" + "QUJD" * 8


def test_the_server_is_healthy_and_lists_its_instances(
    http: httpx.Client, instance: "InstanceInfo", server: "ServerInfo"
) -> None:
    assert http.get("/__fake__/health").json() == {"status": "ok"}
    ids = [row["instance_id"] for row in http.get("/__fake__/instances").json()["data"]]
    assert server.instance_id in ids
    assert instance.instance_id in ids
    one = http.get(f"/__fake__/instances/{instance.instance_id}").json()
    assert one["secret_key"] == instance.secret_key


def test_an_instance_can_be_given_its_keys(http: httpx.Client) -> None:
    wanted = {
        "secret_key": "sk_test_given_to_this_test",
        "publishable_key": "pk_test_bXktYXBwLmNsZXJrLmFjY291bnRzLmRldiQ=",
        "webhook_secret": SECRET,
    }

    info = http.post("/__fake__/instances", json=wanted).json()

    assert {name: info[name] for name in wanted} == wanted
    assert info["issuer"] == "https://my-app.clerk.accounts.dev"
    again = http.post("/__fake__/instances", json={"secret_key": wanted["secret_key"]})
    assert again.status_code == 409
    assert http.delete(f"/__fake__/instances/{info['instance_id']}").status_code == 200
    freed = http.post("/__fake__/instances", json=wanted)
    assert freed.status_code == 201
    http.delete(f"/__fake__/instances/{freed.json()['instance_id']}")


def test_a_slug_names_the_host(http: httpx.Client) -> None:
    info = http.post("/__fake__/instances", json={"slug": "fake-1"}).json()

    assert info["issuer"] == "https://fake-1.clerk.accounts.dev"
    assert info["publishable_key"] == "pk_test_ZmFrZS0xLmNsZXJrLmFjY291bnRzLmRldiQ="


@pytest.mark.parametrize(
    "unusable",
    [
        {"secret_key": "sk_live_abc"},
        {"secret_key": "hunter2"},
        {"publishable_key": "pk_live_bXktYXBwLmNsZXJrLmFjY291bnRzLmRldiQ="},
        {"publishable_key": "pk_test_!!!"},
        {"webhook_secret": "whsec_short"},
        {"slug": "Not A Host"},
        {"slug": "a", "publishable_key": "pk_test_bXktYXBwLmNsZXJrLmFjY291bnRzLmRldiQ="},
        {"seed": -1},
        {"color": "red"},
    ],
)
def test_unusable_keys_are_refused_with_a_remedy(
    http: httpx.Client, unusable: dict[str, object]
) -> None:
    before = len(http.get("/__fake__/instances").json()["data"])

    refused = http.post("/__fake__/instances", json=unusable)

    assert refused.status_code == 422
    assert next(iter(unusable)) in refused.json()["errors"][0]["long_message"]
    assert len(http.get("/__fake__/instances").json()["data"]) == before


def test_a_deleted_instance_is_unknown_everywhere(http: httpx.Client) -> None:
    info = http.post("/__fake__/instances").json()
    path = f"/__fake__/instances/{info['instance_id']}"

    http.delete(path)

    assert http.get(path).status_code == 404
    assert http.get(f"{path}/messages").status_code == 404
    headers = {"authorization": f"Bearer {info['secret_key']}"}
    assert http.get("/v1/users", headers=headers).status_code == 401


def test_the_same_seed_makes_the_same_ids(http: httpx.Client) -> None:
    ids = []
    for _ in range(2):
        info = http.post("/__fake__/instances", json={"seed": 42}).json()
        headers = {"authorization": f"Bearer {info['secret_key']}"}
        ids.append(http.post("/v1/users", json={"username": "ada_l"}, headers=headers).json()["id"])

    assert ids[0] == ids[1]


def test_the_clock_can_be_turned_set_and_frozen(control: httpx.Client) -> None:
    real = time.time() * 1000
    reading = control.get("/clock").json()
    assert abs(reading["now_ms"] - real) < 5000
    assert (reading["offset_ms"], reading["frozen"]) == (0, False)

    ahead = control.post("/clock/advance", json={"seconds": 3600}).json()
    assert ahead["offset_ms"] == 3_600_000
    frozen = control.put("/clock", json={"now_ms": 1_000_000, "frozen": True}).json()
    assert (frozen["now_ms"], frozen["frozen"]) == (1_000_000, True)
    assert control.get("/clock").json()["now_ms"] == 1_000_000
    assert control.post("/clock/advance", json={"seconds": 0.5}).json()["now_ms"] == 1_000_500
    assert control.put("/clock", json={"frozen": False}).json()["frozen"] is False
    assert control.post("/clock/advance", json={"seconds": -1}).status_code == 422
    assert control.post("/clock/advance", json={}).status_code == 422


def test_new_things_bear_the_time_of_the_instance(clerk: Clerk, control: httpx.Client) -> None:
    control.put("/clock", json={"now_ms": 1_700_000_000_000, "frozen": True})

    user = clerk.users.create(username="ada_l")

    assert user.created_at == user.updated_at == 1_700_000_000_000
    (message,) = control.get("/messages").json()["data"]
    assert message["timestamp"] == 1_700_000_000_000


def test_endpoints_are_created_listed_changed_and_deleted(
    control: httpx.Client, instance: "InstanceInfo"
) -> None:
    created = control.post("/endpoints", json={"url": "http://127.0.0.1:9/hook"})
    assert created.status_code == 201
    endpoint = created.json()
    assert endpoint == {
        "id": endpoint["id"],
        "url": "http://127.0.0.1:9/hook",
        "secret": instance.webhook_secret,
        "event_types": [],
        "channels": [],
        "disabled": False,
        "description": "",
        "uid": None,
        "rate_limit": None,
        "headers": {},
        "metadata": {},
        "old_secrets": [],
        "header_names": "svix",
        "created_at": endpoint["created_at"],
        "updated_at": endpoint["created_at"],
    }
    path = f"/endpoints/{endpoint['id']}"
    changed = control.patch(path, json={"url": "http://127.0.0.1:9/x", "disabled": True}).json()
    assert (changed["url"], changed["disabled"]) == ("http://127.0.0.1:9/x", True)
    assert control.get("/endpoints").json()["data"] == [changed]
    assert control.get(path).json() == changed
    assert control.delete(path).status_code == 200
    assert control.delete(path).status_code == 404
    assert control.get("/endpoints").json()["data"] == []


@pytest.mark.parametrize(
    "unusable",
    [
        {},
        {"url": "ftp://127.0.0.1/"},
        {"url": "/relative"},
        {"url": "http://127.0.0.1/ space"},
        {"url": "http://127.0.0.1:99999/"},
        {"url": "http://127.0.0.1/", "event_types": ["user.sneezed"]},
        {"url": "http://127.0.0.1/", "secret": "whsec_"},
    ],
)
def test_an_unusable_endpoint_is_refused(
    control: httpx.Client, unusable: dict[str, object]
) -> None:
    assert control.post("/endpoints", json=unusable).status_code == 422


def test_messages_are_read_in_pages_and_by_type(control: httpx.Client) -> None:
    for number in range(5):
        kind = "user.deleted" if number == 3 else "user.created"
        control.post("/trigger", json={"type": kind, "data": {"id": f"user_{number}"}})

    first = control.get("/messages", params={"limit": 2}).json()
    rest = control.get("/messages", params={"after": first["next"], "limit": 3}).json()

    assert [row["object_id"] for row in first["data"] + rest["data"]] == [
        f"user_{number}" for number in range(5)
    ]
    assert rest["next"] is None
    deleted = control.get("/messages", params={"type": "user.deleted"}).json()["data"]
    assert [row["seq"] for row in deleted] == [4]
    one = control.get(f"/messages/{deleted[0]['id']}").json()
    assert one == deleted[0]
    assert control.get("/messages/msg_nothing").status_code == 404
    assert control.post("/trigger", json={"type": "user.sneezed"}).status_code == 422


def test_the_delivery_schedule_is_svixs_until_it_is_set(control: httpx.Client) -> None:
    assert control.get("/delivery-schedule").json() == {
        "delays_s": [0, 5, 300, 1800, 7200, 18000, 36000, 36000],
        "timeout_s": 15,
        "jitter": 0.2,
        "overload_s": 60,
    }
    changed = {"delays_s": [0, 0.5], "timeout_s": 2, "jitter": 0, "overload_s": 1}
    assert control.put("/delivery-schedule", json=changed).json() == changed
    assert control.put("/delivery-schedule", json={"delays_s": []}).status_code == 422
    assert control.put("/delivery-schedule", json={"delays_s": [-1]}).status_code == 422
    assert control.put("/delivery-schedule", json={"jitter": 2}).status_code == 422
    assert control.get("/delivery-schedule").json() == changed


def test_a_reset_leaves_nothing_but_the_keys(
    bapi: httpx.Client, control: httpx.Client, receiver: "Receiver"
) -> None:
    receiver.answer = lambda _delivered: 500
    control.post("/endpoints", json={"url": receiver.url})
    control.post("/clock/advance", json={"seconds": 1000})
    bapi.post("/users", json={"username": "ada_l"})
    eventually(lambda: control.get("/attempts").json()["data"], within=5)

    control.post("/reset")

    assert bapi.get("/users").json() == []
    assert control.get("/messages").json()["data"] == []
    assert control.get("/attempts").json()["data"] == []
    assert control.get("/endpoints").json()["data"] == []
    assert control.get("/deliveries").json() == {"pending": 0, "next_attempt_at": None}
    assert control.get("/clock").json()["offset_ms"] == 0
    bapi.post("/users", json={"username": "ada_l"})
    assert control.get("/messages").json()["data"][0]["seq"] == 1


def test_hundreds_of_instances_are_cheap(http: httpx.Client) -> None:
    infos = [http.post("/__fake__/instances").json() for _ in range(300)]

    assert len({info["secret_key"] for info in infos}) == 300
    for info in infos:
        http.delete(f"/__fake__/instances/{info['instance_id']}")
