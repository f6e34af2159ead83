"""The receiver that a command sends to: where it is, and what it verifies with."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from clerk_harness.cli.addresses import checked_url
from clerk_harness.errors import ConfigurationError

__all__ = ["checked_receiver", "receiver_options", "verified_with"]

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: Final = (
    click.option(
        "--to", metavar="URL", help="Where it goes, instead of the endpoints of a running fake."
    ),
    click.option(
        "--secret",
        metavar="WHSEC",
        envvar=["CLERK_WEBHOOK_SIGNING_SECRET", "CLERK_WEBHOOK_SECRET"],
        show_envvar=True,
        help="What the receiver at --to verifies with; else the instance's, which is shown.",
    ),
)


def receiver_options(command: F) -> F:
    """Add the options that say who receives."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def checked_receiver(to: str | None, *, allow_remote: bool) -> str | None:
    """Return the URL that ``--to`` gave.

    Raises:
        ConfigurationError: It cannot be used, or there is a ``--secret`` without it.
    """
    if to is not None:
        return checked_url(to, "--to", allow_remote=allow_remote)
    if click.get_current_context().get_parameter_source("secret") is ParameterSource.COMMANDLINE:
        raise ConfigurationError("--secret is for --to", "endpoints have secrets of their own")
    return None


def verified_with(secret: str) -> str:
    """Return what a receiver verifies with when ``secret`` signs: the public half of a pair."""
    from clerk_fake.webhooks.signing import signing_key  # noqa: PLC0415 - may need cryptography

    return signing_key(secret).public_text
