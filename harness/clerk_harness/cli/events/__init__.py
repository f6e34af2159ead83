"""``clerk-harness events``: what a running fake Clerk emitted, and how its delivery went."""

import click

from clerk_harness.cli.events.listing import list_command
from clerk_harness.cli.events.replaying import replay_command
from clerk_harness.cli.events.showing import show_command

__all__ = ["command"]

command = click.Group(
    "events",
    commands=[list_command, show_command, replay_command],
    help="See what a running fake Clerk emitted, how its delivery went, and send it again.",
)
