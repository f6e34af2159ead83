"""``clerk-harness events`` by its real command line, before a fake that runs."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from clerk_harness.clerk import ClerkInstance, ClerkServer
from clerk_harness.waiting import eventually

Run = Callable[..., subprocess.CompletedProcess[str]]
Clerk = ClerkInstance
Receiver = Any

SECRET = "whsec_bm90LWEtc2VjcmV0LW9mLWFueWJvZHktYXQtYWxs"
NOWHERE = "http://127.0.0.1:1/hooks"


def running(clerk: Clerk) -> dict[str, str]:
    return {"CLERK_HARNESS_FAKE_URL": clerk.server_url, "CLERK_SECRET_KEY": clerk.keys.secret_key}


def lines(result: subprocess.CompletedProcess[str]) -> list[Any]:
    assert result.returncode in {0, 1}, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def settled(clerk: Clerk, count: int) -> None:
    """Wait until so many attempts are noted."""
    eventually(lambda: len(list(clerk.messages.attempts())) >= count, within=10)


def three_that_failed(clerk: Clerk, receiver: Receiver) -> tuple[str, list[str]]:
    """Let three messages fail for good at an endpoint; return it, and them."""
    clerk.endpoints.retry_after(0)
    endpoint = clerk.endpoints.add(receiver.url)
    receiver.status = 500
    for name in ("ada", "grace", "joan"):
        clerk.users.create(f"{name}@example.com")
    settled(clerk, 3)
    receiver.status = 200
    receiver.received.clear()
    return endpoint, [message.id for message in clerk.messages.emitted()]


def test_messages_are_listed_with_how_they_stand(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    endpoint, ids = three_that_failed(clerk, receiver)
    clerk.endpoints.disable(endpoint)
    clerk.users.create("late@example.com", first_name="Zoë")
    told = lines(clerk_harness("events", "list", "--json", **running(clerk)))
    assert [each["message_id"] for each in told[:3]] == ids
    assert [each["status"] for each in told] == ["exhausted"] * 3 + ["none"]
    assert [each["seq"] for each in told] == [1, 2, 3, 4]
    assert told[0]["last_attempt"]["status"] == 500
    assert told[3]["last_attempt"] is None
    for_people = clerk_harness("events", "list", **running(clerk)).stdout
    assert all(id_ in for_people for id_ in ids)
    assert for_people.count("500 in ") == 3
    assert "\x1b" not in for_people


def test_the_list_can_be_narrowed(clerk_harness: Run, clerk: Clerk, receiver: Receiver) -> None:
    _, ids = three_that_failed(clerk, receiver)
    clerk.organizations.create("Acme", created_by=clerk.users.create("boss@example.com").id)
    settled(clerk, 6)

    def listed(*options: str) -> list[str]:
        found = lines(clerk_harness("events", "list", "--json", *options, **running(clerk)))
        return [each["event_type"] for each in found]

    assert listed("--type", "user.created", "--status", "exhausted") == ["user.created"] * 3
    assert listed("--type", "organization*") == [
        "organization.created",
        "organizationMembership.created",
    ]
    assert listed("--limit", "1") == ["organizationMembership.created"]
    assert listed("--type", "user.deleted") == []
    found = lines(
        clerk_harness(
            "events", "list", "--json", "--limit", "2", "--status", "exhausted", **running(clerk)
        )
    )
    assert [each["message_id"] for each in found] == ids[1:]


def test_an_empty_list_is_well(clerk_harness: Run, clerk: Clerk) -> None:
    result = clerk_harness("events", "list", **running(clerk))
    assert (result.returncode, result.stdout) == (0, "")
    assert "there are no such messages" in result.stderr
    result = clerk_harness("events", "list", "--json", **running(clerk))
    assert (result.returncode, result.stdout) == (0, "")


def test_the_youngest_of_many_are_found(clerk_harness: Run, clerk: Clerk) -> None:
    for number in range(450):
        clerk.messages.trigger("user.created", {"id": f"user_{number}"})
    found = lines(clerk_harness("events", "list", "--json", "--limit", "430", **running(clerk)))
    assert [each["object_id"] for each in found] == [f"user_{n}" for n in range(20, 450)]


@pytest.mark.parametrize("columns", [40, 60, 80, 160])
def test_a_table_fits_the_terminal_and_its_ids_can_be_copied(
    clerk: Clerk, receiver: Receiver, columns: int
) -> None:
    _, ids = three_that_failed(clerk, receiver)
    longest = "subscriptionItem.freeTrialEnding"
    ids.append(clerk.messages.trigger(longest, {"id": "csub_item_1"}).id)
    settled(clerk, 4)
    shown = on_a_terminal(columns, "events", "list", **running(clerk))
    rows = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert all(len(row.rstrip()) <= columns for row in rows)
    assert all(any(id_ in row for row in rows) for id_ in ids)
    assert shown.count("exhausted") == (3 if columns >= 60 else 0)
    assert (longest in shown) == (columns > 80)
    assert "\x1b[" in shown
    assert "\x1b[" not in on_a_terminal(columns, "events", "list", NO_COLOR="1", **running(clerk))


def on_a_terminal(columns: int, *arguments: str, **env: str) -> str:
    ours, theirs = pty.openpty()
    size = {"COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "clerk_harness", *arguments],
        env={**os.environ, **size, **env},
        stdin=theirs,
        stdout=theirs,
    )
    os.close(theirs)
    shown = bytearray()
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # how Linux says that the other side is closed
        pass
    finally:
        os.close(ours)
    assert process.wait(timeout=30) == 0
    return shown.decode()


def test_a_message_is_shown_with_every_attempt(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    receiver.status, receiver.body = 503, "später \x1b[2J".encode()
    clerk.endpoints.retry_after(0, 3600)
    clerk.endpoints.add(receiver.url)
    clerk.users.create("zoe@example.com", first_name="Zoë")
    settled(clerk, 1)
    (message,) = clerk.messages.emitted()
    shown = clerk_harness("events", "show", message.id, **running(clerk))
    assert shown.returncode == 0
    for part in (message.id, "pending", '"first_name": "Zoë"', "attempt 1 at ", receiver.url):
        assert part in shown.stdout
    assert "503 in " in shown.stdout
    assert "später \N{MIDDLE DOT}[2J" in shown.stdout
    assert "the next one is due at " in shown.stdout
    clerk.advance_clock(3601)
    settled(clerk, 2)
    (told,) = lines(clerk_harness("events", "show", message.id, "--json", **running(clerk)))
    assert told["payload"] == receiver.received[0].event
    assert [attempt["number"] for attempt in told["attempts"]] == [1, 2]
    for attempt, delivered in zip(told["attempts"], receiver.received, strict=True):
        signed = attempt["request_headers"]
        assert signed["svix-signature"] == delivered.headers["svix-signature"]


def test_a_message_that_nobody_wanted_says_so(clerk_harness: Run, clerk: Clerk) -> None:
    message = clerk.messages.trigger("user.created", {"id": "user_1"})
    shown = clerk_harness("events", "show", message.id, **running(clerk))
    assert "no attempts: no endpoint wanted it" in shown.stdout


def test_one_message_is_sent_again_and_waited_for(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    _, ids = three_that_failed(clerk, receiver)
    result = clerk_harness("events", "replay", ids[1], **running(clerk))
    assert result.returncode == 0, result.stderr
    assert f"{ids[1]}  to {receiver.url}: 200 in " in result.stdout
    assert result.stdout.endswith("delivered 1, failed 0\n")
    assert [each.headers["svix-id"] for each in receiver.received] == [ids[1]]
    receiver.verify(clerk.keys.webhook_secret)
    assert clerk.messages.get(ids[1]).status == "delivered"
    receiver.status = 500
    result = clerk_harness("events", "replay", ids[0], **running(clerk))
    assert result.returncode == 1
    assert result.stdout.endswith("delivered 0, failed 1\n")


def test_all_that_failed_is_sent_again_once(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    endpoint, ids = three_that_failed(clerk, receiver)
    told = lines(clerk_harness("events", "replay", "--failed", "--json", **running(clerk)))
    assert {each["message_id"] for each in told} == set(ids)
    assert all(each["acknowledged"] and each["trigger"] == "manual" for each in told)
    assert {each["endpoint_id"] for each in told} == {endpoint}
    result = clerk_harness("events", "replay", "--failed", **running(clerk))
    assert (result.returncode, result.stdout) == (0, "there is nothing to send again\n")
    assert len(receiver.received) == 3


def test_the_span_is_one_of_the_instances_clock(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    three_that_failed(clerk, receiver)
    clerk.advance_clock(3 * 3600)
    receiver.status = 500
    clerk.users.create("late@example.com")
    settled(clerk, 4)
    receiver.status = 200
    receiver.received.clear()
    late = list(clerk.messages.emitted())[-1].id
    clerk_harness("events", "replay", "--since", "1h", "--until", "30m", **running(clerk))
    assert receiver.received == []
    span = ("--failed", "--since", "1d", "--until", "2h")
    told = lines(clerk_harness("events", "replay", *span, "--json", **running(clerk)))
    assert late not in {each["message_id"] for each in told}
    assert len(told) == 3
    told = lines(clerk_harness("events", "replay", "--since", "2h", "--json", **running(clerk)))
    assert [each["message_id"] for each in told] == [late]


def test_what_an_endpoint_was_never_sent_is_sent_to_it(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    for name in ("ada", "grace"):
        clerk.users.create(f"{name}@example.com")
    endpoint = clerk.endpoints.add(receiver.url)
    again = ("events", "replay", "--missing", "--endpoint", endpoint)
    assert len(lines(clerk_harness(*again, "--json", **running(clerk)))) == 2
    assert {each.event["type"] for each in receiver.received} == {"user.created"}
    assert "nothing to send again" in clerk_harness(*again, **running(clerk)).stdout


def test_what_failed_elsewhere_is_sent_to_a_url_and_then_is_delivered(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    clerk.endpoints.retry_after(0)
    to = ("--to", receiver.url, "--secret", SECRET)
    receiver.status = 500
    for event_type in ("user.created", "role.created"):
        assert clerk_harness("trigger", event_type, *to, **running(clerk)).returncode == 1
    receiver.status = 200
    result = clerk_harness("events", "replay", "--failed", *to, **running(clerk))
    assert result.stdout.endswith("delivered 2, failed 0\n"), result.stderr
    receiver.verify(SECRET)
    assert {message.status for message in clerk.messages.emitted()} == {"delivered"}
    again = clerk_harness("events", "replay", "--failed", *to, **running(clerk))
    assert again.stdout == "there is nothing to send again\n"
    assert len(receiver.received) == 4


def test_what_arrived_at_a_url_is_not_sent_there_again_though_it_failed_elsewhere(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    clerk.endpoints.retry_after(0)
    clerk.endpoints.add(NOWHERE)
    clerk.users.create("ada@example.com")
    settled(clerk, 1)
    again = ("events", "replay", "--failed", "--to", receiver.url)
    assert "delivered 1, failed 0" in clerk_harness(*again, **running(clerk)).stdout
    assert "nothing to send again" in clerk_harness(*again, **running(clerk)).stdout
    (message,) = clerk.messages.emitted()
    assert message.status == "exhausted"  # it never arrived at the endpoint that is there


def test_everything_is_sent_to_a_url_that_has_seen_nothing(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    clerk.endpoints.retry_after(0)
    clerk.endpoints.add(NOWHERE)
    clerk.users.create("ada@example.com")
    settled(clerk, 1)
    to = ("--missing", "--to", receiver.url)
    assert lines(clerk_harness("events", "replay", *to, "--json", **running(clerk)))[0][
        "acknowledged"
    ]
    assert len(receiver.received) == 1


def test_an_attempt_that_does_not_come_is_a_failure(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    endpoint, ids = three_that_failed(clerk, receiver)
    slow = {"rate_limit": 1}
    clerk.control("PATCH", f"/endpoints/{endpoint}", slow)
    clerk.control("PUT", "/clock", {"frozen": True})  # so the rate limit lets only one pass
    result = clerk_harness("events", "replay", "--failed", "--within", "3", **running(clerk))
    assert result.returncode == 1
    assert "2 had no outcome: nothing came for 3 s" in result.stderr
    assert result.stdout.endswith("delivered 1, failed 0\n")
    assert len(ids) == 3


def test_what_comes_is_followed_until_the_end(clerk: Clerk, receiver: Receiver) -> None:
    clerk.endpoints.add(receiver.url)
    clerk.users.create("before@example.com")
    settled(clerk, 1)
    command = [sys.executable, "-m", "clerk_harness", "events", "list", "--follow", "--json"]
    process = subprocess.Popen(
        [*command, "--type", "user.*"],
        env={**os.environ, **running(clerk)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as told:
        assert json.loads(told.readline())["event_type"] == "user.created"
        clerk.messages.trigger("role.created", {"id": "role_1"})
        user = clerk.users.create("ada@example.com")
        message, attempt = json.loads(told.readline()), json.loads(told.readline())
        assert (message["kind"], message["object_id"]) == ("message", user.id)
        assert (attempt["kind"], attempt["message_id"]) == ("attempt", message["message_id"])
        assert attempt["acknowledged"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert told.read() == ""


@pytest.mark.parametrize(
    ("arguments", "cause", "remedy"),
    [
        (("show", "msg_none"), "there is no message 'msg_none'", "events list"),
        (("show", "../x"), "there is no message '../x'", "events list"),
        (("show",), "Missing argument", "events show --help"),
        (("replay", "msg_none"), "there is no message 'msg_none'", "events list"),
        (("replay",), "must be clear what", "MESSAGE_ID, --failed and --missing"),
        (("replay", "msg_none", "--failed"), "must be clear what", "give one of"),
        (("replay", "--failed", "--missing"), "must be clear what", "give one of"),
        (("replay", "--failed"), "no enabled endpoint", "--to URL"),
        (("replay", "--failed", "--since", "later"), "is no time", "2h"),
        (("replay", "--failed", "--endpoint", "ep_none"), "no endpoint 'ep_none'", "there is none"),
        (("replay", "--failed", "--endpoint", "e", "--to", NOWHERE), "exclude each other", ""),
        (("replay", "--failed", "--to", "http://192.0.2.1"), "leads away", "--allow-remote"),
        (("replay", "--failed", "--secret", SECRET), "--secret is for --to", ""),
        (("list", "--status", "lost"), "'lost' is not one of", "events list --help"),
        (("list", "--follow", "--status", "none"), "--status says how", "--follow"),
        (("list", "--limit", "0"), "not in the range", "--help"),
        (("nope",), "No such command 'nope'", "events --help"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_three(
    clerk_harness: Run, clerk: Clerk, arguments: tuple[str, ...], cause: str, remedy: str
) -> None:
    result = clerk_harness("events", *arguments, **running(clerk))
    line = result.stderr.strip().splitlines()[-1]
    assert result.returncode == 3, result.stderr
    assert line.startswith("clerk-harness: ")
    assert cause in line
    assert remedy in line
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_disabled_endpoint_is_not_sent_to(
    clerk_harness: Run, clerk: Clerk, receiver: Receiver
) -> None:
    endpoint = clerk.endpoints.add(receiver.url)
    clerk.endpoints.disable(endpoint)
    result = clerk_harness("events", "replay", "--failed", "--endpoint", endpoint, **running(clerk))
    assert result.returncode == 3
    assert f"{endpoint} is disabled: enable it first" in result.stderr


def test_a_fake_that_is_not_there_is_named_with_the_remedy(clerk_harness: Run) -> None:
    result = clerk_harness("events", "list", "--fake", "http://127.0.0.1:1")
    assert result.returncode == 3
    assert "no fake Clerk answers at http://127.0.0.1:1" in result.stderr
    assert "clerk-harness fake --port 1" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_fake_that_dies_ends_what_follows_it() -> None:
    fake = subprocess.Popen(
        [sys.executable, "-m", "clerk_fake", "--owner-pid", str(os.getpid())],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert fake.stdout is not None
    with fake.stdout as ready:
        url = json.loads(ready.readline())["url"]
        follower = subprocess.Popen(
            [sys.executable, "-m", "clerk_harness", "events", "list", "--follow", "--fake", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        server = ClerkServer(url)
        clerk = server.open(server.instances()[0])
        clerk.users.create("ada@example.com")
        clerk.close()
        server.close()
        assert follower.stdout is not None
        with follower:
            assert "user.created" in follower.stdout.readline()
            fake.kill()
            fake.wait()
            _, told = follower.communicate(timeout=30)
    assert follower.returncode == 3
    assert "no fake Clerk answers" in told
    assert "Traceback" not in told
