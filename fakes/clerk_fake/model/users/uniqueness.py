"""What only one user of an instance may have."""

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.identifications import Standing
from clerk_fake.model.users.entity import USERS

__all__ = [
    "check_email_address_free",
    "check_external_id_free",
    "check_phone_number_free",
    "check_username_free",
]


def check_email_address_free(
    instance: Instance, address: str, standing: Standing, *, ignoring: str | None = None
) -> None:
    """Refuse an address that another user than ``ignoring`` has claimed.

    Raises:
        ApiError: 422 ``form_identifier_exists``.
    """
    for user in instance.state.of(USERS).find("email_address", address):
        claimed = any(e.claimed for e in user.email_addresses if e.email_address == address)
        if user.id != ignoring and claimed and standing is not Standing.UNVERIFIED:
            raise ApiError.identifier_exists("email_address")


def check_phone_number_free(instance: Instance, number: str, standing: Standing) -> None:
    """Refuse a number that a user has claimed.

    Raises:
        ApiError: 422 ``form_identifier_exists``.
    """
    for user in instance.state.of(USERS).find("phone_number", number):
        claimed = any(p.claimed for p in user.phone_numbers if p.phone_number == number)
        if claimed and standing is not Standing.UNVERIFIED:
            raise ApiError.identifier_exists("phone_number")


def check_username_free(instance: Instance, username: str, *, ignoring: str | None = None) -> None:
    """Refuse a username that another user has, in whatever case.

    Raises:
        ApiError: 422 ``form_identifier_exists``.
    """
    holders = instance.state.of(USERS).find("username", username.lower())
    if any(user.id != ignoring for user in holders):
        raise ApiError.identifier_exists("username")


def check_external_id_free(
    instance: Instance, external_id: str, *, ignoring: str | None = None
) -> None:
    """Refuse an external id that another user has.

    Raises:
        ApiError: 422 ``form_identifier_exists``.
    """
    holders = instance.state.of(USERS).find("external_id", external_id)
    if any(user.id != ignoring for user in holders):
        raise ApiError.identifier_exists("external_id")
