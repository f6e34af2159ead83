"""``clerk-sync registration open | close | status | admit``."""

import argparse
import asyncio
import getpass
import sys
from uuid import uuid4

from clerk_sync.config import Settings
from clerk_sync.service.registration import Doorkeeper, Registration
from clerk_sync.store.session import connect

__all__ = ["run"]


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Do it and say what came of it, in one line.

    Raises:
        NotFoundError: No such user was synced.
        StoreUnavailableError: Postgres is down or not migrated.
    """
    sys.stdout.write(asyncio.run(_do(settings, options)) + "\n")
    return 0


async def _do(settings: Settings, options: argparse.Namespace) -> str:
    engine = connect(settings.database_url, pool_size=1, application="clerk_sync registration")
    registration = Registration(engine)
    by = Doorkeeper(actor=f"operator:{getpass.getuser()}@cli", request_id=f"cli:{uuid4().hex}")
    try:
        if options.what == "admit" and not options.all:
            known = await registration.admit(options.clerk_id, by=by)
            return f"{options.clerk_id} {'is let in' if known else 'did not wait'}"
        if options.what in {"open", "close"}:
            await registration.turn(is_open=options.what == "open", by=by)
        admitted = 0
        if options.what == "admit" or (options.what == "open" and not options.keep_waiting):
            admitted = await registration.admit_all(by=by)
        standing = await registration.standing()
    finally:
        await engine.dispose()
    state = "open" if standing.is_open else "closed"
    return f"registration is {state}; {admitted} were let in, {standing.waiting} wait"
