"""Read the service's database."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from clerk_harness.target.probes.reading import ProbeError

__all__ = ["SqlSource"]


class SqlSource:
    """Runs the target's own queries.

    Each read is a connection of its own, so a killed database never leaves a broken one behind.
    """

    def __init__(self, url: str) -> None:
        parsed = sqlalchemy.make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self._engine = sqlalchemy.create_engine(parsed, poolclass=sqlalchemy.NullPool)

    def one(self, query: str, clerk_id: str) -> Mapping[str, Any] | None:
        """Read one row, ``:clerk_id`` bound; None when the query yields none."""
        rows = self._run(query, {"clerk_id": clerk_id})
        return rows[0] if rows else None

    def rows(self, query: str) -> Sequence[Mapping[str, Any]]:
        """Read all rows of a query."""
        return self._run(query, {})

    def _run(self, query: str, values: Mapping[str, str]) -> list[Mapping[str, Any]]:
        try:
            with self._engine.connect() as connection:
                result = connection.execute(sqlalchemy.text(query), values)
                return [dict(row) for row in result.mappings()]
        except SQLAlchemyError as problem:
            raise ProbeError(
                f"the probe's query failed ({str(problem).splitlines()[0]})",
                "correct [probe] in the target file, or start the database",
            ) from problem
