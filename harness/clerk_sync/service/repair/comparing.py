"""Compares a page of Clerk's with the local records: pure, but for the reading of both."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clerk_sync.errors import PayloadError
from clerk_sync.service.nouns import AnyNoun
from clerk_sync.service.repair.findings import Finding

__all__ = [
    "Comparison",
    "compare",
    "differing_fields",
    "is_newer_here",
    "read_all",
    "unequal_fields",
]


@dataclass(slots=True)
class Comparison:
    """What a page came to.

    Attributes:
        repairs: Profiles that are to be written, and what was found of each.
        counts: Of the whole page.
        fields: Which fields differed.
        newer_here: Profiles of records that are here in a newer version than on the page.
    """

    repairs: list[tuple[Any, Finding]] = field(default_factory=list)
    counts: Counter[Finding] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    newer_here: list[Any] = field(default_factory=list)


def read_all(noun: AnyNoun, documents: Iterable[Mapping[str, Any]]) -> tuple[list[Any], list[str]]:
    """Read what Clerk says.

    Returns:
        The profiles, and what is wrong with the rest.
    """
    profiles, broken = [], []
    for document in documents:
        try:
            profiles.append(noun.read(dict(document)))
        except PayloadError as failure:
            broken.append(f"{noun.name} {document.get('id')!r}: {failure}")
    return profiles, broken


def compare(noun: AnyNoun, profiles: Sequence[Any], known: Mapping[str, Any]) -> Comparison:
    """Compare what Clerk says with what is known here.

    A record that is known here in a newer version is no drift yet: mostly its webhook came after
    the page. Only Clerk can tell, asked for it by itself.
    """
    result = Comparison()
    result.counts[Finding.SEEN] = len(profiles)
    for profile in profiles:
        stored = known.get(profile.clerk_id)
        if stored is None:
            result.counts[Finding.MISSING] += 1
            result.repairs.append((profile, Finding.MISSING))
        elif not stored.active:
            result.counts[Finding.BURIED_HERE] += 1
        elif is_newer_here(profile, stored):
            result.newer_here.append(profile)
        elif names := differing_fields(noun, profile, stored):
            result.counts[Finding.DIFFERENT] += 1
            result.fields.update(names)
            result.repairs.append((profile, Finding.DIFFERENT))
    return result


def differing_fields(noun: AnyNoun, profile: Any, stored: Any) -> list[str]:
    """Return the fields in which ours is behind Clerk's description or differs from it."""
    return [] if is_newer_here(profile, stored) else unequal_fields(noun, profile, stored)


def is_newer_here(profile: Any, stored: Any) -> bool:
    """Tell whether what is stored has a newer version than Clerk's description."""
    version = stored.clerk_updated_at
    return version is not None and version > profile.clerk_updated_at


def unequal_fields(noun: AnyNoun, profile: Any, stored: Any) -> list[str]:
    """Return the fields that differ, whichever is newer."""
    return [
        name
        for name in profile.__dataclass_fields__
        if _differs(getattr(profile, name), getattr(stored, name), grows=name in noun.restless)
    ]


def _differs(clerks: Any, ours: Any, *, grows: bool) -> bool:
    if grows:
        return clerks is not None and (ours is None or ours < clerks)
    return bool(clerks != ours)
