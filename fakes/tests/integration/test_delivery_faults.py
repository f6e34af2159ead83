"""How faults of deliveries are set, matched, counted and healed."""

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from committing import Books, commit_what_verifies, counts, emit, set_fault
from outgoing import settle

if TYPE_CHECKING:
    from conftest import InstanceInfo, Receiver


@pytest.fixture
def endpoint(control: httpx.Client, receiver: "Receiver") -> str:
    control.put("/delivery-schedule", json={"delays_s": [0, 0.05, 0.05, 0.05], "jitter": 0})
    return control.post("/endpoints", json={"url": receiver.url}).raise_for_status().json()["id"]


@pytest.fixture
def books(receiver: "Receiver", instance: "InstanceInfo", endpoint: str) -> Books:
    assert endpoint
    return commit_what_verifies(receiver, instance.webhook_secret)


def test_a_fault_of_deliveries_is_set_told_of_and_healed(
    control: httpx.Client, instance: "InstanceInfo", books: Books
) -> None:
    fault = set_fault(control, "wrong_signature", times=1)

    assert fault == {
        "id": fault["id"],
        "object": "fault",
        "seam": "delivery",
        "kind": "wrong_signature",
        "instance_id": instance.instance_id,
        "event_types": [],
        "endpoint_id": None,
        "probability": 1.0,
        "burst": 1,
        "times": 1,
        "duration_s": None,
        "seed": fault["seed"],
        "state": "active",
        "matched": 0,
        "fired": 0,
        "created_at": fault["created_at"],
        "ends_at": None,
    }
    sent = emit(control)
    settle(control)
    assert books.committed == sent
    assert len(books.refused) == 1
    told = control.get(f"/faults/{fault['id']}").json()
    assert (told["state"], told["matched"], told["fired"]) == ("spent", 1, 1)
    assert control.delete(f"/faults/{fault['id']}").json() == {**told, "state": "healed"}
    assert control.get("/faults").json() == {"data": []}


def test_a_kind_of_both_seams_is_one_of_the_api_unless_the_seam_is_named(
    control: httpx.Client, books: Books
) -> None:
    api = control.post("/faults", json={"kind": "clock_skew", "skew_s": 60}).json()
    delivery = set_fault(control, "clock_skew", skew_s=60)

    assert (api["seam"], delivery["seam"]) == ("api", "delivery")
    sent = emit(control)
    settle(control)
    assert books.committed == sent
    assert counts(control, delivery) == (1, 1)
    assert counts(control, api) == (0, 0)


@pytest.mark.parametrize(
    ("where", "struck"),
    [
        ({}, {"user.created", "user.deleted", "session.created"}),
        ({"event_types": ["user.created"]}, {"user.created"}),
        ({"event_types": ["user.*"]}, {"user.created", "user.deleted"}),
        ({"event_types": ["*.created"]}, {"user.created", "session.created"}),
        ({"event_types": ["user.deleted", "session.*"]}, {"user.deleted", "session.created"}),
        ({"event_types": ["organization.*"]}, set()),
        ({"probability": 0}, set()),
    ],
)
def test_deliveries_are_matched_by_event_type(
    control: httpx.Client, receiver: "Receiver", books: Books, where: Any, struck: set[str]
) -> None:
    set_fault(control, "multiple_signatures", **where)

    for event_type in ("user.created", "user.deleted", "session.created"):
        emit(control, event_type=event_type)
    settle(control)

    assert len(books.committed) == 3
    assert struck == {
        delivered.event["type"]
        for delivered in receiver.received
        if " " in delivered.headers["svix-signature"]
    }


def test_deliveries_to_one_endpoint_are_struck_and_to_others_not(
    control: httpx.Client, receiver: "Receiver", books: Books, endpoint: str
) -> None:
    control.post("/endpoints", json={"url": f"{receiver.url}/other"})
    fault = set_fault(control, "drop", endpoint_id=endpoint)

    (sent,) = emit(control)
    settle(control)

    assert books.committed == [sent]
    assert books.repeated == []
    assert counts(control, fault) == (1, 1)


