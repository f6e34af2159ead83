"""``clerk-sync``, or ``python -m clerk_sync``: the processes of the service and its commands.

Exit codes: 0 done or stopped as asked, 1 a backing service is missing,
2 what was to be checked is not as it should be, 3 usage or configuration, 4 another repair runs.
"""

import argparse
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from clerk_sync.commands.arguments import add_commands
from clerk_sync.commands.exits import EXIT_FAILED, EXIT_USAGE
from clerk_sync.config import Role, Settings, read_settings
from clerk_sync.errors import ClerkSyncError, ConfigurationError
from clerk_sync.logs import configure_logging

if TYPE_CHECKING:
    from clerk_sync.metrics import MetricsAddress

__all__ = ["main"]

MOST_PROCESSES = 64


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"clerk_sync: {message}; see clerk-sync --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one process of the service and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except ConfigurationError as problem:
        sys.stderr.write(f"clerk_sync: {problem}\n")
        return EXIT_USAGE
    except ClerkSyncError as problem:
        sys.stderr.write(f"clerk_sync: {problem}\n")
        return EXIT_FAILED
    except BrokenPipeError:
        # Whoever reads has read enough; what is left must not fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="clerk-sync", description="Clerk webhook and sync service")
    roles = parser.add_subparsers(dest="role", required=True, metavar="ROLE")
    migrate = roles.add_parser(Role.MIGRATE, help="bring the schema to this version")
    migrate.add_argument("--to", default="head", metavar="REVISION", help="also an older one")
    migrate.add_argument("--check", action="store_true", help="only say whether it is there")
    api = roles.add_parser(Role.API, help="receive webhooks and answer requests")
    api.add_argument("--host", default="127.0.0.1")
    api.add_argument("--port", type=int, default=8000)
    api.add_argument("--processes", type=_processes, default=1, help="on one socket (default 1)")
    # How the supervisor of several hands its socket and its life to one of them.
    api.add_argument("--listener", type=int, help=argparse.SUPPRESS)
    api.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    worker = roles.add_parser(Role.WORKER, help="apply webhooks")
    worker.add_argument(
        "--concurrency", type=_processes, default=2, help="pool processes (default 2)"
    )
    sweeper = roles.add_parser(Role.SWEEPER, help="find webhooks whose wake-up was lost")
    for role in (worker, sweeper):
        role.add_argument("--metrics-host", default="127.0.0.1")
        role.add_argument(
            "--metrics-port", type=int, help="answer scrapes here, about this process alone"
        )
    _add_registration(roles.add_parser(Role.REGISTRATION, help="let newcomers in, or not"))
    roles.add_parser(Role.CONFIG, help="print the configuration, without secrets")
    roles.add_parser(Role.BEAT, help="reconcile by itself, again and again")
    add_commands(roles)
    return parser


def _add_registration(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    opening = what.add_parser("open", help="let newcomers in, and those who wait")
    opening.add_argument(
        "--keep-waiting", action="store_true", help="those who came meanwhile stay outside"
    )
    what.add_parser("close", help="newcomers are synced, but not let in and not welcomed")
    what.add_parser("status", help="say how it stands and how many wait")
    admit = what.add_parser("admit", help="let in who waits, also while it is closed")
    who = admit.add_mutually_exclusive_group(required=True)
    who.add_argument("clerk_id", nargs="?", metavar="CLERK_ID")
    who.add_argument("--all", action="store_true")


def _run(options: argparse.Namespace) -> int:
    """Import no more than the role needs: each of them is a process that should start quickly."""
    role = Role(options.role)
    settings = read_settings(role)
    configure_logging(role, settings)
    match role:
        case Role.MIGRATE:
            from clerk_sync.commands import schema  # noqa: PLC0415 - see above

            return schema.run(settings, options)
        case Role.API:
            return _serve(settings, options)
        case Role.WORKER:
            from clerk_sync.tasks import run_worker  # noqa: PLC0415 - see above

            with _metrics(options) as metrics:
                return run_worker(settings, concurrency=options.concurrency, metrics=metrics)
        case Role.SWEEPER:
            from clerk_sync.sweeper import run_sweeper  # noqa: PLC0415 - see above

            with _metrics(options) as metrics:
                run_sweeper(settings, metrics=metrics)
        case Role.BEAT:
            from clerk_sync.beat import run_beat  # noqa: PLC0415 - see above

            return run_beat(settings)
        case _:
            return _command(settings, options)
    return 0


def _command(settings: Settings, options: argparse.Namespace) -> int:
    match options.role:
        case Role.REGISTRATION:
            from clerk_sync.commands import registration  # noqa: PLC0415 - see _run

            return registration.run(settings, options)
        case Role.CONFIG:
            from clerk_sync.commands import config  # noqa: PLC0415 - see _run

            return config.run(settings)
        case Role.REPLAY:
            from clerk_sync.commands import replaying  # noqa: PLC0415 - see _run

            return replaying.run(settings, options)
        case Role.STATUS:
            from clerk_sync.commands import reporting  # noqa: PLC0415 - see _run

            return reporting.run(settings, options)
        case _:
            from clerk_sync.commands import reconciling  # noqa: PLC0415 - see _run

            return reconciling.run(settings, options)


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    from clerk_sync.metrics import share_metrics  # noqa: PLC0415 - see _run
    from clerk_sync.serving import listen, serve  # noqa: PLC0415 - see _run

    if options.listener is not None:
        listener = socket.socket(fileno=options.listener)
        with share_metrics(alone=False):
            serve(settings, listener, parent=options.parent)
        return 0
    listener = listen(options.host, options.port)
    alone = options.processes > 1 and not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    with share_metrics(alone=alone):
        if options.processes == 1:
            serve(settings, listener)
            return 0
        from clerk_sync.supervisor import run_processes  # noqa: PLC0415 - see _run

        return run_processes(settings, listener, processes=options.processes)


@contextmanager
def _metrics(options: argparse.Namespace) -> "Iterator[MetricsAddress | None]":
    """Share the metrics: with the directory that is configured, or behind a port of their own."""
    from clerk_sync.metrics import MetricsAddress, share_metrics  # noqa: PLC0415 - see _run

    apart = options.metrics_port is not None
    with share_metrics(alone=apart):
        yield MetricsAddress(options.metrics_host, options.metrics_port) if apart else None


def _processes(value: str) -> int:
    number = int(value)
    if not 1 <= number <= MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MOST_PROCESSES}")
    return number


if __name__ == "__main__":
    sys.exit(main())
