import os
import resource
import signal
import sqlite3
from pathlib import Path

import jwt
import pytest
from servers import Running, refusal_of, running

from clerk_harness.waiting import eventually


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clerk.state"


def _sign_in(server: Running) -> tuple[str, str]:
    user = server.ask("POST", "/v1/users", {"username": "ada_l"}).json()
    session = server.ask("POST", "/v1/sessions", {"user_id": user["id"]}).json()
    token = server.ask("POST", f"/v1/sessions/{session['id']}/tokens").json()["jwt"]
    return session["id"], token


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_everything_is_there_again_whatever_ended_the_server(
    file: Path, how: signal.Signals
) -> None:
    with running("--state", str(file)) as server:
        _sign_in(server)
        before = server.get("…/snapshot")
        server.process.send_signal(how)
        server.process.wait(timeout=10)
        told = server.ready

    with running("--state", str(file)) as server:
        assert server.get("…/snapshot")["state"] == before["state"]
        assert server.get("…/snapshot")["messages"] == before["messages"]
        for name in ("instance_id", "secret_key", "publishable_key", "webhook_secret"):
            assert server.ready[name] == told[name]


def test_a_token_from_before_is_good_afterwards(file: Path) -> None:
    with running("--state", str(file)) as server:
        session_id, token = _sign_in(server)
        pem = server.get("…")["public_key_pem"]
        server.kill()

    with running("--state", str(file)) as server:
        verified = server.ask("POST", f"/v1/sessions/{session_id}/verify", {"token": token})
        assert verified.json()["id"] == session_id
        assert server.get("…")["public_key_pem"] == pem
        _, later = _session_token(server, session_id)
        assert jwt.decode(later, pem, algorithms=["RS256"])["sid"] == session_id


def _session_token(server: Running, session_id: str) -> tuple[str, str]:
    return session_id, server.ask("POST", f"/v1/sessions/{session_id}/tokens").json()["jwt"]


def test_rotated_keys_and_what_they_signed_outlive_the_server(file: Path) -> None:
    with running("--state", str(file)) as server:
        session_id, old = _sign_in(server)
        for _ in range(2):
            server.ask("POST", "…/signing-key/rotate", {"overlap_s": 3600})
        _, new = _session_token(server, session_id)
        before = server.get("…/signing-key"), server.get("/v1/jwks")
        server.kill()

    with running("--state", str(file)) as server:
        assert (server.get("…/signing-key"), server.get("/v1/jwks")) == before
        for token in (old, new):
            path = f"/v1/sessions/{session_id}/verify"
            assert server.ask("POST", path, {"token": token}).status_code == 200
        server.ask("POST", "…/signing-key/rotate", {"overlap_s": 3600})
        server.kill()

    with running("--state", str(file)) as server:
        assert len(server.get("…/signing-key")["published"]) == 4
        server.ask("POST", "…/reset")
        server.kill()

    with running("--state", str(file)) as server:
        assert len(server.get("…/signing-key")["published"]) == 1


def test_a_clean_end_leaves_one_file_and_a_killed_server_no_lock(file: Path) -> None:
    with running("--state", str(file)) as server:
        server.kill()
    with running("--state", str(file)) as server:
        server.process.terminate()
        assert server.process.wait(timeout=10) == 0

    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_all_instances_come_back_and_deleted_ones_do_not(file: Path) -> None:
    with running("--state", str(file)) as server:
        made = [server.ask("POST", "/__fake__/instances", {}).json() for _ in range(3)]
        for number, info in enumerate(made):
            server.ask("POST", "/v1/users", {"username": f"user{number}"}, key=info["secret_key"])
        server.ask("DELETE", f"/__fake__/instances/{made[1]['instance_id']}")
        server.kill()

    with running("--state", str(file)) as server:
        assert len(server.get("/__fake__/instances")["data"]) == 3
        for number, info in enumerate(made):
            users = server.ask("GET", "/v1/users", key=info["secret_key"])
            if number == 1:
                assert users.status_code == 401
            else:
                assert [user["username"] for user in users.json()] == [f"user{number}"]


