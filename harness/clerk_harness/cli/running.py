"""A fake that runs already: where it is, and which of its instances is meant."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click
import httpx

from clerk_harness.clerk import ClerkInstance, ClerkRefusedError, ClerkServer, InstanceKeys
from clerk_harness.cli.addresses import checked_url
from clerk_harness.errors import ConfigurationError, MachineError

__all__ = ["FAKE_VARIABLE", "fake_options", "found_at", "running_instance"]

FAKE_VARIABLE = "CLERK_HARNESS_FAKE_URL"
DEFAULT_URL = "http://127.0.0.1:8080"

_SHOWN = 5
"""How many instances an error names."""

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--fake",
        metavar="URL",
        envvar=FAKE_VARIABLE,
        show_envvar=True,
        help="Where the fake Clerk runs.",
    ),
    click.option(
        "--instance",
        metavar="ID",
        help="Which instance of it; needed when there are several and CLERK_SECRET_KEY names none.",
    ),
    click.option("--allow-remote", is_flag=True, help="Talk to other machines than this one, too."),
)


def fake_options(command: F) -> F:
    """Add the options that say which fake, and which of its instances."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def found_at(fake: str | None) -> str:
    """Return where the fake is looked for: where it was said, or at the port of the docs."""
    return DEFAULT_URL if fake is None else fake


@contextlib.contextmanager
def running_instance(
    fake: str, instance: str | None, *, allow_remote: bool, instead: str = ""
) -> Iterator[tuple[ClerkServer, ClerkInstance]]:
    """Open an instance of a running fake, and say in one line when it does not answer.

    Args:
        fake: Where it runs.
        instance: Its id; ``None`` for the only one, or the one of ``CLERK_SECRET_KEY``.
        allow_remote: Whether it may run on another machine.
        instead: What else could be done when it does not run.

    Raises:
        ConfigurationError: There is no such instance, or it must be said which one.
        MachineError: Nothing, or no fake Clerk, answers there.
    """
    url = checked_url(fake, "--fake", allow_remote=allow_remote).removesuffix("/v1").rstrip("/")
    server = ClerkServer(url)
    try:
        found = _chosen(server, instance)
        clerk = server.open(found)
        try:
            yield server, clerk
        finally:
            clerk.close()
    except httpx.TransportError as silence:
        raise MachineError(
            f"no fake Clerk answers at {url} ({silence or type(silence).__name__})",
            f"start one with 'clerk-harness fake --port {_port(url)}', or say where it is with "
            f"--fake URL or {FAKE_VARIABLE}{instead}",
        ) from silence
    finally:
        server.close()


def _chosen(server: ClerkServer, instance: str | None) -> InstanceKeys:
    try:
        listed = server.instances()
    except ClerkRefusedError as refusal:
        if refusal.is_clerks:
            raise
        raise _no_fake(server) from refusal
    except (ValueError, LookupError, TypeError) as strange:
        raise _no_fake(server) from strange
    by_id = {keys.instance_id: keys for keys in listed}
    if instance is not None:
        if instance not in by_id:
            raise ConfigurationError(
                f"there is no instance {instance!r} at {server.url}", _known(server.url, by_id)
            )
        return by_id[instance]
    mine = [keys for keys in listed if keys.secret_key == os.environ.get("CLERK_SECRET_KEY")]
    if len(mine or listed) == 1:
        return (mine or listed)[0]
    raise ConfigurationError(
        f"{server.url} has {len(listed)} instances",
        f"choose one with --instance ID, or set CLERK_SECRET_KEY to its key; "
        f"{_known(server.url, by_id)}",
    )


def _no_fake(server: ClerkServer) -> MachineError:
    return MachineError(
        f"what answers at {server.url} is no fake Clerk", "say where it is with --fake URL"
    )


def _known(url: str, by_id: dict[str, InstanceKeys]) -> str:
    shown = ", ".join(list(by_id)[:_SHOWN]) or "none"
    hidden = len(by_id) - _SHOWN
    more = f" and {hidden} more, see {url}/__fake__/instances" if hidden > 0 else ""
    return f"there is {shown}{more}"


def _port(url: str) -> int:
    return httpx.URL(url).port or 80
