"""The page of the command line has every option, and its examples run as they stand."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from clerk_harness.clerk import ClerkInstance
from clerk_harness.cli.events import command as events
from clerk_harness.cli.trigger import command as trigger
from clerk_harness.waiting import eventually

PAGE = (Path(__file__).parents[4] / "docs" / "cli.md").read_text("utf-8")
RECEIVER = "http://127.0.0.1:8000/webhooks/clerk"
MESSAGE = "msg_WNeYnXS8DS3bBbMyq6gdIsI9Dd8"

Run = Callable[..., subprocess.CompletedProcess[str]]


def section(title: str) -> str:
    return PAGE.split(f"\n## `{title}`", 1)[1].split("\n## ", 1)[0]


def examples() -> Iterator[str]:
    for title in ("trigger", "events"):
        for block in section(title).split("```sh\n")[1:]:
            yield from block.split("```", 1)[0].splitlines()


@pytest.mark.parametrize(
    ("title", "command"),
    [("trigger", trigger), *(("events", each) for each in events.commands.values())],
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
    (shown,) = re.findall(r"```text\n(user.created.*?)```", section("trigger"), re.DOTALL)

    def bare(text: str) -> str:
        return re.sub(r"(msg|user)_\w+|http\S+|\d+ ms", "…", text)

    assert bare(result.stdout) == bare(shown)
