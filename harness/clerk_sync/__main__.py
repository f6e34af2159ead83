"""``python -m clerk_sync migrate | api | worker | sweeper``.

Exit codes: 0 done or stopped as asked, 1 a backing service is missing, 3 usage or configuration.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from clerk_sync.config import Role, read_settings
from clerk_sync.errors import ClerkSyncError, ConfigurationError
from clerk_sync.logs import configure_logging

__all__ = ["main"]

EXIT_FAILED = 1
EXIT_USAGE = 3


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"clerk_sync: {message}; see python -m clerk_sync --help\n")


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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m clerk_sync", description="Clerk webhook and sync service")
    roles = parser.add_subparsers(dest="role", required=True, metavar="ROLE")
    roles.add_parser(Role.MIGRATE, help="bring the schema to this version")
    api = roles.add_parser(Role.API, help="receive webhooks and answer requests")
    api.add_argument("--host", default="127.0.0.1")
    api.add_argument("--port", type=int, default=8000)
    worker = roles.add_parser(Role.WORKER, help="apply webhooks")
    worker.add_argument("--concurrency", type=int, default=2, help="pool processes (default 2)")
    roles.add_parser(Role.SWEEPER, help="find webhooks whose wake-up was lost")
    return parser


def _run(options: argparse.Namespace) -> int:
    """Import no more than the role needs: each of them is a process that should start quickly."""
    role = Role(options.role)
    settings = read_settings(role)
    configure_logging(role, settings)
    match role:
        case Role.MIGRATE:
            from clerk_sync.migrate import migrate  # noqa: PLC0415 - see above

            migrate(settings.database_url)
        case Role.API:
            from clerk_sync.app import serve  # noqa: PLC0415 - see above

            serve(settings, host=options.host, port=options.port)
        case Role.WORKER:
            from clerk_sync.tasks import run_worker  # noqa: PLC0415 - see above

            return run_worker(settings, concurrency=options.concurrency)
        case Role.SWEEPER:
            from clerk_sync.sweeper import run_sweeper  # noqa: PLC0415 - see above

            run_sweeper(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
