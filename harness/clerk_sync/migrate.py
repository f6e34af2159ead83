"""Brings the schema to a revision, by the migrations that are shipped inside the package.

Made to run while the service does its work: no statement waits long for a lock that others hold,
for whoever comes after it waits behind it; it gives way and comes again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from clerk_sync.errors import ConfigurationError, StoreUnavailableError
from clerk_sync.store import migrations
from clerk_sync.store.session import CONNECT_TIMEOUT_S, driver_url

__all__ = ["HEAD", "Schema", "head_revision", "migrate", "read_schema"]

HEAD: Final = "head"
BASE: Final = "base"

LOCK_TIMEOUT_MS: Final = 1_000
"""So long a statement waits for a lock."""
TRIES: Final = 60
PAUSE_S: Final = 0.25
TURN_S: Final = 600.0
"""So long one waits for another that migrates."""

_GAVE_WAY: Final = frozenset({"55P03", "40P01"})
"""Lock timeout and deadlock."""
_TAKE_TURN = text("SELECT pg_try_advisory_lock(hashtextextended('clerk_sync.migrate', 0))")
_LIMIT = text(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Schema:
    """Where a database stands; ``current`` is ``None`` for one that was never migrated."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to migrate."""
        return self.current == self.head


def migrate(database_url: str, revision: str = HEAD) -> Schema:
    """Upgrade or downgrade the database; processes that do it at once take turns.

    Args:
        database_url: ``postgresql://…``.
        revision: ``head``, ``base``, or a revision's name; what lies below the present one
            downgrades, and loses what the tables and columns of the newer ones hold.

    Returns:
        Where the database stands now.

    Raises:
        ConfigurationError: There is no such revision, or a newer version of the service made
            the schema.
        StoreUnavailableError: Postgres cannot be reached, or others hold its locks for minutes.
    """
    return asyncio.run(_migrate(database_url, revision))


def read_schema(database_url: str) -> Schema:
    """Return where the database stands.

    Raises:
        StoreUnavailableError: Postgres cannot be reached.
    """
    return asyncio.run(_read_schema(database_url))


def head_revision() -> str:
    """Return the newest revision that is shipped."""
    head = _scripts().get_current_head()
    assert head is not None  # noqa: S101 - the package ships at least one
    return head


async def _migrate(database_url: str, revision: str) -> Schema:
    async with _connection(database_url) as connection:
        await _take_turn(connection)
        await connection.execute(_LIMIT)
        await connection.commit()
        for rest in reversed(range(TRIES)):
            try:
                await connection.run_sync(_run, revision)
                await connection.commit()
            except DBAPIError as failure:
                await connection.rollback()
                if getattr(failure.orig, "sqlstate", None) not in _GAVE_WAY:
                    raise
                if not rest:
                    raise StoreUnavailableError(
                        f"the schema could not be changed in {TRIES} tries ({failure.orig})",
                        "see who holds locks in pg_stat_activity, and run migrate again",
                    ) from failure
                _log.info("gave way to the traffic and try again: %s", failure.orig)
                await asyncio.sleep(PAUSE_S)
            else:
                break
        return Schema(await connection.run_sync(_current), head_revision())


async def _read_schema(database_url: str) -> Schema:
    async with _connection(database_url) as connection:
        return Schema(await connection.run_sync(_current), head_revision())


@asynccontextmanager
async def _connection(database_url: str) -> AsyncIterator[AsyncConnection]:
    # No statement timeout here: a migration may take its time.
    engine = create_async_engine(
        driver_url(database_url), connect_args={"timeout": CONNECT_TIMEOUT_S}
    )
    try:
        async with engine.connect() as connection:
            yield connection
    except OSError as unreachable:
        raise StoreUnavailableError(
            f"Postgres cannot be reached ({unreachable})", "start it, or correct DATABASE_URL"
        ) from unreachable
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    # Asked again and again: whoever waited inside pg_advisory_lock would hold a snapshot, and one
    # at work that builds an index concurrently would wait for that in turn.
    try:
        async with asyncio.timeout(TURN_S):
            while not (await connection.execute(_TAKE_TURN)).scalar_one():
                await connection.rollback()
                await asyncio.sleep(PAUSE_S)
    except TimeoutError as busy:
        raise StoreUnavailableError(
            f"another process has been migrating for {TURN_S:.0f} s", "see what it waits for"
        ) from busy
    await connection.commit()


def _run(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    below = _lies_below(revision, _current(connection))
    # Alembic commits by itself only what it began itself.
    connection.commit()
    if below:
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def _lies_below(revision: str, current: str | None) -> bool:
    """Tell whether to go down; ``walk_revisions`` goes from the newest to the oldest."""
    known = [script.revision for script in _scripts().walk_revisions()]
    if current is not None and current not in known:
        raise ConfigurationError(
            f"the schema is at {current}, which this version of the service does not know",
            "migrate with the version that made it",
        )
    if revision in {HEAD, BASE}:
        return revision == BASE
    if revision not in known:
        raise ConfigurationError(
            f"there is no revision {revision!r}", f"name one of {', '.join(sorted(known))}"
        )
    return current is not None and known.index(revision) > known.index(current)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
