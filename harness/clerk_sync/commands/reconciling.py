"""``reconcile`` and ``backfill``."""

import argparse
import asyncio
import sys
from typing import Final

from clerk_sync.breaker import Breaker
from clerk_sync.clerk_api import ClerkApi, open_http
from clerk_sync.commands.exits import EXIT_BUSY, EXIT_DRIFT, EXIT_FAILED, EXIT_OK, EXIT_USAGE
from clerk_sync.commands.showing import shown
from clerk_sync.config import Settings
from clerk_sync.errors import RepairBusyError, WrongInstanceError
from clerk_sync.service.repair.findings import DRIFT, Finding, Progress
from clerk_sync.service.repair.repairs import Outcome, Repairs, Wish
from clerk_sync.store.session import connect

__all__ = ["run"]

POOL_SIZE: Final = 8
PATIENCE_S: Final = 120.0
"""A run that stands still for so long because of Clerk gives up; it can be resumed."""
_WORDS: Final = {
    Finding.SEEN: "seen",
    Finding.MISSING: "missing here",
    Finding.DIFFERENT: "different",
    Finding.NEWER_HERE: "newer here than in Clerk",
    Finding.GONE: "gone in Clerk",
    Finding.BURIED_HERE: "deleted here, alive in Clerk",
    Finding.UNREADABLE: "unreadable",
    Finding.REFUSED: "refused by Postgres",
}


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Run one of both and return the exit code."""
    wish = Wish(
        options.role,
        write=not getattr(options, "dry_run", False),
        restart=options.restart,
        trust_clerk=getattr(options, "trust_clerk", False),
        grace_s=getattr(options, "grace", 10.0),
    )
    try:
        outcome = asyncio.run(_run(wish, settings, options.rate))
    except RepairBusyError as busy:
        sys.stderr.write(f"clerk-sync: {busy}\n")
        return EXIT_BUSY
    except WrongInstanceError as wrong:
        sys.stderr.write(f"clerk-sync: {wrong}\n")
        return EXIT_USAGE
    sys.stdout.write(_summary(wish, outcome))
    if not wish.write:
        return EXIT_DRIFT if outcome.progress.drift else EXIT_OK
    unrepaired = outcome.progress.total(Finding.REFUSED, Finding.UNREADABLE)
    return EXIT_FAILED if unrepaired else EXIT_OK


async def _run(wish: Wish, settings: Settings, per_second: float) -> Outcome:
    engine = connect(
        settings.database_url, pool_size=POOL_SIZE, application=f"clerk_sync {wish.kind}"
    )
    try:
        async with open_http() as http:
            clerk = ClerkApi(
                http,
                base_url=settings.clerk_api_url,
                secret_key=settings.clerk_secret_key,
                breaker=Breaker(
                    failures=settings.breaker_failures, reset_s=settings.breaker_reset_s
                ),
                patience_s=PATIENCE_S,
            )
            repairs = Repairs(engine, clerk, per_second=per_second)
            with shown() as show:
                return await repairs.run(wish, watch=lambda now: show(_line(now)))
    finally:
        await engine.dispose()


def _line(progress: Progress) -> str:
    parts = [f"{noun}: {counts.get(Finding.SEEN, 0)}" for noun, counts in progress.found.items()]
    return f"compared {', '.join(parts)}; {progress.drift} differ"


def _summary(wish: Wish, outcome: Outcome) -> str:
    """Return what was found and changed, per noun and field."""
    what = f"{wish.kind}:{outcome.run_id}" if wish.write else f"{wish.kind}, dry"
    lines = [f"{what}{', resumed' if outcome.resumed else ''}"]
    for noun, counts in outcome.progress.found.items():
        found = [f"{counts[each]} {_WORDS[each]}" for each in Finding if counts.get(each)]
        lines.append(f"  {noun}: {', '.join(found) or 'none'}")
        fields = outcome.progress.fields.get(noun, {})
        if fields:
            most = sorted(fields.items(), key=lambda each: (-each[1], each[0]))
            lines.append(f"    fields: {', '.join(f'{name} {count}' for name, count in most)}")
    verb = "repaired" if wish.write else "would be repaired"
    lines.append(f"  {outcome.progress.total(*DRIFT)} {verb}")
    return "\n".join(lines) + "\n"
