"""``clerk-harness trigger`` by its real command line, before a receiver that verifies."""

import json
import os
import runpy
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from judging.payloads import event_judge

from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.webhooks.signing import SigningPair
from clerk_harness.clerk import ClerkInstance, ClerkRefusedError
from clerk_harness.serving import serve
from clerk_harness.waiting import eventually

Run = Callable[..., subprocess.CompletedProcess[str]]
Search = Callable[[], list[str]]
Clerk = ClerkInstance
Receiver = Any

EXAMPLE = Path(__file__).parents[4] / "examples" / "plain_service" / "app.py"
SECRET = "whsec_bm90LWEtc2VjcmV0LW9mLWFueWJvZHktYXQtYWxs"

KNOWN_AT: dict[str, Callable[[Any], str]] = {
    "user": lambda data: f"/users/{data['id']}",
    "session": lambda data: f"/sessions/{data['id']}",
    "organization": lambda data: f"/organizations/{data['id']}",
    "organizationInvitation": lambda data: (
        f"/organizations/{data['organization_id']}/invitations/{data['id']}"
    ),
    "organizationMembership": lambda data: (
        f"/organizations/{data['organization']['id']}/memberships"
    ),
    "organizationDomain": lambda data: f"/organizations/{data['organization_id']}/domains",
    "role": lambda data: f"/organization_roles/{data['id']}",
    "permission": lambda data: f"/organization_permissions/{data['id']}",
    "waitlistEntry": lambda _data: "/waitlist_entries",
    "subscriptionItem": lambda _data: "/billing/subscription_items?include_free=true",
    "subscription": lambda data: f"/users/{data['payer']['user_id']}/billing/subscription",
}
"""Where the Backend API tells of an object."""


def running(clerk: Clerk) -> tuple[str, ...]:
    return ("--fake", clerk.server_url, "--instance", clerk.keys.instance_id)


def lines(result: subprocess.CompletedProcess[str]) -> list[Any]:
    assert "Traceback" not in result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def known_to_the_backend_api(clerk: Clerk, event: Any) -> bool:
    data, noun = event["data"], event["type"].partition(".")[0]
    try:
        answer = clerk.call("GET", KNOWN_AT[noun](data))
    except ClerkRefusedError as refusal:
        if refusal.status != 404:
            raise
        return False
    return data["id"] in json.dumps(answer)


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_every_event_arrives_alone_signed_and_as_clerk_sends_it(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver, event_type: str
) -> None:
    to = ("--to", receiver.url, "--secret", SECRET)
    result = clerk_harness("trigger", event_type, *to, *running(clerk), "--json")
    (line,) = lines(result)
    assert result.returncode == 0, result.stderr
    (delivered,) = receiver.received
    receiver.verify(SECRET)
    assert delivered.event == line["payload"]
    assert delivered.event["type"] == event_type
    assert delivered.headers["svix-id"] == line["message_id"]
    assert line["acknowledged"]
    assert line["attempt"]["response_body"] == "thank you"
    judge = event_judge()
    if judge is not None:
        assert list(judge.faults(delivered.event)) == []
    assert all(endpoint.disabled for endpoint in clerk.endpoints.listed())
    noun, _, change = event_type.partition(".")
    if noun in KNOWN_AT and (noun, change) != ("organizationDomain", "deleted"):
        gone = change in {"deleted", "abandoned"}
        assert known_to_the_backend_api(clerk, delivered.event) != gone


def test_a_fake_of_its_own_is_started_for_the_moment_and_tells_its_secret(
    clerk_harness: Run, receiver: Receiver, left_behind: Search
) -> None:
    result = clerk_harness("trigger", "user.created", "--to", receiver.url)
    assert result.returncode == 0, result.stderr
    secret = result.stderr.split("verified with ")[1].split()[0]
    receiver.verify(secret)
    (delivered,) = receiver.received
    assert result.stdout.splitlines()[0].split() == [
        "user.created",
        delivered.headers["svix-id"],
        delivered.event["data"]["id"],
    ]
    assert receiver.url in result.stdout
    assert "200 in " in result.stdout
    assert "thank you" in result.stdout
    assert not left_behind()


