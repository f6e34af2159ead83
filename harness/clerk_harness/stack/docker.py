"""Postgres and Redis in containers, with the promises of the embedded ones."""

import contextlib
import os
import secrets
from collections.abc import Sequence

from clerk_harness.stack.containers import ContainerService
from clerk_harness.stack.database import SERVICE_DATABASE, create_database, select
from clerk_harness.stack.redis import trouble
from clerk_harness.stack.workspace import Workspace

__all__ = ["DockerPostgres", "DockerRedis"]

POSTGRES_IMAGE_VARIABLE = "CLERK_HARNESS_POSTGRES_IMAGE"
REDIS_IMAGE_VARIABLE = "CLERK_HARNESS_REDIS_IMAGE"

_USER = "clerk"


class DockerPostgres(ContainerService):
    """PostgreSQL in a container, with the database ``clerk_sync``."""

    name = "postgres"
    _inner_port = 5432

    def __init__(
        self, workspace: Workspace, *, port: int | None = None, image: str | None = None
    ) -> None:
        chosen = image or os.environ.get(POSTGRES_IMAGE_VARIABLE) or "postgres:17-alpine"
        super().__init__(workspace, image=chosen, port=port)
        self._password = secrets.token_hex(8)

    @property
    def url(self) -> str:
        """``postgresql://…`` of the database ``clerk_sync``."""
        host, port = self._at()
        return f"postgresql://{_USER}:{self._password}@{host}:{port}/{SERVICE_DATABASE}"

    def create_database(self, name: str) -> str:
        """Create another empty database and return its URL.

        Raises:
            StackError: It cannot be created, for example because it exists.
        """
        return create_database(self.url, name)

    def _environment(self) -> dict[str, str]:
        return {
            "POSTGRES_USER": _USER,
            "POSTGRES_PASSWORD": self._password,
            "POSTGRES_DB": SERVICE_DATABASE,
        }

    def _arguments(self) -> Sequence[str]:
        return ("postgres", "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "jit=off")

    def _answers(self) -> bool:
        import psycopg  # noqa: PLC0415 - heavy, and only needed with a server

        with contextlib.suppress(psycopg.Error):
            return bool(select(self.url, "SELECT 1"))
        return False


class DockerRedis(ContainerService):
    """Redis in a container, with an append-only file."""

    name = "redis"
    _inner_port = 6379

    def __init__(
        self, workspace: Workspace, *, port: int | None = None, image: str | None = None
    ) -> None:
        chosen = image or os.environ.get(REDIS_IMAGE_VARIABLE) or "redis:7-alpine"
        super().__init__(workspace, image=chosen, port=port)

    @property
    def url(self) -> str:
        """``redis://…`` of database 0."""
        host, port = self._at()
        return f"redis://{host}:{port}/0"

    def _environment(self) -> dict[str, str]:
        return {}

    def _arguments(self) -> Sequence[str]:
        return ("redis-server", "--appendonly", "yes", "--save", "")

    def _answers(self) -> bool:
        return not trouble(self.url)
