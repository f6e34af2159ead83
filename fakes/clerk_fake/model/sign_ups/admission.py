"""Whether sign-ups are open to all."""

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.settings.entity import SignUpMode, settings_of

__all__ = ["check_open_to_all"]


def check_open_to_all(instance: Instance) -> None:
    """Refuse who was not invited where sign-ups are restricted.

    Raises:
        ApiError: 403.
    """
    mode = settings_of(instance).general.sign_up_mode
    if mode is SignUpMode.RESTRICTED:
        raise ApiError.of(
            403,
            "sign_up_mode_restricted",
            "Sign-ups restricted",
            "New sign-ups are currently restricted.",
        )
    if mode is SignUpMode.WAITLIST:
        raise ApiError.of(
            403,
            "sign_up_restricted_waitlist",
            "Sign-ups restricted with waitlist",
            "Sign-ups are currently unavailable. Join the waitlist, and you will be notified when "
            "access becomes available.",
        )
