"""``migrate``: bring the schema to a revision, or only say where it stands."""

import argparse
import sys

from clerk_sync.config import Settings
from clerk_sync.migrate import migrate, read_schema

__all__ = ["run"]

EXIT_DIFFERENT = 2


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Do it; return the exit code, 2 for a check that finds another revision."""
    if not options.check:
        migrate(settings.database_url, options.to)
        return 0
    schema = read_schema(settings.database_url)
    wanted = "" if schema.is_current else f", not at {schema.head}"
    sys.stdout.write(f"the schema is at {schema.current or 'none'}{wanted}\n")
    return 0 if schema.is_current else EXIT_DIFFERENT
