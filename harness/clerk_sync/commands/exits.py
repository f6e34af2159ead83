"""The exit codes of all commands."""

from typing import Final

__all__ = ["EXIT_BUSY", "EXIT_DRIFT", "EXIT_FAILED", "EXIT_OK", "EXIT_USAGE"]

EXIT_OK: Final = 0
"""Done."""
EXIT_FAILED: Final = 1
"""Postgres, Redis or Clerk is missing, or something could not be repaired."""
EXIT_DRIFT: Final = 2
"""A dry run found what a repair would change."""
EXIT_USAGE: Final = 3
"""The command line or the configuration cannot be used."""
EXIT_BUSY: Final = 4
"""Another process repairs."""
