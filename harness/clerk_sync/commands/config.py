"""``clerk-sync config``: the effective configuration, without secrets."""

import sys
from dataclasses import fields
from urllib.parse import urlsplit, urlunsplit

from clerk_sync.config import Settings

__all__ = ["run"]

HIDDEN = "[set]"


def run(settings: Settings) -> int:
    """Print every option with its value, as ``NAME=value``; of a secret only that it is set."""
    for spec in fields(settings):
        value = getattr(settings, spec.name)
        shown = HIDDEN if spec.metadata["secret"] and value else _show(value)
        sys.stdout.write(f"{spec.metadata['env']}={shown}\n")
    return 0


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if value is None:
        return ""
    parts = urlsplit(str(value)) if "://" in str(value) else None
    if parts is not None and "@" in parts.netloc:
        # A password may also stand in the query of a database's address.
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, f"{HIDDEN}@{host}", parts.path, "", ""))
    return str(value)
