"""Brings the schema to a revision, by the migrations that are shipped inside the package."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from clerk_sync.errors import StoreUnavailableError
from clerk_sync.store import migrations
from clerk_sync.store.session import CONNECT_TIMEOUT_S, driver_url

__all__ = ["head_revision", "migrate"]

_ONE_AT_A_TIME = text("SELECT pg_advisory_lock(hashtextextended('clerk_sync.migrate', 0))")


def migrate(database_url: str, revision: str = "head") -> None:
    """Upgrade or downgrade the database; processes that do it at once take turns.

    Args:
        database_url: ``postgresql://…``.
        revision: ``head``, ``base``, or a revision's name (older ones downgrade).

    Raises:
        StoreUnavailableError: Postgres cannot be reached.
    """
    asyncio.run(_migrate(database_url, revision))


async def _migrate(database_url: str, revision: str) -> None:
    # No statement timeout here: a migration may take its time.
    engine = create_async_engine(
        driver_url(database_url), connect_args={"timeout": CONNECT_TIMEOUT_S}
    )
    try:
        async with engine.connect() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            await connection.commit()
            await connection.run_sync(_run, revision)
            await connection.commit()
    except OSError as unreachable:
        raise StoreUnavailableError(
            f"Postgres cannot be reached ({unreachable})", "start it, or correct DATABASE_URL"
        ) from unreachable
    finally:
        await engine.dispose()


def _run(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    if revision == "base":
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def head_revision() -> str | None:
    """Return the newest revision that is shipped."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - for tests and tools only

    return ScriptDirectory.from_config(_config()).get_current_head()
