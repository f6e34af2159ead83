"""The page of the command line has every option, and its examples run as they stand."""

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from clerk_fake.webhooks.signing import new_secret
from clerk_harness.clerk import ClerkInstance
from clerk_harness.cli.events import command as events
from clerk_harness.cli.trigger import command as trigger
from clerk_harness.waiting import eventually

PAGE = (Path(__file__).parents[4] / "docs" / "cli.md").read_text("utf-8")
RECEIVER = "http://127.0.0.1:8000/webhooks/clerk"
MESSAGE = "msg_WNeYnXS8DS3bBbMyq6gdIsI9Dd8"

Run = Callable[..., subprocess.CompletedProcess[str]]


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}", 1)[1].split("\n## ", 1)[0]


def blocks(title: str) -> list[str]:
    return [block.split("```", 1)[0] for block in section(title).split("```sh\n")[1:]]


def examples() -> Iterator[str]:
    for title in ("`trigger`", "`events`"):
        for block in blocks(title):
            yield from block.splitlines()


@pytest.mark.parametrize(
    ("title", "command"),
    [("`trigger`", trigger), *(("`events`", each) for each in events.commands.values())],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_option_is_on_the_page(title: str, command: click.Command) -> None:
    told = section(title)
    for option in command.params:
        for name in option.opts if isinstance(option, click.Option) else ():
            assert f"`{name}" in told, name
        for variable in [option.envvar] if isinstance(option.envvar, str) else option.envvar or ():
            assert f"`{variable}`" in PAGE, variable


@pytest.mark.parametrize("example", list(examples()))
def test_an_example_runs(
    clerk_harness: Run, clerk: ClerkInstance, receiver: Any, example: str
) -> None:
    clerk.endpoints.add(receiver.url)
    clerk.users.create("ada@example.com")
    (attempt,) = eventually(lambda: list(clerk.messages.attempts()), within=10)
    program, *arguments = shlex.split(
        example.replace(RECEIVER, receiver.url).replace(MESSAGE, attempt.message_id)
    )
    assert program == "clerk-harness"
    variables = {
        "CLERK_HARNESS_FAKE_URL": clerk.server_url,
        "CLERK_SECRET_KEY": clerk.keys.secret_key,
    }
    result = clerk_harness(*arguments, **variables)
    assert result.returncode == 0, result.stderr


def test_what_trigger_prints_is_what_the_page_shows(clerk_harness: Run, receiver: Any) -> None:
    receiver.body = b"ok"
    result = clerk_harness("trigger", "user.created", "--to", receiver.url)
    (shown,) = re.findall(r"```text\n(user.created.*?)```", section("`trigger`"), re.DOTALL)

    def bare(text: str) -> str:
        return re.sub(r"(msg|user)_\w+|http\S+|\d+ ms", "…", text)

    assert bare(result.stdout) == bare(shown)


class Terminal:
    """A shell that goes on from block to block, as a reader's does."""

    def __init__(self, **variables: str) -> None:
        self._shell = subprocess.Popen(
            ["/bin/bash"],
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.run(f'clerk-harness() {{ {shlex.quote(sys.executable)} -m clerk_harness "$@"; }}')

    def run(self, block: str) -> str:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{block}\necho; echo '//done'\n")
        self._shell.stdin.flush()
        return "".join(iter(self._shell.stdout.readline, "//done\n"))

    def close(self) -> None:
        self._shell.communicate(timeout=30)


def signatures(delivered: Any) -> list[str]:
    return delivered.headers["svix-signature"].split()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's blocks call curl")
def test_the_minute_of_the_page_goes_as_it_says(receiver: Any) -> None:
    server, set_up, duplicates, retries, given_up, recover, rotation = blocks("Duplicates")
    secret = new_secret()
    with fake_as_on_the_page(server, secret) as port:
        terminal = Terminal(CLERK_WEBHOOK_SIGNING_SECRET=secret)
        try:
            here = set_up.replace(RECEIVER, receiver.url).replace("8080", port)
            assert '"uid":"mine"' in terminal.run(here)

            assert "200 in " in terminal.run(duplicates)
            assert len({each.headers["svix-id"] for each in receiver.received}) == 1
            assert len(receiver.received) == 3
            receiver.verify(secret)

            receiver.received.clear()
            receiver.status = 500
            assert "500 in " in terminal.run(retries)
            eventually(lambda: len(receiver.received) == 2 * 8, within=20)
            listed = eventually(lambda: two_messages(terminal.run(given_up)), within=20)
            receiver.status = 200
            receiver.received.clear()
            assert "delivered 2, failed 0" in terminal.run(recover)
            assert {each.headers["svix-id"] for each in receiver.received} == listed

            receiver.received.clear()
            terminal.run(rotation)
            assert [len(signatures(each)) for each in receiver.received] == [2, 1]
            assert signatures(receiver.received[0])[0][:3] == "v1,"
            receiver.received.pop()
            receiver.verify(secret)
        finally:
            terminal.close()


def two_messages(listed: str) -> set[str] | None:
    found = set(re.findall(r"msg_\w+", listed))
    return found if len(found) == 2 else None


@contextlib.contextmanager
def fake_as_on_the_page(line: str, secret: str) -> Iterator[str]:
    """Start the server with the page's options, on a port that is free; yield the port."""
    _, *arguments = shlex.split(line.replace("8080", "0"))
    arguments = [each.replace("$CLERK_WEBHOOK_SIGNING_SECRET", secret) for each in arguments]
    command = [sys.executable, "-m", "clerk_harness", *arguments]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    with server.stdout as told:
        try:
            yield json.loads(told.readline())["url"].rpartition(":")[2]
        finally:
            server.terminate()
            assert server.wait(timeout=30) == 0
