"""``status``: where everything stands, for a person or, with ``--json``, for a script."""

import argparse
import asyncio
import sys
from typing import Any, Final

import orjson

from clerk_sync.commands.exits import EXIT_OK
from clerk_sync.config import Settings
from clerk_sync.store.repair_runs import latest_runs
from clerk_sync.store.replays import count_by_state
from clerk_sync.store.session import connect, transaction
from clerk_sync.store.strays import Part, count_living

__all__ = ["run"]

POOL_SIZE: Final = 1


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Run it and return the exit code."""
    status = asyncio.run(_read(settings))
    if options.json:
        sys.stdout.write(orjson.dumps(status).decode() + "\n")
        return EXIT_OK
    for title, values in status.items():
        sys.stdout.write(f"{title}\n")
        for name, value in values.items():
            sys.stdout.write(f"  {name:<28} {value}\n")
    return EXIT_OK


async def _read(settings: Settings) -> dict[str, dict[str, Any]]:
    engine = connect(settings.database_url, pool_size=POOL_SIZE, application="clerk_sync status")
    try:
        async with transaction(engine) as connection:
            living = {part.value: await count_living(connection, part) for part in Part}
            inbox = await count_by_state(connection)
            runs = await latest_runs(connection)
    finally:
        await engine.dispose()
    return {
        "records": living,
        "inbox": dict(inbox),
        "repairs": {
            run.kind: f"finished {run.finished_at.isoformat(timespec='seconds')}"
            if run.finished_at
            else f"unfinished, last heard of {run.touched_at.isoformat(timespec='seconds')}"
            for run in runs
        },
    }
