"""``clerk-harness events list``."""

import click

from clerk_harness.clerk import Attempt, ClerkInstance, Message
from clerk_harness.cli.events.following import go_on
from clerk_harness.cli.events.selection import Selection
from clerk_harness.cli.printing import (
    answer_of,
    as_json,
    attempt_json,
    message_json,
    output,
    print_table,
    short_time_of,
)
from clerk_harness.cli.running import fake_options, found_at, running_instance
from clerk_harness.errors import ConfigurationError

__all__ = ["list_command"]

_STATUSES = ("none", "pending", "delivered", "exhausted")
_ATTEMPTS_EACH = 10
_MOST_ATTEMPTS = 1000
"""So many of the youngest attempts are looked at: they may be 64 kB each."""
_ROOM = {
    "Time (UTC)": 80,
    "Message": 0,
    "Event type": 0,
    "Status": 0,
    "Last answer": 100,
    "Object": 150,
}
"""From which width on a terminal has room for a column."""


@click.command("list")
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Only such events, such as user.created or 'user.*'; may be given again.",
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(_STATUSES),
    help="Only messages that stand so; may be given again.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="At most so many, the youngest.",
)
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--json", "in_json", is_flag=True, help="Print lines of JSON.")
@fake_options
def list_command(  # noqa: PLR0913 - one parameter an option
    *,
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    limit: int,
    follow: bool,
    in_json: bool,
    fake: str | None,
    instance: str | None,
    allow_remote: bool,
) -> int:
    """List what was emitted, the youngest last, and how it stands.

    Exit code 0: it was listed, also when there is nothing; 3: usage, configuration or environment.
    """
    if follow and statuses:
        raise ConfigurationError(
            "--status says how a message stands now", "leave it out with --follow"
        )
    wanted = Selection(types, statuses)
    with running_instance(found_at(fake), instance, allow_remote=allow_remote) as (_, clerk):
        if follow:
            go_on(clerk, wanted, limit, in_json=in_json)
        else:
            _show(clerk, wanted.latest(clerk, limit), in_json=in_json)
    return 0


def _show(clerk: ClerkInstance, messages: list[Message], *, in_json: bool) -> None:
    enough = min(max(_ATTEMPTS_EACH * len(messages), 1), _MOST_ATTEMPTS)
    last = {attempt.message_id: attempt for attempt in clerk.messages.latest_attempts(enough)}
    if in_json:
        for message in messages:
            attempt = last.get(message.id)
            told = None if attempt is None else attempt_json(attempt)
            as_json({**message_json(message), "last_attempt": told})
        return
    screen = output()
    if not messages:
        click.echo("there are no such messages", err=True)
        return
    columns = [name for name, width in _ROOM.items() if screen.width >= width]
    rows = [_row(message, last.get(message.id), columns) for message in messages]
    print_table(screen, columns, rows, uncut=("Time (UTC)", "Message", "Status"))


def _row(message: Message, attempt: Attempt | None, columns: list[str]) -> list[str]:
    told = {
        "Time (UTC)": short_time_of(message.timestamp),
        "Message": message.id,
        "Event type": message.event_type,
        "Status": message.status,
        "Last answer": "" if attempt is None else answer_of(attempt, limit=40),
        "Object": message.object_id,
    }
    return [told[column] for column in columns]
