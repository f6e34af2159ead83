"""Decides what sightings change: pure rules over what is known, without any input or output.

Rules: a newer version replaces an older one (a repair may bring back an older one that Clerk still
has, see ``Sighting.overrules``); a tombstone is final; what only one living record may
have (a verified address) goes to whose version is newer. Where versions prove nothing, the book
raises ``UnclearError`` and somebody has to ask Clerk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from clerk_sync.errors import ClerkApiError
from clerk_sync.service.nouns import AnyNoun, Burial, Write
from clerk_sync.service.sightings import Entity, Sighting
from clerk_sync.states import Event
from clerk_sync.store.audit import AuditEntry
from clerk_sync.store.effects import DueEffect

__all__ = ["CLOCK_SLACK_MS", "Book", "Entry", "UnclearError"]

CLOCK_SLACK_MS: Final = 250
"""Versions of two records this close prove nothing of which change was first.

Clerk's servers have clocks of their own, and several changes of one record within a millisecond
push its version ahead of the clock. Versions of one record are never compared this way.
"""


class UnclearError(Exception):
    """What the sightings say cannot settle it; Clerk can.

    Attributes:
        claimant: The record whose sighting it is.
        entities: The records to ask Clerk about.
    """

    def __init__(self, claimant: Entity, entities: frozenset[Entity]) -> None:
        self.claimant = claimant
        self.entities = entities
        super().__init__(f"only Clerk knows about {', '.join(sorted(map(str, entities)))}")


@dataclass(slots=True)
class Entry:
    """A record as it stands while sightings are worked through.

    Attributes:
        noun: What kind of record.
        stored: The row as it was loaded.
        record: The profile, or what is stored; ``None`` when nothing was ever heard of it.
        alive: Whether it lives.
        source: Who said the last that changed it.
        changed: Whether it differs from ``stored``.
    """

    noun: AnyNoun
    stored: Any  # Any, for it is None or of the type that its noun alone knows
    record: Any
    alive: bool
    source: str
    changed: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a row, or will be one."""
        return self.record is not None or self.changed


