"""An entry of the waitlist, and what may become of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.invitations.entity import INVITATIONS
from clerk_fake.model.lifecycle import Lifecycle
from clerk_fake.model.records import Kind, Telling
from clerk_fake.state import Noun

__all__ = ["LIFECYCLE", "WAITLIST", "WaitlistEntry", "WaitlistStatus"]


class WaitlistStatus(StrEnum):
    """How far an entry has come."""

    PENDING = "pending"
    INVITED = "invited"
    REJECTED = "rejected"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """Somebody who wants to be let in; times are Unix ms.

    Attributes:
        email_address: Lower case.
        invitation_id: Of the latest invitation.
        invited_at: When that was sent.
        is_locked: Whether Clerk is at it in a batch; only a snapshot or a seed can say so here.
    """

    id: str
    email_address: str
    status: WaitlistStatus
    created_at: int
    updated_at: int
    invitation_id: str | None = None
    invited_at: int | None = None
    is_locked: bool = False


def _already(status: WaitlistStatus) -> ApiError:
    return ApiError.of(
        409,
        f"waitlist_entry_already_{status}",
        f"Waitlist entry already {status}",
        f"The waitlist entry has already been {status}.",
    )


LIFECYCLE: Final = Lifecycle(
    moves={
        WaitlistStatus.PENDING: (WaitlistStatus.INVITED, WaitlistStatus.REJECTED),
        WaitlistStatus.INVITED: (WaitlistStatus.REJECTED, WaitlistStatus.COMPLETED),
        WaitlistStatus.REJECTED: (WaitlistStatus.INVITED,),
    },
    refusals={
        WaitlistStatus.INVITED: lambda: _already(WaitlistStatus.INVITED),
        WaitlistStatus.REJECTED: lambda: _already(WaitlistStatus.REJECTED),
        WaitlistStatus.COMPLETED: lambda: _already(WaitlistStatus.COMPLETED),
    },
)


def _resource(instance: Instance, entry: WaitlistEntry) -> JsonObject:
    invitation = INVITATIONS.table(instance).get(entry.invitation_id or "")
    return {
        "object": "waitlist_entry",
        "id": entry.id,
        "email_address": entry.email_address,
        "status": entry.status,
        "is_locked": entry.is_locked,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
        "invitation": None if invitation is None else INVITATIONS.resource(instance, invitation),
    }


WAITLIST: Final = Kind(
    Noun(
        "waitlist_entries",
        WaitlistEntry,
        {
            "email_address": lambda entry: (entry.email_address,),
            "invitation_id": lambda entry: (entry.invitation_id,) if entry.invitation_id else (),
        },
    ),
    what="waitlist entry",
    prefix="wle",
    wire_name="waitlist_entry",
    resource=_resource,
    telling=Telling(created="waitlistEntry.created", updated="waitlistEntry.updated"),
)
