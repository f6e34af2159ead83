"""Writes what is said of records: locks them, looks up what is known, decides, saves."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.errors import StoreRejectedError, StoreUnavailableError
from clerk_sync.service.book import Book, UnclearError
from clerk_sync.service.nouns import NOUNS, AnyNoun
from clerk_sync.service.sightings import Entity, Sighting
from clerk_sync.states import Event
from clerk_sync.store.audit import add_entries
from clerk_sync.store.effects import add_effects
from clerk_sync.store.locks import begin_light, lock_all
from clerk_sync.store.session import transaction

__all__ = ["Finish", "Records", "Verdicts"]

Verdicts: TypeAlias = Sequence[Event | None]
"""What became of each sighting; ``None``: Clerk has to be asked about it, by itself."""

Finish: TypeAlias = Callable[[AsyncConnection, Verdicts], Awaitable[None]]
"""What else belongs into the transaction."""

MOST_ROUNDS: Final = 6
TOGETHER_WAIT_S: Final = 0.5
"""Longest wait for a lock of those who have others to think of."""
ALONE_WAIT_S: Final = 2.5
"""Of the others; below the limit of a statement."""
_NOUNS: Final[Mapping[str, AnyNoun]] = {noun.name: noun for noun in NOUNS}


class _WidenError(Exception):
    """More has to be locked than was foreseen, and locks are taken in one order, all at once."""

    def __init__(self, entities: Iterable[Entity] = (), claims: Iterable[str] = ()) -> None:
        self.entities = frozenset(entities)
        self.claims = frozenset(claims)
        super().__init__("further records are involved")


async def _nothing_else(_connection: AsyncConnection, _verdicts: Verdicts) -> None:
    pass


class Records:
    """The records of all nouns.

    Args:
        engine: Postgres.
        clerk: Asked when what is said settles nothing.
    """

    def __init__(self, engine: AsyncEngine, clerk: ClerkApi) -> None:
        self._engine = engine
        self._clerk = clerk

    async def write(self, sightings: Sequence[Sighting]) -> list[Event]:
        """Write what is said; whatever cannot be written together is written by itself.

        Returns:
            Of each sighting: ``Event.APPLY`` when the records now say so or more, or
            ``Event.FIND_STALE`` when something newer was known, or the record is gone.

        Raises:
            ClerkApiError: Clerk had to be asked, and could not be.
            StoreRejectedError: Postgres cannot hold one of these.
            StoreUnavailableError: Postgres is down or slow.
        """
        verdicts: list[Event | None] = [None] * len(sightings)
        if len(sightings) > 1:
            # Whoever is to blame, or whether it was a passing thing, shows one by one.
            with suppress(StoreRejectedError, StoreUnavailableError):
                verdicts = list(await self.write_together(sightings))
        return [
            await self.write_alone(sighting) if verdict is None else verdict
            for sighting, verdict in zip(sightings, verdicts, strict=True)
        ]

    async def write_together(
        self, sightings: Sequence[Sighting], finish: Finish = _nothing_else
    ) -> Verdicts:
        """Write what is said in one transaction, without asking Clerk.

        Args:
            sightings: In the order in which they were made.
            finish: Is called at the end of the transaction.

        Returns:
            What became of each; ``None`` for those about which Clerk has to be asked: nothing
            that is said of their record is written.

        Raises:
            StoreRejectedError: Postgres cannot hold one of these.
            StoreUnavailableError: Postgres is down or slow, or a lock was not to be had.
        """
        return await self._write(sightings, finish, asking=False)

    async def write_alone(self, sighting: Sighting, finish: Finish = _nothing_else) -> Event:
        """Write one sighting; Clerk is asked within the transaction when that is needed.

        That is on purpose: were the locks released in between, an older answer could be written
        over a newer one.

        Raises:
            ClerkApiError: Clerk could not be asked, or contradicts itself.
            StoreRejectedError: Postgres cannot hold this.
            StoreUnavailableError: Postgres is down or slow, or a lock was not to be had.
        """
        (verdict,) = await self._write([sighting], finish, asking=True)
        if verdict is None:
            raise AssertionError("whoever may ask Clerk defers nothing")
        return verdict

    async def _write(
        self, sightings: Sequence[Sighting], finish: Finish, *, asking: bool
    ) -> Verdicts:
        entities = {sighting.entity for sighting in sightings}
        claims = {claim for each in sightings for claim in _claims(each.noun, each.profile)}
        for _ in range(MOST_ROUNDS):
            try:
                async with transaction(self._engine) as connection:
                    await begin_light(
                        connection, lock_timeout_s=ALONE_WAIT_S if asking else TOGETHER_WAIT_S
                    )
                    if entities:
                        await lock_all(connection, [*map(str, entities), *claims])
                    work = _Work(connection, entities, claims)
                    await work.load()
                    if asking:
                        verdicts = await work.settle(sightings[0], self._clerk)
                    else:
                        verdicts = work.decide(sightings)
                    await work.save()
                    await finish(connection, verdicts)
                    return verdicts
            except _WidenError as wider:
                entities |= wider.entities
                claims |= wider.claims
        raise StoreUnavailableError("the records moved all the time", "try again")


class _Work:
    """One transaction: what it locked, what it knows, what it decided."""

    def __init__(
        self, connection: AsyncConnection, entities: Iterable[Entity], claims: Iterable[str]
    ) -> None:
        self._connection = connection
        self._entities = frozenset(entities)
        self._claims = frozenset(claims)
        self._known: dict[Entity, Any] = {}
        self._holders: dict[tuple[str, str], str] = {}
        self._answers: dict[Entity, Any | None] = {}
        self._book = Book({}, _NOUNS, {}, {})

    async def load(self) -> None:
        """Look up what is known of what is locked.

        Raises:
            _WidenError: A claim is held by a record that is not locked.
        """
        for noun in NOUNS:
            clerk_ids = [each.clerk_id for each in self._entities if each.noun == noun.name]
            if clerk_ids:
                found = await noun.load(self._connection, clerk_ids)
                self._known |= {Entity(noun.name, each): row for each, row in found.items()}
            prefix = _claim_name(noun, "")
            claims = [name.removeprefix(prefix) for name in self._claims if name.startswith(prefix)]
            if claims:
                held = await noun.holders(self._connection, claims)
                self._holders |= {(noun.name, claim): each for claim, each in held.items()}
        strangers = {
            Entity(noun, clerk_id) for (noun, _), clerk_id in self._holders.items()
        } - self._entities
        if strangers:
            raise _WidenError(strangers)

    def decide(self, sightings: Sequence[Sighting]) -> Verdicts:
        """Decide all that can be decided without Clerk."""
        deferred: set[Entity] = set()
        while True:
            self._book = Book(self._known, _NOUNS, self._holders, {})
            try:
                return [
                    None if each.entity in deferred else self._book.take(each) for each in sightings
                ]
            except UnclearError as unclear:
                # Nothing was changed but the book: begin again without that record.
                deferred.add(unclear.claimant)

    async def settle(self, sighting: Sighting, clerk: ClerkApi) -> Verdicts:
        """Decide about one sighting, asking Clerk as often as it takes.

        Raises:
            ClerkApiError: Clerk cannot be asked, or contradicts itself.
            PayloadError: Clerk's answer breaks the model.
            _WidenError: What Clerk says touches what is not locked.
        """
        while True:
            self._book = Book(self._known, _NOUNS, self._holders, self._answers)
            try:
                self._book.take_answers(sighting)
                return [self._book.take(sighting)]
            except UnclearError as unclear:
                if not unclear.entities <= self._entities:
                    raise _WidenError(unclear.entities) from unclear
                for entity in sorted(unclear.entities - self._answers.keys()):
                    self._answers[entity] = await self._ask(entity, sighting, clerk)

    async def _ask(self, entity: Entity, sighting: Sighting, clerk: ClerkApi) -> Any | None:
        noun = _NOUNS[entity.noun]
        about = self._known.get(entity) or sighting.profile
        if sighting.overrules is not None and entity == sighting.entity:
            about = sighting.profile  # What is stored is in doubt, also in what it is looked up by.
        document = await noun.fetch(clerk, about)
        if document is None:
            return None
        answer = noun.read(document)
        if answer.clerk_id != entity.clerk_id:
            return None  # It was looked for by what it claims, and another one has that by now.
        claims = frozenset(_claims(noun, answer))
        if not claims <= self._claims:
            raise _WidenError(claims=claims)
        return answer

    async def save(self) -> None:
        """Write what was decided."""
        for noun in NOUNS:
            if burials := self._book.burials(noun):
                await noun.bury(self._connection, burials)
            if writes := self._book.writes(noun):
                await noun.save(self._connection, writes)
        await add_entries(self._connection, self._book.audit_entries())
        if self._book.effects:
            await add_effects(self._connection, self._book.effects)


def _claim_name(noun: AnyNoun, claim: str) -> str:
    return f"{noun.name}={claim}"


def _claims(noun: AnyNoun, profile: Any | None) -> list[str]:
    return [] if profile is None else [_claim_name(noun, each) for each in noun.claims(profile)]
