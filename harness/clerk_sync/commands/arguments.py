"""The command lines of all commands; imports nothing heavy."""

import argparse
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from clerk_sync.config import Role

__all__ = ["add_commands"]

Commands: TypeAlias = Any
"""What ``add_subparsers`` returns; argparse has no public name for it."""

_AGO: Final = re.compile(r"(\d{1,6})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def add_commands(commands: Commands) -> None:
    """Add ``reconcile``, ``backfill``, ``replay`` and ``status``."""
    _add_repairs(commands)
    _add_replay(commands)
    _add_status(commands)


def _add_repairs(commands: Commands) -> None:
    reconcile = commands.add_parser(Role.RECONCILE, help="compare with all of Clerk, and repair")
    reconcile.add_argument(
        "--dry-run", action="store_true", help="change nothing; exit with 2 when something differs"
    )
    reconcile.add_argument(
        "--trust-clerk",
        action="store_true",
        help="bury even if Clerk knows none of our newest users",
    )
    reconcile.add_argument(
        "--grace",
        type=_number,
        default=10.0,
        metavar="S",
        help="do not bury what Clerk made less than S seconds ago (default 10)",
    )
    backfill = commands.add_parser(Role.BACKFILL, help="import what Clerk has; greets nobody")
    for parser in (reconcile, backfill):
        parser.add_argument(
            "--restart", action="store_true", help="begin anew, not where it stopped"
        )
        parser.add_argument(
            "--rate",
            type=_number,
            default=0.0,
            metavar="N",
            help="ask Clerk at most N times a second",
        )


def _add_replay(commands: Commands) -> None:
    parser = commands.add_parser(Role.REPLAY, help="receive webhooks again, in order of arrival")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--dead", action="store_true", help="those that were given up")
    which.add_argument(
        "--since",
        type=_when,
        metavar="WHEN",
        help="all that came to an end, received since: 2026-01-31T12:00Z, or 90m, 6h, 2d ago",
    )
    parser.add_argument("--type", default="", metavar="T", help="only this event type")
    parser.add_argument("--dry-run", action="store_true", help="only say how many it would be")


def _add_status(commands: Commands) -> None:
    parser = commands.add_parser(Role.STATUS, help="say where everything stands")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _number(value: str) -> float:
    number = float(value)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("must be a number, 0 or more")
    return number


def _when(value: str) -> datetime:
    ago = _AGO.fullmatch(value)
    if ago is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(
            f"{value!r} is neither a time (2026-01-31T12:00Z) nor how long ago (90m, 6h, 2d)"
        ) from wrong
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
