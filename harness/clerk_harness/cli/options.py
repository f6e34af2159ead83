"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from clerk_harness.opening import Surroundings
from clerk_harness.reference import reference_target
from clerk_harness.target import TargetSpec, read_target

__all__ = ["surroundings_from", "target_from", "target_options"]

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--target",
        type=click.Path(path_type=Path),
        envvar="CLERK_HARNESS_TARGET",
        help="Target file of the service under test; the reference service when left out.",
    ),
    click.option(
        "--stack",
        type=click.Choice(["embedded", "external", "docker"]),
        default="embedded",
        show_default=True,
        envvar="CLERK_HARNESS_STACK",
        help="Where Postgres and Redis come from.",
    ),
    click.option(
        "--postgres-url", envvar="CLERK_HARNESS_POSTGRES_URL", help="For --stack external."
    ),
    click.option("--redis-url", envvar="CLERK_HARNESS_REDIS_URL", help="For --stack external."),
    click.option(
        "--clerk-port",
        type=click.IntRange(0, 65535),
        default=0,
        help="Port of the fake Clerk; 0 takes a free one.",
    ),
)


def target_options(command: F) -> F:
    """Add the options that say what is tested and on what it stands."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def target_from(path: Path | None) -> TargetSpec:
    """Read the target file, or the reference's.

    Raises:
        ConfigurationError: It cannot be used.
    """
    return reference_target() if path is None else read_target(path)


def surroundings_from(
    stack: Any, postgres_url: str | None, redis_url: str | None, clerk_port: int
) -> Surroundings:
    """Make the surroundings that the options describe."""
    return Surroundings(stack, postgres_url, redis_url, clerk_port)
