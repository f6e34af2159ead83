"""``/v1/waitlist_entries``: list, create, also in bulk, delete, invite, reject."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute
from clerk_fake.bapi.collection import Collection
from clerk_fake.bapi.listing import Listing, matching, text_within
from clerk_fake.model.waitlist.commands import (
    Invite,
    WaitlistDraft,
    create_waitlist_entries,
    create_waitlist_entry,
    delete_waitlist_entry,
    invite_waitlist_entry,
    reject_waitlist_entry,
)
from clerk_fake.model.waitlist.entity import WAITLIST, WaitlistStatus

__all__ = ["ROUTES"]

MOST_AT_ONCE: Final = 50

COLLECTION: Final = Collection("/v1/waitlist_entries", "waitlist_entry_id", WAITLIST)
LISTING: Final = Listing(
    filters={
        "query": text_within(lambda entry: entry.email_address, lambda entry: entry.id),
        "status": matching(lambda entry: entry.status, tuple(WaitlistStatus)),
    },
    orders={
        "email_address": lambda entry: entry.email_address,
        "invited_at": lambda entry: entry.invited_at,
    },
)

ROUTES: Final[tuple[BapiRoute, ...]] = (
    COLLECTION.list(LISTING),
    COLLECTION.create(WaitlistDraft, create_waitlist_entry),
    COLLECTION.create_many(WaitlistDraft, create_waitlist_entries, most=MOST_AT_ONCE),
    COLLECTION.delete(delete_waitlist_entry),
    COLLECTION.update(Invite, invite_waitlist_entry, method="POST", suffix="/invite"),
    COLLECTION.act("/reject", reject_waitlist_entry),
)
