"""Random lives of a server with a state file, each cut short by ``kill -9``."""

import json
import random
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from servers import Running, running


@dataclass(frozen=True)
class Place:
    """One instance of a server, and what chance has chosen in it."""

    server: Running
    chance: random.Random
    instance_id: str
    secret_key: str
    number: int

    @classmethod
    def somewhere(cls, server: Running, chance: random.Random) -> "Place":
        info = chance.choice(server.get("/__fake__/instances")["data"])
        return cls(server, chance, info["instance_id"], info["secret_key"], chance.randrange(30))

    @property
    def odd(self) -> bool:
        return self.number % 2 == 1

    def ask(self, method: str, path: str, body: object = None) -> Any:
        path = path.replace("…", f"/__fake__/instances/{self.instance_id}")
        answer = self.server.ask(method, path, body, key=self.secret_key)
        assert answer.status_code < 500, answer.text
        return answer.json()

    def one_of(self, path: str) -> str:
        rows = self.ask("GET", path)
        rows = rows["data"] if isinstance(rows, dict) else rows
        return self.chance.choice(rows)["id"] if rows else "none"

    def one_user(self) -> str:
        return self.one_of("/v1/users")

    def never_deliver(self) -> None:
        """Attempts end when they like, so that two readings could never be compared."""
        self.ask("PUT", "…/delivery-schedule", {"delays_s": [3600], "jitter": 0})


def _create_user(here: Place) -> None:
    emails = [f"u{here.number}@example.com"] if here.odd else []
    body = {"username": f"user{here.number}", "email_address": emails, "password": "analytical"}
    here.ask("POST", "/v1/users", body)


def _add_email(here: Place) -> None:
    body = {"user_id": here.one_user(), "email_address": f"more{here.number}@example.com"}
    here.ask("POST", "/v1/email_addresses", body)


def _create_instance(here: Place) -> None:
    made = here.ask("POST", "/__fake__/instances", {"seed": here.number})
    replace(here, instance_id=made["instance_id"]).never_deliver()


def _delete_instance(here: Place) -> None:
    if len(here.server.get("/__fake__/instances")["data"]) > 1:
        here.ask("DELETE", "…")


def _reset(here: Place) -> None:
    here.ask("POST", "…/reset")
    here.never_deliver()


def _restore(here: Place) -> None:
    snapshot = here.ask("GET", "…/snapshot")
    Place.somewhere(here.server, here.chance).ask("PUT", "…/snapshot", snapshot)


DEEDS: Final[dict[str, Callable[[Place], object]]] = {
    "create user": _create_user,
    "create another user": _create_user,
    "create a third user": _create_user,
    "update user": lambda here: here.ask(
        "PATCH", f"/v1/users/{here.one_user()}", {"first_name": f"Ada {here.number}"}
    ),
    "merge metadata": lambda here: here.ask(
        "PATCH",
        f"/v1/users/{here.one_user()}/metadata",
        {"public_metadata": {"n": here.number, "ü": None}},
    ),
    "delete user": lambda here: here.ask("DELETE", f"/v1/users/{here.one_user()}"),
    "ban": lambda here: here.ask("POST", f"/v1/users/{here.one_user()}/ban"),
    "add email": _add_email,
    "sign in": lambda here: here.ask("POST", "/v1/sessions", {"user_id": here.one_user()}),
    "revoke": lambda here: here.ask("POST", f"/v1/sessions/{here.one_of('/v1/sessions')}/revoke"),
    "create URL": lambda here: here.ask("POST", "/v1/redirect_urls", {"url": f"a://{here.number}"}),
    "delete URL": lambda here: here.ask(
        "DELETE", f"/v1/redirect_urls/{here.one_of('/v1/redirect_urls')}"
    ),
    "create endpoint": lambda here: here.ask("POST", "…/endpoints", {"url": "http://127.0.0.1:1/"}),
    "disable endpoint": lambda here: here.ask(
        "PATCH", f"…/endpoints/{here.one_of('…/endpoints')}", {"disabled": here.odd}
    ),
    "delete endpoint": lambda here: here.ask("DELETE", f"…/endpoints/{here.one_of('…/endpoints')}"),
    "trigger": lambda here: here.ask("POST", "…/trigger", {"type": "sms.created", "data": {}}),
    "turn clock": lambda here: here.ask("POST", "…/clock/advance", {"seconds": here.number}),
    "freeze clock": lambda here: here.ask("PUT", "…/clock", {"frozen": here.odd}),
    "set schedule": lambda here: here.ask(
        "PUT", "…/delivery-schedule", {"delays_s": [3600, here.number], "jitter": 0}
    ),
    "set limits": lambda here: here.ask("PUT", "…/limits", {"users": here.number + 10}),
    "set settings": lambda here: here.ask(
        "PATCH", "…/settings", {"general": {"sign_up_mode": "waitlist" if here.odd else "public"}}
    ),
    "rotate keys": lambda here: here.ask(
        "POST", "…/signing-key/rotate", {"overlap_s": here.number}
    ),
    "create instance": _create_instance,
    "delete instance": _delete_instance,
    "reset": _reset,
    "restore": _restore,
}


