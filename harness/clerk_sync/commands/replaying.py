"""``replay``: dead letters, or everything since some time, through the workers again."""

import argparse
import asyncio
import sys
from typing import Final

from clerk_sync.broker import TaskSender, make_celery
from clerk_sync.commands.exits import EXIT_OK
from clerk_sync.commands.showing import shown
from clerk_sync.config import Settings
from clerk_sync.service.replay import Replayed, Replayer, selection
from clerk_sync.store.session import connect

__all__ = ["run"]

POOL_SIZE: Final = 2


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Run it and return the exit code."""
    replayed = asyncio.run(_run(options, settings))
    for event_type, count in replayed.counts.items():
        sys.stdout.write(f"{count:>8}  {event_type}\n")
    verb = "would be replayed" if options.dry_run else "replayed"
    sys.stdout.write(f"{sum(replayed.counts.values()):>8}  {verb}\n")
    if not replayed.woken:
        sys.stderr.write("clerk-sync: Redis takes no wake-ups; the sweeper will wake for these\n")
    return EXIT_OK


async def _run(options: argparse.Namespace, settings: Settings) -> Replayed:
    engine = connect(settings.database_url, pool_size=POOL_SIZE, application="clerk_sync replay")
    sender = TaskSender(make_celery(settings))
    replayer = Replayer(engine, wake=sender.wake, queued=sender.queued)
    wanted = selection(since=None if options.dead else options.since, event_type=options.type)
    try:
        if options.dry_run:
            return Replayed(await replayer.count(wanted), woken=True)
        with shown() as show:
            return await replayer.run(wanted, watch=lambda done: show(f"replayed {done}"))
    finally:
        sender.close()
        await engine.dispose()