def test_an_instance_that_was_made_last_is_not_confused_with_a_deleted_one(file: Path) -> None:
    with running("--state", str(file)) as server:
        gone = server.ask("POST", "/__fake__/instances", {}).json()
        server.ask("POST", "/v1/users", {"username": "gone_user"}, key=gone["secret_key"])
        server.ask("DELETE", f"/__fake__/instances/{gone['instance_id']}")
        server.kill()
    with running("--state", str(file)) as server:
        made = server.ask("POST", "/__fake__/instances", {}).json()
        server.kill()

    with running("--state", str(file)) as server:
        assert server.ask("GET", "/v1/users", key=made["secret_key"]).json() == []


def test_reset_and_restore_outlive_the_server(file: Path) -> None:
    with running("--state", str(file)) as server:
        server.ask("POST", "/v1/users", {"username": "ada_l"})
        snapshot = server.get("…/snapshot")
        server.ask("POST", "…/reset")
        server.kill()
    with running("--state", str(file)) as server:
        assert server.get("/v1/users") == []
        assert server.get("…/messages")["data"] == []
        server.ask("POST", "/v1/users", {"username": "bob_b"})
        server.ask("PUT", "…/snapshot", snapshot)
        server.kill()

    with running("--state", str(file)) as server:
        assert [user["username"] for user in server.get("/v1/users")] == ["ada_l"]
        assert len(server.get("…/messages")["data"]) == 1


def test_a_turned_clock_and_a_schedule_outlive_the_server(file: Path) -> None:
    with running("--state", str(file)) as server:
        server.ask("PUT", "…/clock", {"now_ms": 1_700_000_000_000, "frozen": True})
        server.ask("PUT", "…/delivery-schedule", {"delays_s": [7], "jitter": 0})
        server.kill()
    with running("--state", str(file)) as server:
        assert server.get("…/clock")["now_ms"] == 1_700_000_000_000
        assert server.get("…/delivery-schedule")["delays_s"] == [7]
        server.ask("PUT", "…/clock", {"frozen": False})
        server.kill()

    with running("--state", str(file)) as server:
        assert 1_700_000_000_000 < server.get("…/clock")["now_ms"] < 1_700_000_900_000


def test_the_same_seed_gives_the_same_ids_with_and_without_a_restart(file: Path) -> None:
    other = file.with_name("other.state")

    def ids(server: Running, key: str, number: int) -> list[str]:
        body = {"username": f"user{number}", "email_address": [f"user{number}@example.com"]}
        user = server.ask("POST", "/v1/users", body, key=key).json()
        refused = server.ask("POST", "/v1/users", body, key=key)  # draws ids in vain
        assert refused.status_code == 422
        return [user["id"], user["email_addresses"][0]["id"]]

    with running("--state", str(file)) as server:
        whole = server.ask("POST", "/__fake__/instances", {"seed": 7}).json()["secret_key"]
        expected = [ids(server, whole, number) for number in range(2)]
    with running("--state", str(other)) as server:
        halved = server.ask("POST", "/__fake__/instances", {"seed": 7}).json()["secret_key"]
        seen = [ids(server, halved, 0)]
        server.kill()
    with running("--state", str(other)) as server:
        seen.append(ids(server, halved, 1))

    assert seen == expected


def test_what_was_pending_is_delivered_by_the_next_server_and_nothing_else(
    file: Path, receiver: object
) -> None:
    with running("--state", str(file)) as server:
        server.ask("POST", "…/endpoints", {"url": receiver.url})
        server.ask("POST", "…/trigger", {"type": "user.created", "data": {"id": "1"}})
        eventually(lambda: server.get("…/attempts")["data"], within=5)
        server.ask("PUT", "…/clock", {"frozen": True})
        server.ask("PUT", "…/delivery-schedule", {"delays_s": [60], "jitter": 0})
        server.ask("POST", "…/trigger", {"type": "user.updated", "data": {"id": "1"}})
        server.kill()

    with running("--state", str(file)) as server:
        assert server.get("…/deliveries")["pending"] == 1
        server.ask("POST", "…/clock/advance", {"seconds": 60})
        eventually(lambda: len(server.get("…/attempts")["data"]) == 2, within=5)
        assert [each.event["type"] for each in receiver.received] == [
            "user.created",
            "user.updated",
        ]
        numbers = [attempt["seq"] for attempt in server.get("…/attempts")["data"]]
        assert numbers == [1, 2]


