"""Both sides of the comparison, taken at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clerk_harness.clerk import ClerkInstance, ClerkUser, Message
from clerk_harness.ledger import Ledger, Sighting
from clerk_harness.target import Effect, InboxEntry, LocalUser, Probe

__all__ = ["Observation", "differences", "observe"]


@dataclass(frozen=True)
class Observation:
    """What Clerk holds and emitted, and what the service holds and remembers.

    Attributes:
        local_rows: Everybody if ``complete``, else only those whom Clerk knows.
        excused: Ids of users and messages whose breach an earlier scenario has reported.
        complete: Whether the service could list all its users.
        pending: Deliveries that Clerk has still to make.
        inbox: None when the service cannot list its messages.
        effects: None when the service cannot list its side effects.
    """

    clerk_users: Mapping[str, ClerkUser]
    deleted: frozenset[str]
    emitted: Sequence[Message]
    acknowledged: frozenset[str]
    pending: int
    sightings: Sequence[Sighting]
    local_rows: Sequence[LocalUser]
    complete: bool
    excused: frozenset[str]
    inbox: Sequence[InboxEntry] | None
    effects: Sequence[Effect] | None


def observe(clerk: ClerkInstance, ledger: Ledger, probe: Probe) -> Observation:
    """Read both sides.

    Raises:
        ProbeError: The service could not be read.
    """
    pending = clerk.messages.pending()
    ledger.refresh()
    clerk_users = {user.id: user for user in clerk.users.all()}
    listed = probe.users()
    complete = listed is not None
    if listed is None:
        known = (*clerk_users, *ledger.deleted_users)
        listed = [user for user in map(probe.user, known) if user is not None]
    return Observation(
        clerk_users=clerk_users,
        deleted=ledger.deleted_users,
        emitted=ledger.emitted,
        acknowledged=ledger.acknowledged,
        pending=pending,
        sightings=ledger.sightings,
        local_rows=listed,
        complete=complete,
        excused=ledger.excused,
        inbox=probe.inbox(),
        effects=probe.effects(),
    )


def differences(clerk: ClerkUser, local: LocalUser | None) -> list[str]:
    """Say in which fields a local user is not Clerk's; empty when they are equal."""
    if local is None or not local.active:
        return [f"{clerk.id} is {'absent' if local is None else 'inactive'}"]
    return [
        f"{clerk.id}.{name} is {value!r} and should be {getattr(clerk, name)!r}"
        for name, value in local.fields.items()
        if value != getattr(clerk, name)
    ]
