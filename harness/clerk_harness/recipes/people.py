"""Users, their sessions, messages to them, and those who wait to be let in."""

from typing import Final

from clerk_harness.recipes.kitchen import Kitchen, Step
from clerk_harness.recipes.recipe import Recipe

__all__ = ["RECIPES", "phone_number"]

_METADATA: Final = ("public_metadata", "private_metadata", "unsafe_metadata")


def _user_created(kitchen: Kitchen) -> Step:
    phone = kitchen.wish("phone_numbers.0.phone_number")
    body = {
        "email_address": [kitchen.wish("email_addresses.0.email_address", kitchen.address())],
        "first_name": kitchen.wish("first_name", "Ada"),
        "last_name": kitchen.wish("last_name", "Lovelace"),
        **({} if phone is None else {"phone_number": [phone]}),
        **kitchen.wished("username", "external_id", *_METADATA),
    }
    return Step("POST", "/users", body)


def _user_updated(kitchen: Kitchen) -> Step:
    address = kitchen.wish("email_addresses.0.email_address", kitchen.address())
    user = kitchen.user("augusta", email_address=[address])
    body = {
        "first_name": kitchen.wish("first_name", "Ada"),
        "last_name": kitchen.wish("last_name", "Lovelace"),
        **kitchen.wished("username", "external_id", *_METADATA),
    }
    return Step("PATCH", f"/users/{user}", body)


def _user_deleted(kitchen: Kitchen) -> Step:
    return Step("DELETE", f"/users/{kitchen.user()}")


def _sign_in(kitchen: Kitchen, at: str = "user.") -> str:
    session: str = kitchen.outside("POST", "/sessions", {"user_id": kitchen.user(at=at)})["id"]
    return session


def _session_created(kitchen: Kitchen) -> Step:
    body = {"user_id": kitchen.user(at="user."), **kitchen.wished("actor")}
    return Step("POST", "/sessions", body, outside=True)


def _session_ended(kitchen: Kitchen) -> Step:
    return Step("POST", f"/sessions/{_sign_in(kitchen)}/end", outside=True)


def _session_removed(kitchen: Kitchen) -> Step:
    return Step("POST", f"/sessions/{_sign_in(kitchen)}/remove", outside=True)


def _session_revoked(kitchen: Kitchen) -> Step:
    return Step("POST", f"/sessions/{_sign_in(kitchen)}/revoke")


def _session_pending(kitchen: Kitchen) -> Step:
    user = kitchen.user(at="user.", password=f"Correct!9horse-{kitchen.unique}")
    kitchen.api("POST", f"/users/{user}/password/set_compromised")
    return Step("POST", "/sessions", {"user_id": user}, outside=True)


def _email_created(kitchen: Kitchen) -> Step:
    body = {"email_address": kitchen.wish("to_email_address", kitchen.address("grace"))}
    return Step("POST", "/invitations", body)


def phone_number(unique: str) -> str:
    """Return a number for a hexadecimal ``unique``, which is none of Clerk's test numbers.

    Those, +1 415 555 0100 to 0199, get no text messages.
    """
    return f"+1415555{200 + int(unique, 16) % 9_800:04}"


def _sms_created(kitchen: Kitchen) -> Step:
    body = {
        "phone_number": kitchen.wish("to_phone_number", phone_number(kitchen.unique)),
        "required_fields": ["phone_number"],
    }
    sign_up = kitchen.outside("POST", "/sign_ups", body)["id"]
    path = f"/sign_ups/{sign_up}/prepare_verification"
    return Step("POST", path, {"strategy": "phone_code"}, outside=True)


def _entry_created(kitchen: Kitchen) -> Step:
    body = {"email_address": kitchen.wish("email_address", kitchen.address("joan"))}
    return Step("POST", "/waitlist_entries", body)


def _entry_updated(kitchen: Kitchen) -> Step:
    body = {"email_address": kitchen.wish("email_address", kitchen.address("joan"))}
    entry = kitchen.api("POST", "/waitlist_entries", body)["id"]
    return Step("POST", f"/waitlist_entries/{entry}/reject")


RECIPES: Final = (
    Recipe("user.created", "a back end creates a user", _user_created),
    Recipe("user.updated", "a back end changes a user's name", _user_updated),
    Recipe("user.deleted", "a back end deletes a user", _user_deleted),
    Recipe("session.created", "a user signs in", _session_created),
    Recipe("session.pending", "a user signs in with a leaked password", _session_pending),
    Recipe("session.ended", "a user signs out", _session_ended),
    Recipe("session.removed", "a user signs out of one of several accounts", _session_removed),
    Recipe("session.revoked", "a back end revokes a session", _session_revoked),
    Recipe("email.created", "an invitation goes out by e-mail", _email_created),
    Recipe("sms.created", "a code goes out to a new phone number", _sms_created),
    Recipe("waitlistEntry.created", "somebody joins the waitlist", _entry_created),
    Recipe("waitlistEntry.updated", "an entry of the waitlist is turned down", _entry_updated),
)
