"""What a run found and changed, and how far it came: everything that outlives a crash."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

__all__ = ["DRIFT", "Finding", "Progress"]


class Finding(StrEnum):
    """What there is to say of one record."""

    SEEN = "seen"
    """Clerk listed it."""
    MISSING = "missing"
    """Clerk has it, we had not."""
    DIFFERENT = "different"
    """Ours differed."""
    NEWER_HERE = "newer_here"
    """Ours has a newer version than Clerk itself has, also when asked for this record alone."""
    GONE = "gone"
    """We had it, Clerk has it no more."""
    BURIED_HERE = "buried_here"
    """Clerk has it, and here it is a tombstone, which is final."""
    UNREADABLE = "unreadable"
    """Clerk's description breaks the model."""
    REFUSED = "refused"
    """It could not be written."""


DRIFT = frozenset({Finding.MISSING, Finding.DIFFERENT, Finding.NEWER_HERE, Finding.GONE})
"""What a repair puts right."""


@dataclass(slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        stream: Place of the list that is gone through; those before it are done.
        offset: Where its next page begins.
        tail: The last ids of the page before.
        settled: Unix milliseconds; records that Clerk made before are done in both directions.
        found: Noun → finding → how many.
        fields: Noun → field → in how many records it differed.
    """

    stream: int = 0
    offset: int = 0
    tail: list[str] = field(default_factory=list)
    settled: int | None = None
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    fields: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(**{name: document[name] for name in cls.__dataclass_fields__})

    def to_json(self) -> dict[str, Any]:
        """Return it for the database; ``drift`` is for whoever reads nothing else."""
        drift = {finding.value: self.total(finding) for finding in sorted(DRIFT)}
        return {**asdict(self), "drift": drift}

    def count(self, noun: str, finding: Finding, number: int = 1) -> None:
        """Count records."""
        counts = self.found.setdefault(noun, {})
        counts[finding.value] = counts.get(finding.value, 0) + number

    def count_fields(self, noun: str, names: Counter[str]) -> None:
        """Count the fields that differed."""
        counts = self.fields.setdefault(noun, {})
        for name, number in names.items():
            counts[name] = counts.get(name, 0) + number

    def begin_next_stream(self) -> None:
        """Note that the list has been gone through to its end."""
        self.stream += 1
        self.offset, self.tail, self.settled = 0, [], None

    def total(self, *findings: Finding) -> int:
        """Return how many records of all nouns were found so."""
        return sum(
            counts.get(finding.value, 0) for counts in self.found.values() for finding in findings
        )

    @property
    def drift(self) -> int:
        """Return how many records differed, were missing, newer here or gone."""
        return self.total(*DRIFT)
