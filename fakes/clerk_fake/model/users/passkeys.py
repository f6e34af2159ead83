"""The passkeys of a user."""

from dataclasses import dataclass

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.mailbox import Email, send_email
from clerk_fake.model.users.accounts import Passkey
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.saving import change_user

__all__ = ["PasskeyDraft", "add_passkey", "delete_passkey"]


@dataclass(frozen=True, slots=True)
class PasskeyDraft:
    """A passkey, as a test wants it."""

    name: str = "Passkey"


def add_passkey(instance: Instance, user: User, draft: PasskeyDraft, origin: Origin) -> Passkey:
    """Give a user a passkey."""
    now = instance.clock.now_ms()
    passkey = Passkey(id=instance.ids.new("idn"), created_at=now, name=draft.name, last_used_at=now)
    change_user(instance, user, origin, passkeys=(*user.passkeys, passkey))
    return passkey


def delete_passkey(instance: Instance, user: User, passkey_id: str, origin: Origin) -> None:
    """Take a passkey away, and tell the user by e-mail.

    Raises:
        ApiError: 404, the user has no such passkey.
    """
    left = tuple(passkey for passkey in user.passkeys if passkey.id != passkey_id)
    if len(left) == len(user.passkeys):
        raise ApiError.of(
            404, "passkey_not_registered", "not registered", "Passkey is not registered."
        )
    changed = change_user(instance, user, origin, passkeys=left)
    for email in changed.email_addresses:
        if email.id == changed.primary_email_address_id:
            send_email(
                instance,
                Email(
                    slug="passkey_removed",
                    to_email_address=email.email_address,
                    email_address_id=email.id,
                    user_id=changed.id,
                ),
                origin,
            )
