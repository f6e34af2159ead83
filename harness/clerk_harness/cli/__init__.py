"""The command ``clerk-harness``; ``docs/cli.md`` lists every option and exit code."""

import importlib
import os
import signal
import sys
import traceback
from types import FrameType
from typing import Any

import click

from clerk_harness.errors import HarnessError

__all__ = ["main"]

_COMMANDS = {
    "validate": "Run the validation matrix against a service and write the report.",
    "doctor": "Check everything that a run needs, one by one.",
    "up": "Start the fake Clerk and the service, and keep them up until Ctrl-C.",
    "fake": "Start the fake Clerk alone.",
    "trigger": "Make one of Clerk's events happen and see what a receiver does with it.",
    "events": "See what a running fake emitted, how its delivery went, and send it again.",
}

_USAGE = 3
_INTERRUPTED = 130


class _LateGroup(click.Group):
    """Imports a command only when it is called, so that ``--help`` and ``fake`` stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"clerk_harness.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clerk-harness")
def _cli() -> None:
    """Test, load and fault validation for applications that use Clerk."""


def main() -> None:
    """Run the command line; every expected error is one line and exit code 3."""
    # SIGINT too: a shell that starts us in the background has it ignored.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _leave)
    try:
        result: Any = _cli.main(standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted; everything that was started is stopped")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as problem:  # noqa: BLE001 - exit code 1 is a verdict about the service; an error is none
        _complain(_in_one_line(problem))
    sys.exit(_USAGE)


def _in_one_line(problem: Exception) -> str:
    """Say what went wrong and what to do; a bug of ours comes with its traceback."""
    if isinstance(problem, HarnessError):
        return str(problem)
    if isinstance(problem, click.UsageError):
        where = problem.ctx.command_path if problem.ctx else "clerk-harness"
        return f"{problem.format_message()} See '{where} --help'."
    if isinstance(problem, click.ClickException):
        return problem.format_message()
    if isinstance(problem, ModuleNotFoundError):
        return f"{problem}: pip install 'clerk-harness[validate]'"
    traceback.print_exception(problem)
    return "this is a bug of the harness and says nothing about the service"


def _complain(line: str) -> None:
    click.echo(f"clerk-harness: {line}", err=True)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Leave like on Ctrl-C, so that context managers clean up."""
    raise KeyboardInterrupt
