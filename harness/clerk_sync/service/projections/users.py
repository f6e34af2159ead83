"""Users: identity is the Clerk id, the version is Clerk's ``updated_at``, a tombstone is final."""

from clerk_sync.service.payloads import read_user_profile
from clerk_sync.service.projections.change import Change
from clerk_sync.states import Event
from clerk_sync.store.effects import EffectKind, add_effect
from clerk_sync.store.users import StoredUser, bury_user, read_user, write_user

__all__ = ["user_created", "user_deleted", "user_updated"]


async def user_created(change: Change) -> Event:
    """Write the user; welcome them when this made the row."""
    known = await read_user(change.connection, change.clerk_id)
    if known is not None:
        return await _write_over(change, known)
    await _write(change, change.data)
    await add_effect(
        change.connection, EffectKind.WELCOME, svix_id=change.svix_id, clerk_id=change.clerk_id
    )
    return Event.APPLY


async def user_updated(change: Change) -> Event:
    """Write the user, also when the event that created them is still on its way."""
    known = await read_user(change.connection, change.clerk_id)
    if known is not None:
        return await _write_over(change, known)
    await _write(change, change.data)
    return Event.APPLY


async def user_deleted(change: Change) -> Event:
    """Leave a tombstone, also for a user never seen, so that no late event brings them to life."""
    await bury_user(change.connection, change.clerk_id, svix_id=change.svix_id)
    await add_effect(
        change.connection, EffectKind.GOODBYE, svix_id=change.svix_id, clerk_id=change.clerk_id
    )
    return Event.APPLY


async def _write_over(change: Change, known: StoredUser) -> Event:
    version = read_user_profile(change.data).clerk_updated_at
    if not known.active or known.clerk_updated_at is None or version < known.clerk_updated_at:
        return Event.FIND_STALE
    if version == known.clerk_updated_at and known.applied_svix_id != change.svix_id:
        return await _settle_tie(change, version)
    await _write(change, change.data)
    return Event.APPLY


async def _settle_tie(change: Change, version: int) -> Event:
    """Two events claim the same millisecond, so neither proves anything: ask Clerk itself.

    This waits for Clerk inside the transaction, on purpose: released in between, an older answer
    could be written over a newer one.
    """
    document = await change.clerk.get_user(change.clerk_id)
    if document is None:
        await bury_user(change.connection, change.clerk_id, svix_id=change.svix_id)
        return Event.APPLY
    if read_user_profile(document).clerk_updated_at < version:
        return Event.FIND_STALE
    await _write(change, document)
    return Event.APPLY


async def _write(change: Change, document: dict[str, object]) -> None:
    await write_user(change.connection, read_user_profile(document), svix_id=change.svix_id)
