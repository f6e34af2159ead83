"""What depends on the dated API version that a client speaks."""

from dataclasses import dataclass
from typing import Final

__all__ = ["METADATA_APART", "VersionedFields"]

METADATA_APART: Final = "2026-05-12"
"""From this version on, metadata of users and organizations change by operations of their own."""


@dataclass(frozen=True, slots=True)
class VersionedFields:
    """Fields whose set depends on the dated API version.

    Attributes:
        before: Up to ``since``.
        after: From ``since`` on.
        since: An API version, e.g. ``2026-05-12``.
    """

    before: frozenset[str]
    after: frozenset[str]
    since: str

    def of_version(self, version: str) -> frozenset[str]:
        """Return the fields of this version; an unnamed one counts as old."""
        return self.after if version >= self.since else self.before
