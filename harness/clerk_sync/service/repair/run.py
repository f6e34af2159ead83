"""One run over the whole of Clerk: page by page, in both directions, resumable at every page.

Every repair goes the way of a webhook, with its locks and its guards: what a page says is never
written over something newer. What is not listed, or is newer here than on its page, is asked for by
itself before it is buried or brought back.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from logging import getLogger
from typing import Any, Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine

from clerk_sync.clerk_api import PAGE_LIMIT, ClerkApi
from clerk_sync.errors import StoreRejectedError
from clerk_sync.service.records import Records
from clerk_sync.service.repair.comparing import (
    compare,
    differing_fields,
    is_newer_here,
    read_all,
    unequal_fields,
)
from clerk_sync.service.repair.findings import Finding, Progress
from clerk_sync.service.repair.pace import Pace
from clerk_sync.service.repair.paging import OVERLAP, walk
from clerk_sync.service.repair.streams import Stream, streams
from clerk_sync.service.sightings import Entity, Sighting
from clerk_sync.states import Event
from clerk_sync.store.audit import seconds_since
from clerk_sync.store.session import transaction
from clerk_sync.store.strays import strays

__all__ = ["Noted", "Rules", "Run"]

TOGETHER: Final = 200
"""Records that are written in one transaction."""
STRAYS_AT_ONCE: Final = 4

_log = getLogger(__name__)


Noted: TypeAlias = Callable[[Progress], Awaitable[None]]
"""Is told after every page; what it keeps, the next run goes on from."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a run is made.

    Attributes:
        kind: ``reconcile`` or ``backfill``, the first word of who wrote a record.
        run_id: The second word.
        write: Whether anything is changed.
        both_ways: Whether local records that Clerk does not list are looked into.
        grace_s: Records that Clerk made less than so many seconds ago are not buried, for a copy
            of Clerk's that lags behind may not know them yet; nor is what was written here less
            than so many seconds ago taken for newer than Clerk.
        page: Rows of a page.
    """

    kind: str
    run_id: str
    write: bool = True
    both_ways: bool = True
    grace_s: float = 10.0
    page: int = PAGE_LIMIT


class Run:
    """Goes through all lists.

    Args:
        engine: Postgres.
        clerk: Asked for everything.
        pace: Holds requests back.
        rules: How the run is made.
        progress: Where it begins; it is moved on.
        noted: Is told after every page.
    """

    def __init__(  # noqa: PLR0913 - what a run is made of, all but two by keyword
        self,
        engine: AsyncEngine,
        clerk: ClerkApi,
        *,
        pace: Pace,
        rules: Rules,
        progress: Progress,
        noted: Noted,
    ) -> None:
        self._engine = engine
        self._clerk = clerk
        self._records = Records(engine, clerk)
        self._pace = pace
        self._rules = rules
        self.progress = progress
        self._noted = noted
        self._listed: dict[str, int | None] = {}
        self._told: set[str] = set()

    async def go(self, *, stop: Callable[[], bool] = lambda: False) -> bool:
        """Go on until everything is compared.

        Args:
            stop: Asked after every page whether to leave the rest for later.

        Returns:
            Whether the end was reached.

        Raises:
            ClerkApiError: Clerk does not answer, however patiently it is asked.
            StoreUnavailableError: Postgres is down or slow.
        """
        while self.progress.stream < len(streams()):
            if not await self._go_through(streams()[self.progress.stream], stop):
                return False
        return True

    async def _go_through(self, stream: Stream, stop: Callable[[], bool]) -> bool:
        self._listed = {}
        pages = walk(
            lambda limit, offset: self._ask(stream, limit, offset),
            start=self.progress.offset,
            tail=frozenset(self.progress.tail),
            limit=self._rules.page,
        )
        try:
            async for page in pages:
                await self._take_page(stream, page.rows, last=page.last)
                if page.last:
                    self.progress.begin_next_stream()
                else:
                    self.progress.offset = page.offset + self._rules.page - OVERLAP
                    self.progress.tail = list(page.tail)
                await self._noted(self.progress)
                if stop():
                    return self.progress.stream == len(streams())
        finally:
            await pages.aclose()
        return True

    async def _ask(self, stream: Stream, limit: int, offset: int) -> list[dict[str, Any]]:
        await self._pace.wait()
        return await stream.ask(self._clerk, limit, offset)

    async def _take_page(
        self, stream: Stream, rows: Sequence[dict[str, Any]], *, last: bool
    ) -> None:
        profiles, broken = read_all(stream.noun, rows)
        for failure in broken:
            _log.warning("cannot be read: %s", failure)
        self.progress.count(stream.noun.name, Finding.UNREADABLE, len(broken))
        await self._compare_and_repair(stream, profiles)
        if self._rules.both_ways:
            self._listed |= {str(row.get("id")): _made_at(row) for row in rows}
            await self._settle(stream, None if last else self._newest(rows))

    async def _compare_and_repair(self, stream: Stream, profiles: Sequence[Any]) -> None:
        noun = stream.noun
        # Who only looks may see a record that differs in two lists.
        profiles = [each for each in profiles if each.clerk_id not in self._told]
        async with transaction(self._engine) as connection:
            known = await noun.load(connection, [profile.clerk_id for profile in profiles])
        result = compare(noun, profiles, known)
        if not self._rules.write:
            self._told |= {profile.clerk_id for profile, _ in result.repairs}
        for finding, number in result.counts.items():
            self.progress.count(noun.name, finding, number)
        self.progress.count_fields(noun.name, result.fields)
        if self._rules.write:
            await self._write(stream, [self._found(stream, each) for each, _ in result.repairs])
        if self._rules.both_ways:
            await self._look_into_all(stream, {each.clerk_id: each for each in result.newer_here})

    def _found(self, stream: Stream, profile: Any) -> Sighting:
        return Sighting(
            stream.noun,
            profile.clerk_id,
            profile,
            source=self._source,
            action=f"{self._rules.kind}.write",
            actor="repair",
            asked=True,
        )

    async def _write(self, stream: Stream, sightings: Sequence[Sighting]) -> None:
        for start in range(0, len(sightings), TOGETHER):
            part = sightings[start : start + TOGETHER]
            try:
                await self._records.write(part)
            except StoreRejectedError:
                for sighting in part:
                    await self._write_alone(stream, sighting)

    async def _write_alone(self, stream: Stream, sighting: Sighting) -> Event | None:
        try:
            return await self._records.write_alone(sighting)
        except StoreRejectedError as refused:
            _log.warning("cannot be written: %s: %s", sighting.entity, refused)
            self.progress.count(stream.noun.name, Finding.REFUSED)
            return None

    @property
    def _source(self) -> str:
        return f"{self._rules.kind}:{self._rules.run_id}"

    def _newest(self, rows: Sequence[dict[str, Any]]) -> int | None:
        """Return up to when, itself excluded, all that Clerk made has been listed by now."""
        made = [at for row in rows if (at := _made_at(row)) is not None]
        return max(made) if made else self.progress.settled

    async def _settle(self, stream: Stream, before: int | None) -> None:
        """Look into local records of the span that is now listed whole, and were not in it.

        Args:
            stream: The list.
            before: Where the span ends; ``None``: the list has come to its end.
        """
        since = self.progress.settled
        if before is not None and since is not None and before <= since:
            return  # all of one millisecond: the span is not whole yet
        async with transaction(self._engine) as connection:
            found = await strays(
                connection, stream.part, listed=self._listed, since=since, before=before
            )
        await self._look_into_all(stream, dict.fromkeys(found))
        self.progress.settled = before
        self._listed = {
            clerk_id: made
            for clerk_id, made in self._listed.items()
            if made is None or before is None or made >= before
        }

    async def _look_into_all(self, stream: Stream, wanted: Mapping[str, Any]) -> None:
        """Look into records by their ids, given what Clerk listed of each, if anything."""
        items = list(wanted.items())
        for start in range(0, len(items), STRAYS_AT_ONCE):
            try:
                async with asyncio.TaskGroup() as group:
                    for clerk_id, listed in items[start : start + STRAYS_AT_ONCE]:
                        group.create_task(self._look_into(stream, clerk_id, listed))
            except ExceptionGroup as failures:
                raise failures.exceptions[0] from failures

    async def _look_into(self, stream: Stream, clerk_id: str, listed: Any) -> None:
        """Ask Clerk for a record that it did not list, or listed as older, and believe it."""
        async with transaction(self._engine) as connection:
            stored = (await stream.noun.load(connection, [clerk_id])).get(clerk_id)
        if stored is None or not stored.active or clerk_id in self._told:
            return
        await self._pace.wait()
        document = await stream.noun.fetch(self._clerk, listed or stored)
        if document is not None:
            await self._take_page_of_one(stream, document, stored)
        elif not self._is_young(stored):
            self.progress.count(stream.noun.name, Finding.GONE)
            if self._rules.write:
                await self._records.write([self._gone(stream, clerk_id)])

    async def _take_page_of_one(
        self, stream: Stream, document: dict[str, Any], stored: Any
    ) -> None:
        profiles, _ = read_all(stream.noun, [document])
        for profile in profiles:
            if profile.clerk_id == stored.clerk_id and is_newer_here(profile, stored):
                await self._bring_back(stream, profile, stored)
            elif differing_fields(stream.noun, profile, stored):
                await self._compare_and_repair(stream, profiles)

    async def _bring_back(self, stream: Stream, profile: Any, stored: Any) -> None:
        """Give a record the older version of Clerk, unless a webhook wrote it a moment ago."""
        noun, clerk_id = stream.noun, stored.clerk_id
        async with transaction(self._engine) as connection:
            age_s = await seconds_since(connection, str(Entity(noun.name, clerk_id)), stored)
        if age_s is not None and age_s < self._rules.grace_s:
            return
        if self._rules.write:
            sighting = replace(self._found(stream, profile), overrules=stored)
            await self._pace.wait()
            if await self._write_alone(stream, sighting) is Event.FIND_STALE:
                return  # It moved while it was looked at: its webhook came.
        else:
            self._told.add(clerk_id)
        self.progress.count(noun.name, Finding.NEWER_HERE)
        self.progress.count_fields(noun.name, Counter(unequal_fields(noun, profile, stored)))

    def _gone(self, stream: Stream, clerk_id: str) -> Sighting:
        return Sighting(
            stream.noun,
            clerk_id,
            None,
            source=self._source,
            action=f"{self._rules.kind}.bury",
            actor="repair",
            gone=True,
        )

    def _is_young(self, stored: Any) -> bool:
        made = stored.clerk_created_at
        return made is not None and time.time() - made / 1000 < self._rules.grace_s


def _made_at(row: dict[str, Any]) -> int | None:
    made = row.get("created_at")
    return made if isinstance(made, int) else None
