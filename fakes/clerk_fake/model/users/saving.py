"""The one way in which a user changes: new version, stored, told."""

from dataclasses import replace
from typing import Any

from clerk_fake.events.catalogue import USER_UPDATED
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.users.entity import USERS, User
from clerk_fake.model.users.resource import user_json

__all__ = ["change_user"]


def change_user(instance: Instance, user: User, origin: Origin, **fields: Any) -> User:
    """Set ``fields`` of ``user`` and emit ``user.updated``.

    ``updated_at`` grows strictly with every change, so that receivers can order two changes of
    the same millisecond. When a second factor was switched on or off, the time of that is noted.
    """
    now = instance.clock.now_ms()
    changed = replace(user, **fields, updated_at=max(now, user.updated_at + 1))
    if changed.two_factor_enabled is not user.two_factor_enabled:
        if changed.two_factor_enabled:
            changed = replace(changed, mfa_enabled_at=now)
        else:
            changed = replace(changed, mfa_disabled_at=now)
    instance.state.of(USERS).put(changed)
    told = user_json(instance, changed, now)
    instance.log.append(USER_UPDATED, told, origin, object_id=changed.id)
    return changed
