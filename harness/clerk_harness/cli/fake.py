"""``clerk-harness fake``: the fake Clerk alone, for whoever wants nothing else."""

import os
import sys

import click

__all__ = ["command"]


@click.command(
    "fake",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Start the fake Clerk alone; takes the options of ``python -m clerk_fake``."""
    os.execv(sys.executable, [sys.executable, "-m", "clerk_fake", *arguments])  # noqa: S606 - no shell wanted
