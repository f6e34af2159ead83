from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from servers import Running, running

INSTANCES = 5_000


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[Running, list[dict[str, Any]], float]]:
    """A server with thousands of instances, and how many bytes each of them costs."""
    with running() as server:
        server.ask("POST", "/__fake__/instances")  # whatever the first one needs is there now
        before = _held(server)
        made = [server.ask("POST", "/__fake__/instances").json() for _ in range(INSTANCES)]
        yield server, made, (_held(server) - before) / INSTANCES


def _held(server: Running) -> int:
    held: int = psutil.Process(server.process.pid).memory_full_info().uss
    return held


def test_an_empty_instance_costs_next_to_nothing(
    crowd: tuple[Running, list[dict[str, Any]], float],
) -> None:
    assert crowd[2] < 16_384


def test_thousands_of_instances_have_keys_of_their_own(
    crowd: tuple[Running, list[dict[str, Any]], float],
) -> None:
    server, made, _ = crowd
    for name in ("instance_id", "secret_key", "publishable_key", "webhook_secret", "issuer"):
        assert len({info[name] for info in made}) == INSTANCES
    listed = server.get("/__fake__/instances")["data"]
    assert {info["instance_id"] for info in made} <= {info["instance_id"] for info in listed}


def test_a_secret_key_never_shows_what_another_instance_holds(
    crowd: tuple[Running, list[dict[str, Any]], float],
) -> None:
    server, made, _ = crowd
    some = made[:: INSTANCES // 25]
    body = {"username": "ada_l", "email_address": ["ada@example.com"]}
    users = [server.ask("POST", "/v1/users", body, key=info["secret_key"]).json() for info in some]
    sessions = [
        server.ask("POST", "/v1/sessions", {"user_id": user["id"]}, key=info["secret_key"]).json()
        for info, user in zip(some, users, strict=True)
    ]

    for number, info in enumerate(some):
        key = info["secret_key"]
        assert server.ask("GET", "/v1/users", key=key).json()[0]["id"] == users[number]["id"]
        assert server.ask("GET", "/v1/users/count", key=key).json()["total_count"] == 1
        other = number - 1
        path = f"/v1/users/{users[other]['id']}"
        for method in ("GET", "PATCH", "DELETE"):
            assert server.ask(method, path, key=key).status_code == 404
        for path in (
            f"/v1/sessions/{sessions[other]['id']}",
            f"/v1/email_addresses/{users[other]['primary_email_address_id']}",
        ):
            assert server.ask("GET", path, key=key).status_code == 404
        messages = server.get(f"/__fake__/instances/{info['instance_id']}/messages")["data"]
        assert {message["object_id"] for message in messages} == {
            users[number]["id"],
            sessions[number]["id"],
        }

    for info in made[1 :: INSTANCES // 25]:
        assert server.ask("GET", "/v1/users", key=info["secret_key"]).json() == []


def test_a_session_token_is_refused_by_every_other_instance(
    crowd: tuple[Running, list[dict[str, Any]], float],
) -> None:
    server, made, _ = crowd
    mine, other = made[7], made[8]
    ids = []
    for info in (mine, other):
        key = info["secret_key"]
        user = server.ask("POST", "/v1/users", {"username": "bob_b"}, key=key).json()
        session = server.ask("POST", "/v1/sessions", {"user_id": user["id"]}, key=key).json()
        ids.append(session["id"])
    path = f"/v1/sessions/{ids[0]}/tokens"
    token = server.ask("POST", path, key=mine["secret_key"]).json()["jwt"]

    for session_id, info, status in (
        (ids[0], mine, 200),
        (ids[0], other, 404),
        (ids[1], other, 401),
    ):
        path = f"/v1/sessions/{session_id}/verify"
        verified = server.ask("POST", path, {"token": token}, key=info["secret_key"])
        assert verified.status_code == status
