"""How faults are set, matched, counted and healed."""

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import InstanceInfo

LIMITED = {"kind": "rate_limit"}


def _set(client: httpx.Client, **body: Any) -> dict[str, Any]:
    return client.post("/faults", json=body).raise_for_status().json()


def _counts(client: httpx.Client, fault: dict[str, Any]) -> tuple[int, int]:
    told = client.get(f"/faults/{fault['id']}").json()
    return told["matched"], told["fired"]


@pytest.fixture
def everywhere(http: httpx.Client) -> "Iterator[httpx.Client]":
    """The control plane of the whole server; heals what a test has set for everybody."""
    with httpx.Client(base_url=f"{http.base_url}/__fake__", timeout=10) as client:
        yield client
        for fault in client.get("/faults").json()["data"]:
            if fault["instance_id"] is None:
                client.delete(f"/faults/{fault['id']}")


def test_a_fault_is_set_told_of_and_healed(
    bapi: httpx.Client, control: httpx.Client, instance: "InstanceInfo"
) -> None:
    created = control.post("/faults", json=LIMITED)

    assert created.status_code == 201
    fault = created.json()
    assert fault == {
        "id": fault["id"],
        "object": "fault",
        "seam": "api",
        "kind": "rate_limit",
        "instance_id": instance.instance_id,
        "retry_after_s": 10,
        "method": None,
        "path": None,
        "probability": 1.0,
        "burst": 1,
        "times": None,
        "duration_s": None,
        "seed": fault["seed"],
        "state": "active",
        "matched": 0,
        "fired": 0,
        "created_at": fault["created_at"],
        "ends_at": None,
    }
    assert control.get("/faults").json() == {"data": [fault]}
    assert bapi.get("/users").status_code == 429
    assert _counts(control, fault) == (1, 1)
    healed = control.delete(f"/faults/{fault['id']}").json()
    assert healed == {**fault, "state": "healed", "matched": 1, "fired": 1}
    assert bapi.get("/users").status_code == 200
    assert control.get("/faults").json() == {"data": []}
    assert control.delete(f"/faults/{fault['id']}").status_code == 404


@pytest.mark.parametrize(
    ("where", "struck"),
    [
        ({}, {"GET /users", "POST /users", "GET /users/count"}),
        ({"method": "GET"}, {"GET /users", "GET /users/count"}),
        ({"path": "/v1/users"}, {"GET /users", "POST /users"}),
        ({"method": "POST", "path": "/v1/*"}, {"POST /users"}),
        ({"path": "/v1/users/{anything}"}, {"GET /users/count"}),
        ({"path": "/v1/organizations*"}, set()),
        ({"probability": 0}, set()),
    ],
)
def test_requests_are_matched_by_method_and_path(
    bapi: httpx.Client, control: httpx.Client, where: dict[str, Any], struck: set[str]
) -> None:
    _set(control, **LIMITED, **where)

    asked = {
        "GET /users": bapi.get("/users", params={"limit": 3}),
        "POST /users": bapi.post("/users", json={"username": "ada_l"}),
        "GET /users/count": bapi.get("/users/count"),
    }

    assert {name for name, answer in asked.items() if answer.status_code == 429} == struck


def test_the_same_seed_strikes_the_same_requests(bapi: httpx.Client, control: httpx.Client) -> None:
    runs = []
    for _ in range(2):
        fault = _set(control, **LIMITED, probability=0.5, seed=42)
        runs.append([bapi.get("/users").status_code for _ in range(30)])
        assert _counts(control, fault) == (30, runs[-1].count(429))
        control.delete("/faults")

    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 429}