def _everything(server: Running) -> dict[str, Any]:
    seen = {}
    for info in server.get("/__fake__/instances")["data"]:
        control = f"/__fake__/instances/{info['instance_id']}"
        snapshot = server.get(f"{control}/snapshot")
        clock = snapshot.pop("clock")
        clock.pop("offset_ms" if clock["frozen"] else "now_ms")
        keys = {name: value for name, value in info.items() if "_url" not in name}
        deliveries = server.get(f"{control}/deliveries")
        signing = server.get(f"{control}/signing-key")["kid"]
        seen[info["instance_id"]] = {"keys": keys, "clock": clock, "signing": signing}
        seen[info["instance_id"]] |= {**snapshot, **deliveries}
    return seen


@given(
    lives=st.lists(st.lists(st.sampled_from(sorted(DEEDS)), max_size=25), min_size=2, max_size=3),
    seed=st.integers(),
)
@example(lives=[[*DEEDS][:23], [*DEEDS]], seed=1)
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_after_kill_9_all_is_as_it_was_acknowledged(lives: list[list[str]], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable
    with tempfile.TemporaryDirectory() as folder:
        options = ("--state", str(Path(folder) / "clerk.state"))
        known: dict[str, Any] | None = None
        for deeds in lives:
            with running(*options) as server:
                if known is None:
                    Place.somewhere(server, chance).never_deliver()
                else:
                    assert _everything(server) == known
                for deed in deeds:
                    DEEDS[deed](Place.somewhere(server, chance))
                known = _everything(server)
                server.kill()
        with running(*options) as server:
            assert _everything(server) == known


@pytest.mark.parametrize("after", [1, 60, 200])
def test_what_was_under_way_at_kill_9_happened_wholly_or_not_at_all(
    tmp_path: Path, after: int
) -> None:
    options = ("--state", str(tmp_path / "clerk.state"))
    acknowledged: list[dict[str, Any]] = []
    with running(*options) as server:
        server.ask("PUT", "…/delivery-schedule", {"delays_s": [3600], "jitter": 0})
        endpoint = server.ask("POST", "…/endpoints", {"url": "http://127.0.0.1:1/"}).json()
        enough = threading.Event()
        threads = [
            threading.Thread(target=_create, args=(server, number, acknowledged, enough, after))
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        enough.wait(timeout=30)
        server.kill()
        for thread in threads:
            thread.join()

    with running(*options) as server:
        snapshot = server.get("…/snapshot")
        users = {user["id"]: user for user in snapshot["state"]["users"]}
        assert len(users) >= len(acknowledged) >= after
        assert {user["id"] for user in acknowledged} <= set(users)
        told = Counter(message["object_id"] for message in snapshot["messages"])
        assert told == Counter(dict.fromkeys(users, 1))
        for user in acknowledged:
            message = next(m for m in snapshot["messages"] if m["object_id"] == user["id"])
            assert json.loads(message["payload"])["data"] == user
        due = {delivery["message_id"] for delivery in snapshot["deliveries"]}
        assert due == {message["id"] for message in snapshot["messages"]}
        assert {delivery["endpoint_id"] for delivery in snapshot["deliveries"]} == {endpoint["id"]}


def _create(
    server: Running,
    worker: int,
    acknowledged: list[dict[str, Any]],
    enough: threading.Event,
    after: int,
) -> None:
    headers = {"authorization": f"Bearer {server.ready['secret_key']}"}
    with httpx.Client(base_url=server.ready["url"], headers=headers, timeout=10) as http:
        for number in range(10_000):
            try:
                answer = http.post("/v1/users", json={"username": f"user_{worker}_{number}"})
            except httpx.TransportError:
                return  # the server is dead
            acknowledged.append(answer.raise_for_status().json())
            if len(acknowledged) >= after:
                enough.set()
