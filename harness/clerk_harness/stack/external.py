"""Services of somebody else, given by URL: used and checked, never touched."""

from abc import ABC, abstractmethod
from typing import NoReturn
from urllib.parse import urlsplit

from clerk_harness.errors import ConfigurationError
from clerk_harness.stack.database import create_database, select
from clerk_harness.stack.errors import StackError
from clerk_harness.stack.redis import trouble

__all__ = ["ExternalPostgres", "ExternalRedis"]


class _External(ABC):
    """What both have in common."""

    name: str
    _schemes: tuple[str, ...]
    _usual_port: int

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in self._schemes or not parts.hostname:
            raise ConfigurationError(
                f"the URL of {self.name} must begin with "
                f"{' or '.join(f'{one}://' for one in self._schemes)} and name a host",
                "correct the URL",
            )
        self.url = url
        self._host = parts.hostname
        try:
            self.port = parts.port or self._usual_port
        except ValueError as error:
            raise ConfigurationError(f"the URL of {self.name} has no valid port") from error

    def start(self) -> None:
        """Check that it answers; nothing is started.

        Raises:
            StackError: It does not.
        """
        if trouble := self._trouble():
            # Never the URL itself: it may hold a password.
            raise StackError(
                f"{self.name} at {self._host}:{self.port} does not answer: {trouble}",
                "start it, correct its URL, or use the embedded stack",
                subject=self.name,
            )

    def healthy(self) -> bool:
        """Ask it something real."""
        return not self._trouble()

    def stop(self) -> None:  # noqa: B027 - to do nothing is what is promised
        """Leave it running: it is not ours."""

    def kill(self) -> NoReturn:
        """Refuse.

        Raises:
            StackError: Always.
        """
        self._refuse("killed")

    def restart(self) -> NoReturn:
        """Refuse.

        Raises:
            StackError: Always.
        """
        self._refuse("restarted")

    def freeze(self) -> NoReturn:
        """Refuse.

        Raises:
            StackError: Always.
        """
        self._refuse("frozen")

    def thaw(self) -> NoReturn:
        """Refuse.

        Raises:
            StackError: Always.
        """
        self._refuse("thawed")

    @abstractmethod
    def _trouble(self) -> str:
        """Say what keeps it from answering; empty when nothing does."""

    def _refuse(self, what: str) -> NoReturn:
        raise StackError(
            f"{self.name} at {self._host}:{self.port} is external and cannot be {what}",
            "use the embedded stack",
            subject=self.name,
        )


class ExternalPostgres(_External):
    """A PostgreSQL server given by ``postgresql://…``; its database is used as it is."""

    name = "postgres"
    _schemes = ("postgresql", "postgres")
    _usual_port = 5432

    def create_database(self, name: str) -> str:
        """Create an empty database beside the given one and return its URL.

        Raises:
            StackError: It cannot be created.
        """
        return create_database(self.url, name)

    def _trouble(self) -> str:
        import psycopg  # noqa: PLC0415 - heavy, and only needed with a server

        try:
            select(self.url, "SELECT 1")
        except psycopg.Error as error:
            return str(error) or type(error).__name__
        return ""


class ExternalRedis(_External):
    """A Redis or Valkey given by ``redis://…`` or ``rediss://…``."""

    name = "redis"
    _schemes = ("redis", "rediss")
    _usual_port = 6379

    def _trouble(self) -> str:
        return trouble(self.url)
