"""What a noun is: everything that apply, repair and sign-in need to know of one kind of record.

A profile is what Clerk says of a record, a frozen dataclass with at least ``clerk_id`` and
``clerk_updated_at``. What is stored of it has all fields of the profile under the same names, and
``active`` and ``applied_svix_id`` besides; one that is not active is a tombstone.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from clerk_sync.clerk_api import ClerkApi
from clerk_sync.store.effects import EffectKind
from clerk_sync.store.writes import Burial, Write

__all__ = ["Burial", "Noun", "Write"]

P = TypeVar("P")
S = TypeVar("S")


def _says_nothing(_data: dict[str, Any]) -> None:
    return None


def _claims_nothing(_profile: Any) -> frozenset[str]:
    return frozenset()


async def _held_by_nobody(_connection: AsyncConnection, _keys: Sequence[str]) -> dict[str, str]:
    return {}


def _as_it_is(profile: Any, _known: Any) -> Any:
    return profile


def _over(_record: Any, _keys: frozenset[str]) -> None:
    return None


def _welcome(_record: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun(Generic[P, S]):
    """One kind of record.

    Attributes:
        name: Begins the subjects of the audit log, as in ``user:user_2a``.
        carried_by: Event types whose data is the record.
        deleted_by: Event types after which the record is gone for good.
        within: Event type → the field of its data that holds the record, where the data itself is
            something else; it may be missing.
        read: Makes a profile of an event's data or of the Backend API's answer; raises
            ``PayloadError``.
        read_gone: Makes a profile of a deletion's data, where that says anything.
        load: Returns what is stored of these ids, tombstones included; one statement.
        save: Inserts or replaces living records, all in a few statements.
        bury: Makes tombstones, also of records never seen, all in a few statements.
        fetch: Returns the record as Clerk holds it now; ``None``: Clerk has no such record. It is
            given a profile or what is stored.
        effects: Event type → what the service does beyond its tables when it arrives.
        claims: What only one living record may have, e.g. verified addresses.
        holders: Returns which living record holds each of these claims, as far as any does.
        without: The record without these claims; ``None``: it is over, and becomes a tombstone. It
            is given a profile or what is stored.
        merged: Given a newer profile and what it replaces, what is to be written.
        restless: Fields of numbers that grow without a new version of the record.
        admits: Whether the living record takes part in effects.
    """

    name: str
    carried_by: frozenset[str]
    deleted_by: frozenset[str]
    within: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    read: Callable[[dict[str, Any]], P]
    read_gone: Callable[[dict[str, Any]], P | None] = _says_nothing
    load: Callable[[AsyncConnection, Sequence[str]], Awaitable[dict[str, S]]]
    save: Callable[[AsyncConnection, Sequence[Write[P, S]]], Awaitable[None]]
    bury: Callable[[AsyncConnection, Sequence[Burial[P]]], Awaitable[None]]
    fetch: Callable[[ClerkApi, P | S], Awaitable[dict[str, Any] | None]]
    effects: Mapping[str, EffectKind] = field(default_factory=lambda: MappingProxyType({}))
    claims: Callable[[P | S], frozenset[str]] = _claims_nothing
    holders: Callable[[AsyncConnection, Sequence[str]], Awaitable[Mapping[str, str]]] = (
        _held_by_nobody
    )
    without: Callable[[P | S, frozenset[str]], P | S | None] = _over
    merged: Callable[[P, P | S], P] = _as_it_is
    restless: frozenset[str] = frozenset()
    admits: Callable[[P | S], bool] = _welcome
