"""What every backing service offers, wherever it runs."""

from typing import Literal, Protocol

__all__ = ["BackingService", "DatabaseService", "StackMode"]

StackMode = Literal["embedded", "external", "docker"]


class BackingService(Protocol):
    """A service that the target leans on; see ``EmbeddedService`` for the promises."""

    @property
    def name(self) -> str:
        """Short name for logs, errors and reports."""

    @property
    def url(self) -> str:
        """Where clients connect; the same over kill and restart."""

    @property
    def port(self) -> int:
        """TCP port of ``url``."""

    def start(self) -> None:
        """Start and block until healthy; nothing happens when it runs already."""

    def healthy(self) -> bool:
        """Ask it something real."""

    def kill(self) -> None:
        """End it as SIGKILL does: no goodbye, no flush."""

    def restart(self) -> None:
        """Start it again on the same port and data."""

    def freeze(self) -> None:
        """Keep it from answering without closing anything."""

    def thaw(self) -> None:
        """Undo ``freeze``."""

    def stop(self) -> None:
        """End it in an orderly way; data and port stay."""


class DatabaseService(BackingService, Protocol):
    """A PostgreSQL server."""

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
