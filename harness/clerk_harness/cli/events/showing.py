"""``clerk-harness events show``."""

import click
import orjson

from clerk_harness.clerk import Attempt, Message
from clerk_harness.cli.events.lookup import message_at
from clerk_harness.cli.printing import (
    answer_of,
    as_json,
    attempt_json,
    message_json,
    output,
    payload_of,
    plain,
    time_of,
)
from clerk_harness.cli.running import fake_options, found_at, running_instance

__all__ = ["show_command"]

_BY_HAND = "manual"


@click.command("show")
@click.argument("message_id")
@click.option("--json", "in_json", is_flag=True, help="Print a line of JSON.")
@fake_options
def show_command(
    *,
    message_id: str,
    in_json: bool,
    fake: str | None,
    instance: str | None,
    allow_remote: bool,
) -> int:
    """Show a message: what was sent, and every attempt with its answer.

    Exit code 0: it was shown; 3: there is none, usage, configuration or environment.
    """
    with running_instance(found_at(fake), instance, allow_remote=allow_remote) as (_, clerk):
        message = message_at(clerk, message_id)
        attempts = clerk.messages.attempts_of(message.id)
    if in_json:
        tried = [attempt_json(attempt) for attempt in attempts]
        as_json({**message_json(message), "payload": payload_of(message), "attempts": tried})
        return 0
    _show(message, attempts)
    return 0


def _show(message: Message, attempts: list[Attempt]) -> None:
    screen = output()
    payload = orjson.dumps(payload_of(message), option=orjson.OPT_INDENT_2).decode()
    lines = [
        plain(f"{message.event_type}  {message.id}  {message.status}"),
        plain(f"  of {message.object_id or 'no object'}"),
        f"  emitted {time_of(message.timestamp)} (UTC, as all times here, of the instance's clock)",
        payload,
        *(line for attempt in attempts for line in _told(attempt)),
    ]
    if not attempts:
        why = "no endpoint wanted it" if message.status == "none" else "none is over"
        lines.append(f"no attempts: {why}")
    for line in lines:
        screen.print(line, soft_wrap=True)


def _told(attempt: Attempt) -> list[str]:
    by_hand = " (asked for)" if attempt.trigger == _BY_HAND else ""
    told = [
        plain(f"attempt {attempt.number} at {attempt.url}, {time_of(attempt.timestamp)}{by_hand}"),
        f"  {answer_of(attempt, limit=2000)}",
    ]
    if attempt.next_attempt_at is not None:
        told.append(f"  the next one is due at {time_of(attempt.next_attempt_at)}")
    return told