def test_the_secret_comes_from_the_variable_that_clerks_users_set(
    clerk_harness: Run, receiver: Receiver
) -> None:
    to = ("--to", receiver.url)
    result = clerk_harness("trigger", "role.created", *to, CLERK_WEBHOOK_SIGNING_SECRET=SECRET)
    assert result.returncode == 0
    assert SECRET not in result.stdout + result.stderr
    receiver.verify(SECRET)


def test_what_clerk_takes_as_input_is_set_for_real(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    sets = ("--set", "data.first_name=Zoë", "--set", 'data.public_metadata.plan={"name": "gold"}')
    more = ("--set", "data.email_addresses[0].email_address=zoe@example.com")
    result = clerk_harness(
        "trigger", "user.created", *sets, *more, "--to", receiver.url, *running(clerk), "--json"
    )
    (line,) = lines(result)
    assert line["only_in_payload"] == []
    (delivered,) = receiver.received
    data = delivered.event["data"]
    known = clerk.call("GET", f"/users/{data['id']}")
    assert data["first_name"] == known["first_name"] == "Zoë"
    assert data["public_metadata"] == known["public_metadata"] == {"plan": {"name": "gold"}}
    assert data["email_addresses"][0]["email_address"] == "zoe@example.com"


def test_what_clerk_does_not_take_stands_in_the_payload_alone_and_that_is_said(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    sets = (
        "--set",
        "data.id=user_mine",
        "--set",
        "data.first_name=Zoë",
        "--set",
        "data.username=!",
    )
    to = ("--to", receiver.url, "--secret", SECRET)
    result = clerk_harness("trigger", "user.created", *sets, *to, *running(clerk))
    assert result.returncode == 0, result.stderr
    assert "only in the payload: data.id, data.username" in result.stdout
    (delivered,) = receiver.received  # the real change was told to nobody
    receiver.verify(SECRET)
    data = delivered.event["data"]
    assert (data["id"], data["first_name"], data["username"]) == ("user_mine", "Zoë", "!")
    (known,) = clerk.call("GET", "/users")
    assert (known["first_name"], known["username"]) == ("Zoë", None)


def test_preparations_are_sent_only_when_they_are_wanted(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    event = ("trigger", "organizationMembership.created", "--to", receiver.url, *running(clerk))
    assert clerk_harness(*event).returncode == 0
    assert [each.event["type"] for each in receiver.received] == ["organizationMembership.created"]
    receiver.received.clear()
    result = clerk_harness(*event, "--with-preparations", "--json")
    told = [(line["event_type"], line["preparation"]) for line in lines(result)]
    assert told == [
        ("user.created", True),
        ("organization.created", True),
        ("organizationMembership.created", True),
        ("user.created", True),
        ("organizationMembership.created", False),
    ]
    assert sorted(each.event["type"] for each in receiver.received) == sorted(
        event_type for event_type, _ in told
    )


def test_it_happens_as_often_as_was_asked_for(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    to = ("--to", receiver.url)
    result = clerk_harness(
        "trigger", "user.created", "--count", "3", *to, *running(clerk), "--json"
    )
    assert result.returncode == 0
    ids = {each.event["data"]["id"] for each in receiver.received}
    assert ids == {line["object_id"] for line in lines(result)}
    assert len(ids) == 3


@pytest.mark.parametrize("status", [301, 400, 500])
def test_a_receiver_that_does_not_acknowledge_is_exit_code_one(
    clerk_harness: Run, receiver: Receiver, status: int
) -> None:
    receiver.status, receiver.body = status, b"\x1b[31moh no\nsecond line"
    result = clerk_harness("trigger", "user.created", "--to", receiver.url)
    assert result.returncode == 1
    assert f"{status} in " in result.stdout
    assert "\N{MIDDLE DOT}[31moh no" in result.stdout
    assert "second line" not in result.stdout
    assert ("is it the signature?" in result.stdout) == (status == 400)
    assert len(receiver.received) == 1


def test_nobody_listening_is_exit_code_one(clerk_harness: Run) -> None:
    result = clerk_harness("trigger", "user.created", "--to", "http://127.0.0.1:1/hooks")
    assert result.returncode == 1
    assert "no answer in " in result.stdout
    assert "refused" in result.stdout


def test_one_endpoint_serves_all_that_goes_to_a_url(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    for event_type in ("user.created", "role.created", "user.created"):
        to = ("--to", receiver.url, "--secret", SECRET)
        assert clerk_harness("trigger", event_type, *to, *running(clerk)).returncode == 0
    receiver.verify(SECRET)
    told = [each.event["type"] for each in receiver.received]
    assert told == ["user.created", "role.created", "user.created"]
    (endpoint,) = clerk.endpoints.listed()
    assert endpoint.disabled
    other = ("--to", receiver.url)
    assert clerk_harness("trigger", "user.created", *other, *running(clerk)).returncode == 0
    receiver.received[:3] = []
    receiver.verify(clerk.keys.webhook_secret)


def test_a_receiver_may_verify_with_a_public_key(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    pair = SigningPair.of_seed(bytes(32)).text
    to = ("--to", receiver.url, "--secret", pair)
    assert clerk_harness("trigger", "user.created", *to).returncode == 0
    (delivered,) = receiver.received
    assert delivered.headers["svix-signature"].startswith("v1a,")
    clerk.endpoints.add(receiver.url, secret=pair)
    result = clerk_harness("trigger", "user.created", *to[:2], *running(clerk))
    assert result.returncode == 0, result.stderr
    assert "verified with whpk_" in result.stderr
    assert pair not in result.stderr


def test_the_endpoints_of_a_running_fake_hear_of_it_when_no_other_is_named(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    clerk.endpoints.add(receiver.url, event_types=["session.created"])
    result = clerk_harness("trigger", "session.created", *running(clerk))
    assert result.returncode == 0, result.stderr
    assert receiver.url in result.stdout
    receiver.verify(clerk.keys.webhook_secret)
    result = clerk_harness("trigger", "user.created", *running(clerk))
    assert result.returncode == 3
    assert "wants user.created: say with --to URL" in result.stderr
    assert not list(clerk.messages.emitted())[2:]
    receiver.status = 401
    result = clerk_harness("trigger", "session.created", *running(clerk))
    assert result.returncode == 1
    assert f"is verified with {clerk.keys.webhook_secret}" in result.stdout


def test_an_endpoint_that_is_there_already_is_used_and_stays(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    endpoint = clerk.endpoints.add(receiver.url, secret=SECRET)
    to = ("--to", receiver.url)
    result = clerk_harness("trigger", "user.created", *to, *running(clerk))
    assert result.returncode == 0, result.stderr
    assert SECRET in result.stderr
    assert len(receiver.received) == 1
    assert [each.id for each in clerk.endpoints.listed()] == [endpoint]
    other = ("--secret", "whsec_bm90LWEtc2VjcmV0LW9mLWFueWJvZHktYXQtYWxsIQ==")
    result = clerk_harness("trigger", "user.created", *to, *other, *running(clerk))
    assert result.returncode == 3
    assert "signs with another secret" in result.stderr


def test_the_example_service_takes_what_is_triggered(
    clerk_harness: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USERS_DB", str(tmp_path / "users.db"))
    monkeypatch.setenv("CLERK_WEBHOOK_SECRET", SECRET)  # for the service and for the command
    app = runpy.run_path(str(EXAMPLE))["app"]
    with serve(app) as url:
        to = ("--to", f"{url}/hooks/clerk", "--set", "data.first_name=Zoë")
        result = clerk_harness("trigger", "user.updated", *to)
    assert result.returncode == 0, result.stdout
    assert "204 in " in result.stdout
    with sqlite3.connect(tmp_path / "users.db") as users:
        (row,) = users.execute("SELECT clerk_id, first_name, active FROM users")
    assert row == (result.stdout.split()[2], "Zoë", 1)


def test_the_list_has_every_event_with_what_happens(clerk_harness: Run) -> None:
    told = {
        line["event_type"]: line["summary"]
        for line in lines(clerk_harness("trigger", "--list", "--json"))
    }
    assert told.keys() == EVENT_TYPES
    for_people = clerk_harness("trigger", "--list").stdout
    assert all(f"{event_type} " in for_people for event_type in EVENT_TYPES)
    assert all(summary in for_people for summary in told.values())


@pytest.mark.parametrize(
    ("arguments", "cause", "remedy"),
    [
        ((), "EVENT_TYPE is missing", "--list"),
        (("user.created", "--fake", "localhost:1"), "no fake Clerk", "--to URL none need run"),
        (("user.creatd", "--to", "localhost:1"), "no event 'user.creatd'", "user.created"),
        (("zzz", "--to", "localhost:1"), "no event 'zzz'", "--list"),
        (("user.created", "--to", "ftp://localhost"), "is no URL", "http://127.0.0.1:8000"),
        (("user.created", "--to", "http://[::1"), "is no URL", "http://127.0.0.1:8000"),
        (("user.created", "--to", "http://192.0.2.1/"), "leads away", "--allow-remote"),
        (("user.created", "--to", "http://[::ffff:192.0.2.1]/"), "leads away", "--allow-remote"),
        (("user.created", "--to", "http://no.invalid/"), "is not known here", "check"),
        (("user.created", "--fake", "http://192.0.2.1"), "leads away", "--allow-remote"),
        (("user.created", "--fake", "localhost:1"), "no fake Clerk answers", "fake --port 1"),
        (("user.created", "--to", "localhost:1", "--instance", "x"), "running fake", "--fake URL"),
        (("user.created", "--to", "localhost:1", "--secret", "hush"), "a usable secret", ""),
        (("user.created", "--fake", "localhost:1", "--secret", SECRET), "--secret is for --to", ""),
        (("user.created", "--to", "localhost:1", "--count", "0"), "not in the range", "--help"),
        (("user.created", "--to", "localhost:1", "--set", "x"), "cannot be read", "PATH=VALUE"),
        (
            ("user.created", "--to", "localhost:1", "--set", "data.usrname=x"),
            "no data.usrname",
            "did you",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_three(
    clerk_harness: Run, left_behind: Search, arguments: tuple[str, ...], cause: str, remedy: str
) -> None:
    result = clerk_harness("trigger", *arguments)
    line = result.stderr.strip().splitlines()[-1]
    assert result.returncode == 3, result.stderr
    assert line.startswith("clerk-harness: ")
    assert cause in line
    assert remedy in line
    assert "Traceback" not in result.stderr
    assert not left_behind()


def test_several_instances_must_be_told_apart(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    asked = ("trigger", "user.created", "--to", receiver.url, "--fake", clerk.server_url)
    result = clerk_harness(*asked, CLERK_SECRET_KEY="")
    assert result.returncode == 3
    assert "--instance ID" in result.stderr
    result = clerk_harness(*asked, "--instance", "ins_none")
    assert result.returncode == 3
    assert "there is no instance 'ins_none'" in result.stderr
    assert clerk_harness(*asked, CLERK_SECRET_KEY=clerk.keys.secret_key).returncode == 0
    (delivered,) = receiver.received
    assert delivered.event["instance_id"] == clerk.keys.instance_id


def test_what_is_no_fake_clerk_is_said_to_be_none(clerk_harness: Run, receiver: Receiver) -> None:
    result = clerk_harness("trigger", "user.created", "--fake", receiver.url.rpartition("/w")[0])
    assert result.returncode == 3
    assert "is no fake Clerk" in result.stderr


def test_a_fake_that_refuses_says_why(clerk_harness: Run, clerk: Clerk) -> None:
    by_an_odd_name = clerk.server_url.replace("127.0.0.1", "2130706433")
    result = clerk_harness("trigger", "user.created", "--fake", by_an_odd_name)
    assert result.returncode == 3
    assert "--allow-host" in result.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_it_nothing_is_left_running(
    runtime: Path, left_behind: Search, ending: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = started(runtime, "user.created", "--to", url)
        silent.settimeout(30)
        with silent.accept()[0]:
            process.send_signal(ending)
            _, told = process.communicate(timeout=30)
    assert process.returncode == (-9 if ending is signal.SIGKILL else 130)
    assert ("interrupted" in told) == (ending is not signal.SIGKILL)
    eventually(lambda: not left_behind(), within=20)


def test_an_endpoint_of_the_moment_is_disabled_when_it_is_interrupted(
    runtime: Path, clerk: Clerk
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = started(runtime, "user.created", "--to", url, *running(clerk))
        silent.settimeout(30)
        with silent.accept()[0]:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    (endpoint,) = clerk.endpoints.listed()
    assert endpoint.disabled


def started(runtime: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "clerk_harness", "trigger", *arguments],
        env={**os.environ, "CLERK_HARNESS_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