def test_the_keys_of_the_first_instance_may_be_given_again(file: Path) -> None:
    secret = "whsec_" + "QUJD" * 8
    keys = ("--secret-key", "sk_test_mine", "--webhook-secret", secret)
    with running("--state", str(file), *keys) as server:
        server.ask("POST", "/v1/users", {"username": "ada_l"})
        server.kill()
    with running("--state", str(file), *keys) as server:
        assert len(server.get("/v1/users")) == 1
        server.kill()
    with running("--state", str(file), "--secret-key", "sk_test_other") as server:
        assert server.get("/v1/users") == []
        assert len(server.get("/__fake__/instances")["data"]) == 2
        server.kill()

    line = refusal_of("--state", str(file), "--webhook-secret", "whsec_" + "QUJE" * 8)
    assert "--webhook-secret" in line


def test_a_file_in_use_is_refused_and_its_server_goes_on(file: Path) -> None:
    with running("--state", str(file)) as server:
        line = refusal_of("--state", str(file))

        assert f"{file} is in use by another server" in line
        assert server.ask("POST", "/v1/users", {"username": "ada_l"}).status_code == 200


def _foreign(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE birds (name)")
    connection.close()


def _newer(file: Path) -> None:
    with running("--state", str(file)):
        pass
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def _stranger_inside(file: Path) -> None:
    with running("--state", str(file)) as server:
        server.ask("POST", "/v1/users", {"username": "ada_l"})
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("""UPDATE record SET body = '{"shoes": 1}' WHERE kind = 'users'""")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda file: file.write_text("not a database, but long enough to be looked at " * 20),
         "was not written by this fake"),
        (_foreign, "was not written by this fake"),
        (_newer, "format 99"),
        (_stranger_inside, "another version"),
        (lambda file: file.mkdir(), "is a folder"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    file: Path, spoil: object, named: str
) -> None:
    spoil(file)
    before = None if file.is_dir() else file.read_bytes()

    line = refusal_of("--state", str(file))

    assert named in line
    assert str(file) in line
    assert before is None or file.read_bytes() == before


def test_a_folder_that_is_missing_or_closed_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "is no folder" in refusal_of("--state", str(tmp_path / "no" / "clerk.state"))
    if os.geteuid() == 0:  # root may write everywhere but into the kernel's own folders
        assert "cannot be written" in refusal_of("--state", "/proc/clerk.state")
    else:
        tmp_path.chmod(0o500)
        assert "cannot be written" in refusal_of("--state", str(tmp_path / "clerk.state"))


def test_an_empty_file_is_taken_as_a_new_one(file: Path) -> None:
    file.touch()

    with running("--state", str(file)) as server:
        assert server.ask("POST", "/v1/users", {"username": "ada_l"}).status_code == 200


@pytest.mark.unjudged("a server that cannot keep its promise says so with a status of its own")
def test_nothing_is_acknowledged_once_the_file_cannot_be_written(file: Path) -> None:
    with running("--state", str(file)) as server:
        server.ask("POST", "/v1/users", {"username": "ada_l"})
        _limit_file_size(server.process.pid, 1 << 16)
        answers = []
        for number in range(200):
            body = {"username": f"user{number}", "public_metadata": {"a": "x" * 4000}}
            answers.append(server.ask("POST", "/v1/users", body).status_code)
            if answers[-1] != 200:
                break

        assert answers[-1] == 500
        assert server.process.wait(timeout=10) == 3

    with running("--state", str(file)) as server:
        assert len(server.get("/v1/users?limit=500")) == len(
            answers
        )  # the first one, less the last


def _limit_file_size(pid: int, size: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))
