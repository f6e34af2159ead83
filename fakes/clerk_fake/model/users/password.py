"""The password of a user: verify it, take it away, call it compromised."""

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.model.passwords.entity import password_matches
from clerk_fake.model.sessions.commands import revoke_sessions_of
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.saving import change_user

__all__ = ["remove_password", "set_password_compromised", "verify_password"]


def verify_password(user: User, password: str) -> None:
    """Check that it is the user's password.

    Raises:
        ApiError: 400, the user has none; 422, it is another one.
    """
    if user.password is None:
        raise _no_password()
    if not password_matches(user.password, password):
        raise ApiError.of(
            422,
            "incorrect_password",
            "incorrect password",
            "The provided password is not the one the user has set",
            param_name="password",
        )


def remove_password(
    instance: Instance, user: User, origin: Origin, *, sign_out_of_other_sessions: bool
) -> User:
    """Take the password away; without one nothing changes and nothing is told."""
    if user.password is None:
        return user
    changed = change_user(instance, user, origin, password=None, password_compromised=False)
    if sign_out_of_other_sessions:
        revoke_sessions_of(instance, changed, origin)
    return changed


def set_password_compromised(
    instance: Instance, user: User, origin: Origin, *, compromised: bool, revoke_sessions: bool
) -> User:
    """Have the user asked for a new password at the next sign-in, or not any more.

    Raises:
        ApiError: 400, the user has no password.
    """
    if user.password is None:
        raise _no_password()
    if user.password_compromised is not compromised:
        user = change_user(instance, user, origin, password_compromised=compromised)
    if revoke_sessions:
        revoke_sessions_of(instance, user, origin)
    return user


def _no_password() -> ApiError:
    return ApiError.of(
        400,
        "no_password_set",
        "no password set",
        "This user does not have a password set for their account",
    )
