"""A real PostgreSQL of one's own, started from binaries, as root or not."""

import contextlib
import signal
from pathlib import Path
from typing import Final

from clerk_harness.stack.binaries import (
    POSTGRES_VARIABLE,
    PostgresPrograms,
    account_for_postgres,
    postgres_programs,
)
from clerk_harness.stack.database import SERVICE_DATABASE, create_database, in_database, select
from clerk_harness.stack.embedded import EmbeddedService
from clerk_harness.stack.errors import StackError
from clerk_harness.stack.ports import LOOPBACK
from clerk_harness.stack.process import Account, Command
from clerk_harness.stack.workspace import ROOT_VARIABLE, Workspace

__all__ = ["Postgres"]

_SUPERUSER = "clerk"
_INITDB_S = 60.0
_SETTINGS: Final = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # their paths are limited to 107 bytes; loopback is enough
    "max_connections": "100",
    "shared_buffers": "64MB",
    # What is committed survives SIGKILL: that is what the harness measures.
    "fsync": "on",
    "synchronous_commit": "on",
    # In the data folder instead of /dev/shm, so that a killed server leaves nothing there.
    "dynamic_shared_memory_type": "mmap",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
# The environment of the user must not reach our own connections.
_OWN: Final = {"sslmode": "disable", "gssencmode": "disable", "options": ""}


class Postgres(EmbeddedService):
    """PostgreSQL with fsync on, on loopback, with an empty database ``clerk_sync``.

    As root it runs as ``nobody`` (or ``postgres``), because Postgres refuses to be root.
    """

    name = "postgres"

    def __init__(self, workspace: Workspace, *, port: int | None = None) -> None:
        super().__init__(workspace, port=port)
        self._account: Account | None = account_for_postgres()
        self._programs: PostgresPrograms | None = None
        self._data = workspace.folder / self.name / "data"

    @property
    def url(self) -> str:
        """``postgresql://…`` of the database ``clerk_sync``."""
        return f"postgresql://{_SUPERUSER}@{LOOPBACK}:{self.port}/{SERVICE_DATABASE}"

    def create_database(self, name: str) -> str:
        """Create another empty database and return its URL.

        Raises:
            StackError: It cannot be created, for example because it exists.
        """
        return create_database(in_database(self.url, "postgres"), name, **_OWN)

    def _prepare(self) -> None:
        if self._programs is not None:
            return
        run = self._workspace
        programs = postgres_programs(self._account, cache=run.cache, scratch=run.folder)
        home = run.subfolder(self.name, self._account)
        self._check_way_in(home)
        initdb = run.spawn(
            self._run(
                "initdb",
                str(programs.initdb),
                f"--pgdata={self._data}",
                f"--username={_SUPERUSER}",
                "--auth=trust",
                "--no-locale",
                "--encoding=UTF8",
                "--no-sync",
            )
        )
        if initdb.wait(_INITDB_S):
            raise StackError(
                f"initdb failed: {' | '.join(initdb.log_tail(5).splitlines())}",
                f"check {programs.bin} or set {POSTGRES_VARIABLE}",
                subject=self.name,
            )
        self._programs = programs

    def _command(self) -> Command:
        assert self._programs is not None, "prepared before every start"  # noqa: S101 - for mypy
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        server = str(self._programs.postgres)
        return self._run(self.name, server, "-D", str(self._data), "-p", str(self.port), *settings)

    def _answers(self) -> bool:
        import psycopg  # noqa: PLC0415 - heavy, and only needed with a server

        with contextlib.suppress(psycopg.Error):
            # Not just any server: one that took our port while we were down would answer as well.
            place = select(in_database(self.url, "postgres"), "SHOW data_directory", **_OWN)
            return bool(place == str(self._data))
        return False

    def _after_start(self) -> None:
        wanted = f"SELECT 1 FROM pg_database WHERE datname = '{SERVICE_DATABASE}'"  # noqa: S608 - a constant
        if not select(in_database(self.url, "postgres"), wanted, **_OWN):
            self.create_database(SERVICE_DATABASE)

    def _may_retry(self) -> bool:
        return "pre-existing shared memory block" in self.log_tail()

    def _run(self, name: str, *argv: str) -> Command:
        return Command(
            name=name,
            argv=argv,
            env={"LC_ALL": "C"},
            cwd=self._data.parent,
            user=self._account,
            # Fast shutdown; SIGTERM would wait until the last client has gone.
            stop_signal=signal.SIGINT,
        )

    def _check_way_in(self, home: Path) -> None:
        """Say early, and in words, that the account cannot get to the folder we made for it."""
        if self._account is None:
            return
        for parent in home.parents:
            if not parent.stat().st_mode & 0o001:
                raise StackError(
                    f"account {self._account.name!r}, which Postgres runs as when we are root, "
                    f"cannot pass through {parent}",
                    f"set {ROOT_VARIABLE} to a folder below one that all may enter, or run as an "
                    "ordinary user",
                    subject=self.name,
                )