def test_what_was_drawn_can_be_repeated_from_what_was_told(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    first = _set(control, **LIMITED, probability=0.5)
    struck = [bapi.get("/users").status_code for _ in range(30)]
    control.delete("/faults")

    _set(control, **LIMITED, probability=0.5, seed=first["seed"])

    assert [bapi.get("/users").status_code for _ in range(30)] == struck


def test_it_ends_after_so_many_times_or_so_much_time(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    twice = _set(control, **LIMITED, times=2)
    assert [bapi.get("/users").status_code for _ in range(4)] == [429, 429, 200, 200]
    assert control.get(f"/faults/{twice['id']}").json()["state"] == "spent"

    control.put("/clock", json={"frozen": True})
    minute = _set(control, **LIMITED, duration_s=60)
    assert minute["ends_at"] == minute["created_at"] + 60_000
    control.post("/clock/advance", json={"seconds": 59.9})
    assert bapi.get("/users").status_code == 429
    control.post("/clock/advance", json={"seconds": 0.1})
    assert bapi.get("/users").status_code == 200
    assert control.get(f"/faults/{minute['id']}").json()["state"] == "expired"


@pytest.mark.unjudged("a server error is what was asked for")
def test_the_outermost_acts_first_and_what_answers_hides_what_is_behind(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    error = _set(control, kind="server_error", status=500, method="GET")
    limited = _set(control, **LIMITED, times=1)
    slow = _set(control, kind="latency", delay_s=0.01)

    assert [bapi.get("/users").status_code for _ in range(2)] == [429, 500]
    assert bapi.post("/users", json={"username": "ada_l"}).status_code == 200
    assert _counts(control, slow) == (3, 3)
    assert _counts(control, limited) == (1, 1)
    assert _counts(control, error) == (1, 1)


def test_faults_of_one_instance_leave_others_alone(
    http: httpx.Client, bapi: httpx.Client, control: httpx.Client
) -> None:
    other = http.post("/__fake__/instances").json()
    headers = {"authorization": f"Bearer {other['secret_key']}"}
    fault = _set(control, **LIMITED)

    assert http.get("/v1/users", headers=headers).status_code == 200
    assert bapi.get("/users").status_code == 429
    strange = f"/__fake__/instances/{other['instance_id']}/faults"
    assert http.get(strange).json() == {"data": []}
    assert http.get(f"{strange}/{fault['id']}").status_code == 404
    assert http.delete(f"{strange}/{fault['id']}").status_code == 404


def test_a_machine_that_calls_with_its_own_key_is_struck_as_well(
    http: httpx.Client, bapi: httpx.Client, control: httpx.Client
) -> None:
    machine = bapi.post("/machines", json={"name": "mill"}).json()
    fault = _set(control, **LIMITED, path="*/m2m_tokens")
    headers = {"authorization": f"Bearer {machine['secret_key']}"}

    for path in ("/m2m_tokens", "/v1/m2m_tokens"):
        assert http.post(path, json={}, headers=headers).status_code == 429
    assert _counts(control, fault) == (2, 2)


def test_a_fault_of_the_server_strikes_everybody_or_one_instance(
    http: httpx.Client, bapi: httpx.Client, everywhere: httpx.Client, instance: "InstanceInfo"
) -> None:
    headers = {"authorization": "Bearer sk_test_of_nobody"}
    path = "/v1/users/of_this_test"

    everybody = _set(everywhere, **LIMITED, path=path)
    assert bapi.get("/users/of_this_test").status_code == 429
    assert http.get(path, headers=headers).status_code == 429
    assert _counts(everywhere, everybody) == (2, 2)
    everywhere.delete(f"/faults/{everybody['id']}")

    _set(everywhere, **LIMITED, path=path, instance_id=instance.instance_id)
    assert bapi.get("/users/of_this_test").status_code == 429
    assert http.get(path, headers=headers).status_code == 401


def test_the_control_plane_and_the_dashboard_are_never_struck(
    http: httpx.Client, everywhere: httpx.Client, instance: "InstanceInfo"
) -> None:
    for path in ("/__fake__*", "/dashboard*", "/"):
        _set(everywhere, kind="server_error", path=path)

    assert http.get("/__fake__/health").status_code == 200
    assert http.get(f"/__fake__/instances/{instance.instance_id}/messages").status_code == 200
    assert http.get(f"/dashboard/{instance.instance_id}").status_code == 200
    assert http.get("/").status_code == 200


@pytest.mark.parametrize("how", ["reset", "restore"])
def test_a_reset_and_a_restored_snapshot_heal(
    bapi: httpx.Client, control: httpx.Client, how: str
) -> None:
    snapshot = control.get("/snapshot").json()
    _set(control, **LIMITED)

    if how == "reset":
        control.post("/reset")
    else:
        control.put("/snapshot", json=snapshot)

    assert bapi.get("/users").status_code == 200
    assert control.get("/faults").json() == {"data": []}


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ({}, "form_param_missing", "kind"),
        ({"kind": "earthquake"}, "form_param_value_invalid", "kind"),
        ({"kind": 1}, "form_param_format_invalid", "kind"),
        ({"kind": "latency"}, "form_param_missing", "delay_s"),
        ({"kind": "latency", "delay_s": -1}, "form_param_value_invalid", "delay_s"),
        ({"kind": "latency", "delay_s": "long"}, "form_param_format_invalid", "delay_s"),
        ({"kind": "latency", "delay_s": 1, "status": 500}, "form_param_unknown", "status"),
        ({"kind": "server_error", "status": 404}, "form_param_value_invalid", "status"),
        ({"kind": "server_error", "speaker": "me"}, "form_param_value_invalid", "speaker"),
        ({**LIMITED, "probability": 1.1}, "form_param_value_invalid", "probability"),
        ({**LIMITED, "burst": 0}, "form_param_value_invalid", "burst"),
        ({**LIMITED, "times": 0}, "form_param_value_invalid", "times"),
        ({**LIMITED, "method": "get"}, "form_param_value_invalid", "method"),
        ({**LIMITED, "path": "users"}, "form_param_value_invalid", "path"),
        ({**LIMITED, "seed": -1}, "form_param_value_invalid", "seed"),
        ({**LIMITED, "instance_id": "ins_x"}, "form_param_unknown", "instance_id"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_and_not_set(
    control: httpx.Client, body: dict[str, Any], code: str, named: str
) -> None:
    refused = control.post("/faults", json=body)

    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["code"] == code
    assert error["meta"]["param_name"] == named
    assert control.get("/faults").json() == {"data": []}


def test_a_fault_of_an_instance_that_is_gone_is_gone(http: httpx.Client) -> None:
    info = http.post("/__fake__/instances").json()
    path = f"/__fake__/instances/{info['instance_id']}"
    fault = http.post(f"{path}/faults", json=LIMITED).json()

    http.delete(path)

    assert http.get(f"/__fake__/faults/{fault['id']}").status_code == 404
    unknown = {**LIMITED, "instance_id": info["instance_id"]}
    assert http.post("/__fake__/faults", json=unknown).status_code == 404
