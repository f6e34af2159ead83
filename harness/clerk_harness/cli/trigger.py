"""``clerk-harness trigger``: make one of Clerk's events happen and see what a receiver does."""

import contextlib
from collections.abc import Iterator
from typing import Any

import click
import orjson

from clerk_harness.clerk import ClerkInstance, ClerkServer
from clerk_harness.cli.errand import Errand, Sent
from clerk_harness.cli.printing import (
    answer_of,
    as_json,
    attempt_json,
    output,
    payload_of,
    plain,
    print_table,
)
from clerk_harness.cli.receiving import checked_receiver, receiver_options, verified_with
from clerk_harness.cli.running import fake_options, found_at, running_instance
from clerk_harness.errors import ConfigurationError
from clerk_harness.recipes import (
    RECIPES,
    Wishes,
    read_override,
    recipe_of,
)
from clerk_harness.stack import Workspace

__all__ = ["command"]

_NO_FAKE_NEEDED = "; with --to URL none need run"
_OF_FORGERIES = frozenset({400, 401, 403})
"""What receivers answer when a signature does not match."""


@click.command("trigger")
@click.argument("event_type", required=False)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="PATH=VALUE",
    help="A field of the event, such as data.first_name=Ada; VALUE is JSON, else a string.",
)
@receiver_options
@fake_options
@click.option("--count", type=click.IntRange(1, 10_000), default=1, help="Do it so many times.")
@click.option(
    "--with-preparations", is_flag=True, help="Send what had to happen before it as well."
)
@click.option(
    "--within",
    type=click.FloatRange(0.1, 3600),
    default=20,
    show_default=True,
    help="Wait so many seconds for an outcome.",
)
@click.option("--payload", "with_payload", is_flag=True, help="Also show the whole body.")
@click.option("--list", "only_list", is_flag=True, help="List all event types.")
@click.option("--json", "in_json", is_flag=True, help="Print lines of JSON.")
def command(  # noqa: PLR0913 - one parameter an option
    *,
    event_type: str | None,
    sets: tuple[str, ...],
    to: str | None,
    secret: str | None,
    fake: str | None,
    instance: str | None,
    allow_remote: bool,
    count: int,
    with_preparations: bool,
    within: float,
    with_payload: bool,
    only_list: bool,
    in_json: bool,
) -> int:
    """Make one of Clerk's events happen and see what a receiver does with it.

    Something really changes: in a fake Clerk that is started for the moment, or in the running one
    of --fake. Exit code 0: every message was acknowledged; 1: one was not; 3: usage, configuration
    or environment.
    """
    if only_list:
        _list(in_json=in_json)
        return 0
    if event_type is None:
        raise ConfigurationError("EVENT_TYPE is missing", "see 'clerk-harness trigger --list'")
    if fake is None and to is not None and instance is not None:
        raise ConfigurationError("--instance is one of a running fake", "say which with --fake URL")
    errand = Errand(
        recipe=recipe_of(event_type),
        overrides=tuple(map(read_override, sets)),
        to=checked_receiver(to, allow_remote=allow_remote),
        secret=secret,
        with_preparations=with_preparations,
        within=within,
    )
    if fake is None and to is not None:
        opened = _fake_of_its_own()
    else:
        opened = running_instance(
            found_at(fake), instance, allow_remote=allow_remote, instead=_NO_FAKE_NEEDED
        )
    acknowledged = True
    with opened as (server, clerk):
        signed_with = errand.secret_in(clerk)
        if to is not None and secret is None:
            known_to_it = verified_with(signed_with)
            click.echo(f"verified with {known_to_it} (--secret takes your receiver's)", err=True)
        wishes = errand.wishes(server)
        for _ in range(count):
            for sent in errand.run(clerk, wishes):
                acknowledged &= sent.acknowledged
                if in_json:
                    as_json(_row(sent, wishes))
                else:
                    _show(sent, errand, wishes, with_payload=with_payload)
    return 0 if acknowledged else 1


def _list(*, in_json: bool) -> None:
    recipes = sorted(RECIPES, key=lambda recipe: recipe.event_type)
    if in_json:
        for recipe in recipes:
            as_json({"event_type": recipe.event_type, "summary": recipe.summary})
        return
    rows = [(recipe.event_type, recipe.summary) for recipe in recipes]
    print_table(output(), ("Event type", "What happens"), rows)


@contextlib.contextmanager
def _fake_of_its_own() -> Iterator[tuple[ClerkServer, ClerkInstance]]:
    with Workspace.open("trigger") as workspace:
        server = ClerkServer.start(workspace)
        clerk = server.new_instance()
        try:
            yield server, clerk
        finally:
            clerk.close()
            server.close()


def _only_on_paper(sent: Sent, wishes: Wishes) -> list[str]:
    return [str(each) for each in wishes.on_paper] if sent.wanted else []


def _row(sent: Sent, wishes: Wishes) -> dict[str, Any]:
    return {
        "message_id": sent.message.id,
        "event_type": sent.message.event_type,
        "object_id": sent.message.object_id,
        "payload": payload_of(sent.message),
        "only_in_payload": _only_on_paper(sent, wishes),
        "preparation": not sent.wanted,
        "url": sent.endpoint.url,
        "acknowledged": sent.acknowledged,
        "attempt": None if sent.attempt is None else attempt_json(sent.attempt),
    }


def _show(sent: Sent, errand: Errand, wishes: Wishes, *, with_payload: bool) -> None:
    message, screen = sent.message, output()
    screen.print(plain(f"{message.event_type}  {message.id}  {message.object_id}"), soft_wrap=True)
    if with_payload:
        payload = orjson.dumps(payload_of(message), option=orjson.OPT_INDENT_2)
        screen.print(payload.decode(), soft_wrap=True)
    on_paper = _only_on_paper(sent, wishes)
    if on_paper:
        why = wishes.refused or "Clerk does not take it as input"
        only = plain(f"  only in the payload: {', '.join(on_paper)} ({why})")
        screen.print(only, soft_wrap=True)
    screen.print(f"  to {sent.endpoint.url}", soft_wrap=True)
    screen.print(f"  {_told(sent, errand)}", soft_wrap=True)


def _told(sent: Sent, errand: Errand) -> str:
    if sent.attempt is None:
        return f"no attempt was made within {errand.within:g} s"
    told = answer_of(sent.attempt)
    if sent.attempt.status in _OF_FORGERIES:
        told += f"\n  is it the signature? {_signing(sent, errand)}"
    return told


def _signing(sent: Sent, errand: Errand) -> str:
    if errand.to is not None:
        return "--secret takes what your receiver verifies with"
    return f"what {sent.endpoint.id} sends is verified with {verified_with(sent.endpoint.secret)}"
