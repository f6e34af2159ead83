"""What is said of a record, by whom: by a webhook, or by Clerk when it was asked."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from clerk_sync.service.nouns import AnyNoun
from clerk_sync.store.effects import EffectKind

__all__ = ["Entity", "Sighting"]


class Entity(NamedTuple):
    """Names one record."""

    noun: str
    clerk_id: str

    def __str__(self) -> str:
        """Return it as the audit log and the locks name it."""
        return f"{self.noun}:{self.clerk_id}"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One statement about a record.

    Attributes:
        noun: What kind of record.
        clerk_id: Which one.
        profile: What it looks like; of one that is gone, the last that is said of it, if anything.
        source: Who says so: the id of a webhook, ``jit:…``, ``reconcile:…`` or ``backfill:…``.
        action: For the audit log: the event type, or what our own step is called.
        actor: For the audit log.
        gone: Whether the record is deleted, for good.
        asked: Whether this is Clerk's answer to a question of ours: at the same version it is the
            later word.
        overrules: The row that Clerk's older word may replace, as it was when it was compared;
            Clerk is asked once more while it is locked, and nothing is done if it has changed.
        effect: What the service does beyond its tables if the record is in that state.
    """

    noun: AnyNoun
    clerk_id: str
    profile: Any  # of the noun's own type, or None
    source: str
    action: str
    actor: str = "clerk"
    gone: bool = False
    asked: bool = False
    overrules: Any = None  # what is stored, of the noun's own type
    effect: EffectKind | None = None

    @property
    def entity(self) -> Entity:
        """Which record it is about."""
        return Entity(self.noun.name, self.clerk_id)
