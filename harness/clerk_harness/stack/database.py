"""The few things the stack asks of a Postgres server, wherever it runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from clerk_harness.stack.errors import StackError

if TYPE_CHECKING:
    import psycopg

__all__ = ["SERVICE_DATABASE", "create_database", "in_database", "select"]

SERVICE_DATABASE = "clerk_sync"
"""The database that every stack offers."""

_CONNECT_S = 2  # the least that libpq knows
_NAME_BYTES = 63


def in_database(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name, safe='')}"))


def select(url: str, statement: str, **options: str) -> Any:
    """Run one statement in a connection of its own and return the first value, if any.

    Args:
        url: ``postgresql://…``.
        statement: Trusted SQL.
        options: Further connection parameters of libpq.

    Raises:
        psycopg.Error: No connection within 2 s, or the statement failed.
    """
    with _connect(url, options) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row[0] if row else None


def create_database(url: str, name: str, **options: str) -> str:
    """Create an empty database on the server of ``url`` and return its URL.

    Raises:
        StackError: The name is too long or exists, or the account may not create databases.
    """
    import psycopg  # noqa: PLC0415 - heavy, and only needed with a server
    from psycopg import sql  # noqa: PLC0415 - as above

    if not name or len(name.encode()) > _NAME_BYTES:
        raise StackError(f"{name!r} cannot name a database", "use 1 to 63 bytes")
    try:
        with _connect(url, options) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        raise StackError(f"database {name!r} cannot be created: {error}") from error
    return in_database(url, name)


def _connect(url: str, options: Mapping[str, str]) -> "psycopg.Connection[tuple[Any, ...]]":
    import psycopg  # noqa: PLC0415 - as above
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - as above

    parameters: dict[str, Any] = {**options, "connect_timeout": _CONNECT_S}
    conninfo = make_conninfo(url, **parameters)
    return psycopg.connect(conninfo, autocommit=True)
