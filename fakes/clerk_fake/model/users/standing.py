"""Whether a user may come in: bans, locks, deletion."""

from typing import Final

from clerk_fake.events.catalogue import USER_DELETED
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.api_keys.commands import forget_api_keys_of
from clerk_fake.model.images import drop_image
from clerk_fake.model.memberships.leaving import remove_memberships_of_user
from clerk_fake.model.oauth_tokens.entity import forget_oauth_grants_of
from clerk_fake.model.organization_domains.suggestions import forget_suggestions
from clerk_fake.model.sessions.commands import forget_sessions_of, revoke_sessions_of
from clerk_fake.model.trusted_devices import forget_trusted_devices_of
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.resource import deleted_user_resource
from clerk_fake.model.users.saving import change_user
from clerk_fake.model.verifications import forget_verifications

__all__ = ["LOCK_MS", "ban_user", "delete_user", "lock_user", "unban_user", "unlock_user"]

LOCK_MS: Final = 60 * 60 * 1000
"""How long a lock lasts: Clerk's default of one hour."""


def ban_user(instance: Instance, user: User, origin: Origin) -> User:
    """Ban a user and revoke all their sessions."""
    banned = change_user(instance, user, origin, banned=True)
    revoke_sessions_of(instance, banned, origin)
    return banned


def unban_user(instance: Instance, user: User, origin: Origin) -> User:
    """Lift a ban; revoked sessions stay revoked."""
    return change_user(instance, user, origin, banned=False)


def lock_user(instance: Instance, user: User, origin: Origin) -> User:
    """Keep a user from signing in for an hour; sessions go on."""
    return change_user(instance, user, origin, locked_until=instance.clock.now_ms() + LOCK_MS)


def unlock_user(instance: Instance, user: User, origin: Origin) -> User:
    """Lift a lock."""
    return change_user(instance, user, origin, locked_until=None)


def delete_user(instance: Instance, user: User, origin: Origin) -> None:
    """Revoke a user's sessions, end their memberships and forget the user, in this order.

    The last event is ``user.deleted``.
    """
    revoke_sessions_of(instance, user, origin)
    forget_sessions_of(instance, user)
    remove_memberships_of_user(instance, user.id, origin)
    forget_suggestions(instance, "user_id", user.id)
    forget_api_keys_of(instance, user.id)
    forget_oauth_grants_of(instance, user_id=user.id)
    drop_image(instance, user.image_id)
    forget_trusted_devices_of(instance, user)
    for identification_id in user.identification_ids():
        forget_verifications(instance, identification_id)
    instance.state.of(USERS).remove(user)
    instance.log.append(USER_DELETED, deleted_user_resource(user), origin)