def _struck(control: httpx.Client, receiver: "Receiver", seed: int) -> list[bool]:
    fault = set_fault(control, "multiple_signatures", probability=0.4, seed=seed)
    before = len(receiver.received)
    for _ in range(20):
        emit(control)
        settle(control)
    control.delete(f"/faults/{fault['id']}")
    return [" " in each.headers["svix-signature"] for each in receiver.received[before:]]


def test_the_same_seed_strikes_the_same_deliveries(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    first = _struck(control, receiver, 7)

    assert len(books.committed) == 20
    assert first == _struck(control, receiver, 7)
    assert first != _struck(control, receiver, 8)
    assert 0 < sum(first) < 20


def test_faults_of_one_seed_draw_each_for_itself(http: httpx.Client, receiver: "Receiver") -> None:
    made = http.post("/__fake__/instances", json={"seed": 1}).json()["instance_id"]
    with httpx.Client(base_url=f"{http.base_url}/__fake__/instances/{made}") as control:
        control.post("/endpoints", json={"url": receiver.url})
        control.put("/delivery-schedule", json={"delays_s": [0, 0, 0, 0], "jitter": 0})
        faults = [
            set_fault(control, kind, probability=0.2)["id"]
            for kind in ("ack_lost", "stale_timestamp", "old_key", "stale_timestamp")
        ]
        for _ in range(60):
            emit(control)
            settle(control)
        told = [control.get(f"/faults/{each}").json() for each in faults]
        control.delete("")

    fired = [each["fired"] for each in told]
    assert all(fired), fired
    assert len(set(fired)) > 1
    assert fired[1] != fired[3]  # of one kind, and as the seed has it
    assert {each["seed"] for each in told} == {1}


def test_what_strikes_once_strikes_a_burst_and_so_many_in_all(
    control: httpx.Client, receiver: "Receiver", books: Books
) -> None:
    fault = set_fault(control, "multiple_signatures", probability=0.3, burst=3, times=6, seed=1)
    for _ in range(60):
        emit(control)
        settle(control)

    struck = "".join(
        "x" if " " in each.headers["svix-signature"] else "." for each in receiver.received
    )
    assert len(books.committed) == 60
    assert [len(run) % 3 for run in struck.split(".") if run] == [0] * len(
        [run for run in struck.split(".") if run]
    )
    assert struck.count("x") == 6
    assert control.get(f"/faults/{fault['id']}").json()["state"] == "spent"


def test_a_fault_ends_on_the_instances_clock(control: httpx.Client, books: Books) -> None:
    control.put("/clock", json={"frozen": True})
    fault = set_fault(control, "drop_after_ack", duration_s=60)

    emit(control)
    settle(control)
    control.post("/clock/advance", json={"seconds": 60})
    (later,) = emit(control)
    settle(control)

    assert books.committed == [later]
    told = control.get(f"/faults/{fault['id']}").json()
    assert (told["state"], told["matched"]) == ("expired", 1)


@pytest.mark.parametrize("how", ["delete", "reset", "restore"])
def test_healing_lets_go_what_is_held(
    control: httpx.Client, receiver: "Receiver", books: Books, how: str
) -> None:
    snapshot = control.get("/snapshot").json()
    fault = set_fault(control, "burst", size=1000, wait_s=3600)
    sent = emit(control, 3)
    assert control.get("/deliveries").json()["pending"] == 3

    if how == "delete":
        control.delete(f"/faults/{fault['id']}")
        settle(control)
        assert sorted(books.committed) == sorted(sent)
    elif how == "reset":
        control.post("/reset")
        control.post("/endpoints", json={"url": receiver.url})
    else:
        control.put("/snapshot", json=snapshot)

    assert control.get("/faults").json() == {"data": []}
    emit(control)
    settle(control)


def test_faults_of_both_seams_do_not_mind_each_other(
    bapi: httpx.Client, control: httpx.Client, books: Books
) -> None:
    limited = control.post("/faults", json={"kind": "rate_limit"}).json()
    doubled = set_fault(control, "duplicate")

    assert bapi.get("/users").status_code == 429
    sent = emit(control)
    settle(control)

    assert books.committed == books.repeated == sent
    assert counts(control, limited) == counts(control, doubled) == (1, 1)


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ({"kind": "latency"}, "value_invalid", "kind"),
        ({"kind": "delay"}, "missing", "delay_s"),
        ({"kind": "delay", "delay_s": -1}, "value_invalid", "delay_s"),
        ({"kind": "delay", "delay_s": 0}, "value_invalid", "delay_s"),
        ({"kind": "clock_skew", "skew_s": 0}, "value_invalid", "skew_s"),
        ({"kind": "multiple_signatures", "wrong": 0, "unknown": 0}, "value_invalid", "wrong"),
        ({"kind": "latency", "seam": "api", "delay_s": 0}, "value_invalid", "delay_s"),
        ({"kind": "clock_skew", "seam": "api", "skew_s": 0}, "value_invalid", "skew_s"),
        ({"kind": "duplicate", "copies": 0}, "value_invalid", "copies"),
        ({"kind": "duplicate", "signing": "other"}, "value_invalid", "signing"),
        ({"kind": "duplicate", "path": "/v1"}, "unknown", "path"),
        ({"kind": "reorder", "window": 17}, "value_invalid", "window"),
        ({"kind": "stale_timestamp", "age_s": 300}, "value_invalid", "age_s"),
        ({"kind": "unknown_version", "version": "v1"}, "value_invalid", "version"),
        ({"kind": "unknown_version", "version": "v 2"}, "value_invalid", "version"),
        (
            {"kind": "drop", "event_types": ["user created"]},
            "value_invalid",
            "event_types",
        ),
        ({"kind": "drop", "endpoint_id": "ep_x"}, "value_invalid", "endpoint_id"),
        ({"kind": "replay_storm", "times": 1}, "unknown", "times"),
        (
            {"kind": "replay_storm", "endpoint_id": "ep_x"},
            "value_invalid",
            "endpoint_id",
        ),
        ({"kind": "endpoint_outage", "probability": 1}, "unknown", "probability"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_and_not_set(
    control: httpx.Client, body: dict[str, Any], code: str, named: str
) -> None:
    refused = control.post("/faults", json={"seam": "delivery", **body})

    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["code"], error["meta"]["param_name"]) == (f"form_param_{code}", named)
    assert control.get("/faults").json() == {"data": []}


def test_a_fault_of_deliveries_belongs_to_an_instance(http: httpx.Client) -> None:
    refused = http.post("/__fake__/faults", json={"kind": "drop"})

    assert refused.json()["errors"][0]["meta"]["param_name"] == "instance_id"
    unknown = http.post("/__fake__/faults", json={"seam": "moon", "kind": "drop"})
    assert unknown.json()["errors"][0]["meta"]["param_name"] == "seam"


def test_an_instance_that_is_held_up_can_be_deleted(http: httpx.Client) -> None:
    info = http.post("/__fake__/instances").json()
    path = f"/__fake__/instances/{info['instance_id']}"
    http.post(f"{path}/endpoints", json={"url": "http://127.0.0.1:1/nobody"})
    faults = []
    for kind in ("burst", "endpoint_outage"):
        created = http.post(f"{path}/faults", json={"kind": kind})
        faults.append(created.raise_for_status().json()["id"])
        http.post(f"{path}/trigger", json={"type": "user.created", "data": {}})

    assert http.delete(path).status_code == 200
    told = [http.get(f"/__fake__/faults/{each}").status_code for each in faults]
    assert told == [404, 404]
