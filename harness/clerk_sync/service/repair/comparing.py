"""Compares a page of Clerk's with the local records: pure, but for the reading of both."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clerk_sync.errors import PayloadError
from clerk_sync.service.nouns import AnyNoun
from clerk_sync.service.repair.findings import Finding

__all__ = ["Comparison", "compare", "differing_fields", "read_all"]


@dataclass(slots=True)
class Comparison:
    """What a page came to.

    Attributes:
        repairs: Profiles that are to be written, and what was found of each.
        counts: Of the whole page.
        fields: Which fields differed.
    """

    repairs: list[tuple[Any, Finding]] = field(default_factory=list)
    counts: Counter[Finding] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)


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

    A record that is known here in a newer version is no drift: its webhook came after the page.
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
        elif names := differing_fields(noun, profile, stored):
            result.counts[Finding.DIFFERENT] += 1
            result.fields.update(names)
            result.repairs.append((profile, Finding.DIFFERENT))
    return result


def differing_fields(noun: AnyNoun, profile: Any, stored: Any) -> list[str]:
    """Return the fields in which ours is behind Clerk's description or differs from it."""
    version = stored.clerk_updated_at
    if version is not None and version > profile.clerk_updated_at:
        return []
    return [
        name
        for name in profile.__dataclass_fields__
        if _differs(getattr(profile, name), getattr(stored, name), grows=name in noun.restless)
    ]


def _differs(clerks: Any, ours: Any, *, grows: bool) -> bool:
    if grows:
        return clerks is not None and (ours is None or ours < clerks)
    return bool(clerks != ours)
