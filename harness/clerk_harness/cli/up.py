"""``clerk-harness up``: a local Clerk with a service behind it."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from clerk_harness.cli.options import surroundings_from, target_from, target_options
from clerk_harness.cli.running import FAKE_VARIABLE
from clerk_harness.errors import ConfigurationError
from clerk_harness.opening import open_deployment
from clerk_harness.stack import Workspace
from clerk_harness.target import Deployment

__all__ = ["command"]


@click.command("up")
@target_options
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the variables to this file.",
)
@click.option(
    "--seed-file",
    type=click.Path(path_type=Path),
    help="What Clerk holds from the start, see docs/seed.md.",
)
def command(
    target: Path | None, env_file: Path | None, seed_file: Path | None, **surroundings: Any
) -> int:
    """Start the fake Clerk and the service, and keep them up until Ctrl-C."""
    spec = target_from(target)
    seed = None if seed_file is None else _read(seed_file)
    console = Console(stderr=True)
    with Workspace.open("up") as workspace:
        with console.status("starting"):
            deployment = open_deployment(spec, surroundings_from(**surroundings), workspace)
            if seed is not None:
                deployment.clerk.seed(seed)
        block = "".join(f"{name}={_quoted(value)}\n" for name, value in _env(deployment).items())
        click.echo(block, nl=False)
        if env_file is not None:
            env_file.write_text(block, "utf-8")
        _announce(deployment, console)
        _wait_for_the_end(console)
    return 0


def _read(seed_file: Path) -> str:
    try:
        return seed_file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(
            f"the seed file {seed_file} cannot be read ({problem})", "see docs/seed.md"
        ) from problem


def _env(deployment: Deployment) -> Mapping[str, str]:
    """What a developer's own code, and the commands beside it, need to use this Clerk."""
    return {**deployment.env(), FAKE_VARIABLE: deployment.clerk.server_url}


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"' if escaped != value or " " in value else value


def _announce(deployment: Deployment, console: Console) -> None:
    console.print(f"[green]up[/]  {deployment.spec.name} at {deployment.spec.api_url}")
    console.print(f"    webhooks arrive at {deployment.spec.webhook_url}")
    console.print(f"    dashboard {deployment.clerk.keys.dashboard_url}")


def _wait_for_the_end(console: Console) -> None:
    console.print("Ctrl-C stops everything and leaves nothing behind")
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("stopping")