class Book:
    """Works through sightings in their order.

    Args:
        known: The stored records, tombstones included.
        nouns: The noun of each name.
        holders: Noun and claim → the living record that has it.
        answers: What Clerk said when it was asked; ``None``: it has no such record.
    """

    def __init__(
        self,
        known: Mapping[Entity, Any],
        nouns: Mapping[str, AnyNoun],
        holders: Mapping[tuple[str, str], str],
        answers: Mapping[Entity, Any | None],
    ) -> None:
        self._entries = {
            entity: Entry(
                noun=nouns[entity.noun],
                stored=stored,
                record=stored,
                alive=stored.active,
                source=stored.applied_svix_id,
            )
            for entity, stored in known.items()
        }
        self._holders = dict(holders)
        self._answers = answers
        self._audit: list[AuditEntry] = []
        self.effects: list[DueEffect] = []

    def take_answers(self, sighting: Sighting) -> None:
        """Write down what Clerk said because of this sighting.

        Raises:
            ClerkApiError: Clerk's answers contradict what it told before, or each other.
            UnclearError: They touch a further record.
        """
        for entity, answer in self._answers.items():
            known = self._entries.get(entity)
            if known is None or not known.alive:
                continue
            # First everybody gives up what they no longer have; an older answer says nothing.
            if answer is None:
                self._bury(entity, known, None, sighting)
            elif answer.clerk_updated_at >= known.record.clerk_updated_at:
                given_up = known.noun.claims(known.record) - known.noun.claims(answer)
                if given_up:
                    self._take_from(entity, given_up, sighting)
        for entity, answer in self._answers.items():
            entry = self._entry(entity, sighting.noun)
            if answer is not None and (entry.alive or not entry.known):
                self._take(entity, entry, answer, sighting, asked=True)

    def take(self, sighting: Sighting) -> Event:
        """Work through one sighting.

        Returns:
            Whether it changes anything, or nothing any more.

        Raises:
            UnclearError: Only Clerk can tell.
            ClerkApiError: Clerk was asked, and its answer is older than this.
        """
        entity = sighting.entity
        entry = self._entry(entity, sighting.noun)
        outcome = self._outcome(entity, entry, sighting)
        if sighting.effect is not None and (
            sighting.gone or (entry.alive and entry.noun.admits(entry.record))
        ):
            self.effects.append(DueEffect(sighting.effect, sighting.source, sighting.clerk_id))
        return outcome

    def writes(self, noun: AnyNoun) -> list[Write[Any, Any]]:
        """Return the living records of a noun that changed."""
        return [
            Write(entry.record, entry.source, entry.stored)
            for entry in self._changed(noun)
            if entry.alive
        ]

    def burials(self, noun: AnyNoun) -> list[Burial[Any]]:
        """Return the records of a noun that became tombstones."""
        return [
            Burial(
                entity.clerk_id,
                entry.source,
                entry.record if entry.record is not entry.stored else None,
            )
            for entity, entry in self._entries.items()
            if entry.noun is noun and entry.changed and not entry.alive
        ]

    def audit_entries(self) -> list[AuditEntry]:
        """Return what changed, one entry of each record for each sighting, in order."""
        return self._audit

    def _changed(self, noun: AnyNoun) -> Iterable[Entry]:
        return (entry for entry in self._entries.values() if entry.noun is noun and entry.changed)

    def _entry(self, entity: Entity, noun: AnyNoun) -> Entry:
        entry = self._entries.get(entity)
        if entry is None:
            entry = Entry(noun=noun, stored=None, record=None, alive=False, source="")
            self._entries[entity] = entry
        return entry

    def _outcome(self, entity: Entity, entry: Entry, sighting: Sighting) -> Event:
        if sighting.gone:
            if entry.alive or not entry.known:
                self._bury(entity, entry, sighting.profile, sighting)
            return Event.APPLY
        if sighting.overrules is not None:
            return self._overrule(entity, entry, sighting)
        if entity in self._answers:
            answer = self._answers[entity]
            if answer is not None and answer.clerk_updated_at < sighting.profile.clerk_updated_at:
                raise ClerkApiError(
                    f"Clerk's Backend API does not know yet of version "
                    f"{sighting.profile.clerk_updated_at} of {entity}"
                )
            return Event.APPLY
        if not entry.known:
            return self._take(entity, entry, sighting.profile, sighting, asked=sighting.asked)
        if not entry.alive:
            return Event.FIND_STALE
        return self._take(entity, entry, sighting.profile, sighting, asked=sighting.asked)

    def _overrule(self, entity: Entity, entry: Entry, sighting: Sighting) -> Event:
        if entity in self._answers:
            return Event.APPLY if entry.changed else Event.FIND_STALE
        if not entry.alive or entry.record != sighting.overrules:
            return Event.FIND_STALE
        raise UnclearError(entity, frozenset({entity}))

    def _take(
        self, entity: Entity, entry: Entry, profile: Any, sighting: Sighting, *, asked: bool
    ) -> Event:
        if entry.record is not None:
            lead = profile.clerk_updated_at - entry.record.clerk_updated_at
            if lead < 0 and not _overrules(sighting, entity, entry.record, profile):
                return Event.FIND_STALE
            profile = _grown(entry, profile)
            if lead >= 0:  # What is overruled has no say in what replaces it.
                profile = entry.noun.merged(profile, entry.record)
            if lead == 0 and _all_equal(profile, entry.record):
                return Event.APPLY
            if lead == 0 and not asked and entry.source != sighting.source:
                if _content_equals(entry.noun, profile, entry.record):
                    # Only what grows by itself did.
                    self._write(entity, entry, _with_restless(entry, profile), sighting)
                    return Event.APPLY
                raise UnclearError(entity, frozenset({entity}))
        won = self._settle_claims(entity, entry.noun, profile, sighting)
        if won is None:
            self._bury(entity, entry, profile, sighting)
        else:
            self._write(entity, entry, won, sighting)
        return Event.APPLY

    def _settle_claims(
        self, entity: Entity, noun: AnyNoun, profile: Any, sighting: Sighting
    ) -> Any | None:
        """Return the profile with what it really has, after taking that from who had it."""
        taken: dict[Entity, set[str]] = {}
        lost: set[str] = set()
        for claim in noun.claims(profile):
            holder_id = self._holders.get((noun.name, claim))
            if holder_id is None or holder_id == entity.clerk_id:
                continue
            holder = Entity(noun.name, holder_id)
            lead = profile.clerk_updated_at - self._entries[holder].record.clerk_updated_at
            if abs(lead) <= CLOCK_SLACK_MS:
                if holder in self._answers and entity in self._answers:
                    raise ClerkApiError(
                        f"Clerk says that both {entity} and {holder} have one thing"
                    )
                raise UnclearError(entity, frozenset({entity, holder}))
            if lead > 0:
                taken.setdefault(holder, set()).add(claim)
            else:
                lost.add(claim)
        for holder, claims in taken.items():
            self._take_from(holder, frozenset(claims), sighting)
        return noun.without(profile, frozenset(lost)) if lost else profile

    def _take_from(self, holder: Entity, claims: frozenset[str], sighting: Sighting) -> None:
        entry = self._entries[holder]
        left = entry.noun.without(entry.record, claims)
        if left is None:
            self._bury(holder, entry, None, sighting)
        else:
            self._write(holder, entry, left, sighting, source=entry.source)

    def _write(
        self, entity: Entity, entry: Entry, record: Any, sighting: Sighting, source: str = ""
    ) -> None:
        before = entry.record if entry.alive else None
        self._release(entity, entry)
        entry.record, entry.alive, entry.changed = record, True, True
        entry.source = source or sighting.source
        for claim in entry.noun.claims(record):
            self._holders[entity.noun, claim] = entity.clerk_id
        self._note(entity, sighting, before, record)

    def _bury(self, entity: Entity, entry: Entry, last: Any | None, sighting: Sighting) -> None:
        before = entry.record if entry.alive else None
        self._release(entity, entry)
        entry.alive, entry.changed, entry.source = False, True, sighting.source
        if entry.record is None:
            entry.record = last
        self._note(entity, sighting, before, None)

    def _note(
        self, entity: Entity, sighting: Sighting, before: Any | None, after: Any | None
    ) -> None:
        subject = str(entity)
        last = self._audit[-1] if self._audit else None
        if last and last.subject == subject and last.request_id == sighting.source:
            # One sighting may change a record in two steps.
            before = last.before
            self._audit.pop()
        self._audit.append(
            AuditEntry(
                actor=sighting.actor,
                action=sighting.action,
                subject=subject,
                before=before,
                after=after,
                request_id=sighting.source,
            )
        )

    def _release(self, entity: Entity, entry: Entry) -> None:
        if entry.alive:
            for claim in entry.noun.claims(entry.record):
                if self._holders.get((entity.noun, claim)) == entity.clerk_id:
                    del self._holders[entity.noun, claim]


def _overrules(sighting: Sighting, entity: Entity, record: Any, profile: Any) -> bool:
    """Tell whether Clerk's word counts though it is older: Clerk has said it twice."""
    return bool(
        sighting.overrules is not None
        and entity == sighting.entity
        and record == sighting.overrules
        and profile.clerk_updated_at >= sighting.profile.clerk_updated_at
    )


def _all_equal(profile: Any, record: Any) -> bool:
    return all(
        getattr(profile, name) == getattr(record, name) for name in profile.__dataclass_fields__
    )


def _content_equals(noun: AnyNoun, profile: Any, record: Any) -> bool:
    return all(
        getattr(profile, name) == getattr(record, name)
        for name in profile.__dataclass_fields__
        if name not in noun.restless
    )


def _grown(entry: Entry, profile: Any) -> Any:
    """Return the profile with what only grows at least as grown as it is known."""
    grown = {}
    for name in entry.noun.restless:
        known = getattr(entry.record, name)
        if known is not None and known > (getattr(profile, name) or 0):
            grown[name] = known
    return replace(profile, **grown) if grown else profile


def _with_restless(entry: Entry, profile: Any) -> Any:
    return replace(entry.record, **{name: getattr(profile, name) for name in entry.noun.restless})
