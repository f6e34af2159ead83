"""``clerk-harness events replay``."""

from dataclasses import dataclass

import click
from rich.console import Console

from clerk_harness.clerk import Attempt, ClerkInstance
from clerk_harness.cli.audience import Audience
from clerk_harness.cli.events.lookup import endpoint_at, message_at
from clerk_harness.cli.events.span import moment_ms
from clerk_harness.cli.outcomes import Replays
from clerk_harness.cli.printing import answer_of, as_json, attempt_json, output, plain
from clerk_harness.cli.receiving import checked_receiver, receiver_options
from clerk_harness.cli.running import fake_options, found_at, running_instance
from clerk_harness.errors import ConfigurationError

__all__ = ["replay_command"]

_SHOWN = 20
"""So many deliveries that failed are shown one by one, and so many others."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be sent again: one message, or all of a kind in a span of time."""

    message_id: str | None
    missing: bool
    since: str | None
    until: str | None


@click.command("replay")
@click.argument("message_id", required=False)
@click.option("--failed", is_flag=True, help="All that failed and have not arrived since.")
@click.option("--missing", is_flag=True, help="All that the endpoint wants and was never sent.")
@click.option(
    "--since", metavar="TIME", help="Only from then on: 2h, 1d12h, or a date. Implies --failed."
)
@click.option("--until", metavar="TIME", help="Only until then.")
@click.option("--endpoint", "endpoint_id", metavar="ID", help="Only to this endpoint.")
@receiver_options
@click.option(
    "--within",
    type=click.FloatRange(0.1, 3600),
    default=20,
    show_default=True,
    help="Give up when nothing has come for so many seconds.",
)
@click.option("--json", "in_json", is_flag=True, help="Print a line of JSON for each attempt.")
@fake_options
def replay_command(  # noqa: PLR0913 - one parameter an option
    *,
    message_id: str | None,
    failed: bool,
    missing: bool,
    since: str | None,
    until: str | None,
    endpoint_id: str | None,
    to: str | None,
    secret: str | None,
    within: float,
    in_json: bool,
    fake: str | None,
    instance: str | None,
    allow_remote: bool,
) -> int:
    """Send again: one message, all that failed, or all that an endpoint was never sent.

    Exit code 0: everything was acknowledged, or there was nothing to send; 1: something was not;
    3: usage, configuration or environment.
    """
    several = failed or missing or since is not None or until is not None
    if (message_id is not None) == several or (failed and missing):
        raise ConfigurationError(
            "it must be clear what is sent again",
            "give one of MESSAGE_ID, --failed and --missing; the latter take --since and --until",
        )
    if to is not None and endpoint_id is not None:
        raise ConfigurationError("--to and --endpoint exclude each other", "give one of them")
    to = checked_receiver(to, allow_remote=allow_remote)
    wanted = _Wanted(message_id, missing, since, until)
    with (
        running_instance(found_at(fake), instance, allow_remote=allow_remote) as (_, clerk),
        Audience(clerk, to, secret) as audience,
    ):
        if endpoint_id is not None:
            audience.endpoints = [endpoint_at(clerk, endpoint_id)]
        with Console(stderr=True).status("sending") as status:
            replays = Replays(clerk)
            queued = _queue(clerk, wanted, audience)
            attempts = replays.ended(
                queued,
                {each.id for each in audience.endpoints},
                within=within,
                on_progress=lambda known: status.update(f"{known} of {queued} sent"),
            )
    return _verdict(queued, attempts, within, in_json=in_json)


def _queue(clerk: ClerkInstance, wanted: _Wanted, audience: Audience) -> int:
    """Ask for everything that is wanted, and return how many attempts that makes."""
    if wanted.message_id is not None:
        return _queue_one(clerk, wanted.message_id, audience)
    now_ms = clerk.now_ms()
    since_ms = 0 if wanted.since is None else moment_ms(wanted.since, "--since", now_ms)
    until_ms = now_ms + 1 if wanted.until is None else moment_ms(wanted.until, "--until", now_ms)
    if audience.is_elsewhere and not wanted.missing:
        return _queue_failed_elsewhere(clerk, audience, since_ms, until_ms)
    audience.gather()
    if not audience.endpoints:
        raise _nobody(clerk)
    queue = clerk.endpoints.replay_missing if wanted.missing else clerk.endpoints.recover
    return sum(
        queue(endpoint.id, since_ms=since_ms, until_ms=until_ms) for endpoint in audience.endpoints
    )


def _queue_one(clerk: ClerkInstance, message_id: str, audience: Audience) -> int:
    message = message_at(clerk, message_id)
    audience.gather()
    if audience.is_for_all:
        tried = {attempt.endpoint_id for attempt in clerk.messages.attempts_of(message.id)}
        meant = [each for each in audience.endpoints if each.id in tried]
        wanting = [each for each in audience.endpoints if each.wants(message.event_type)]
        audience.endpoints = meant or wanting
    if not audience.endpoints:
        raise _nobody(clerk)
    for endpoint in audience.endpoints:
        clerk.messages.resend(message.id, endpoint_id=endpoint.id)
    return len(audience.endpoints)


def _queue_failed_elsewhere(
    clerk: ClerkInstance, audience: Audience, since_ms: int, until_ms: int
) -> int:
    """Send what failed at any endpoint, and has not arrived there since, to a URL that is none."""
    failed: dict[str, None] = {}
    for attempt in clerk.messages.attempts():
        if attempt.acknowledged and attempt.url == audience.url:
            failed.pop(attempt.message_id, None)
        elif not attempt.acknowledged and since_ms <= attempt.timestamp < until_ms:
            failed[attempt.message_id] = None
    lost = [each for each in failed if clerk.messages.get(each).status != "delivered"]
    if lost:
        audience.gather()
    for message_id in lost:
        clerk.messages.resend(message_id, endpoint_id=audience.endpoints[0].id)
    return len(lost)


def _nobody(clerk: ClerkInstance) -> ConfigurationError:
    return ConfigurationError(
        f"no enabled endpoint of {clerk.keys.instance_id} is there to receive it",
        "say with --to URL where it shall go",
    )


def _verdict(queued: int, attempts: list[Attempt], within: float, *, in_json: bool) -> int:
    failed = [attempt for attempt in attempts if not attempt.acknowledged]
    arrived = [attempt for attempt in attempts if attempt.acknowledged]
    silent = max(queued - len(attempts), 0)
    if in_json:
        for attempt in attempts:
            as_json(attempt_json(attempt))
    else:
        screen = output()
        for attempt in (*arrived[:_SHOWN], *failed[:_SHOWN]):
            line = f"{attempt.message_id}  to {attempt.url}: {answer_of(attempt)}"
            screen.print(plain(line), soft_wrap=True)
        hidden = len(attempts) - len(arrived[:_SHOWN]) - len(failed[:_SHOWN])
        if hidden:
            screen.print(f"and {hidden} more; --json lists all")
        screen.print(_sum(queued, len(arrived), len(failed)))
    if silent:
        click.echo(f"{silent} had no outcome: nothing came for {within:g} s", err=True)
    return 0 if not failed and not silent else 1


def _sum(queued: int, arrived: int, failed: int) -> str:
    return f"delivered {arrived}, failed {failed}" if queued else "there is nothing to send again"
