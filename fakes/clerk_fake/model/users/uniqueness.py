"""What only one user of an instance may have."""

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.model.identifications.entity import Standing
from clerk_fake.model.identifications.kinds import IdentificationKind
from clerk_fake.model.users.entity import USERS

__all__ = ["check_external_id_free", "check_identifier_free", "check_username_free"]


def check_identifier_free(
    instance: Instance,
    kind: IdentificationKind,
    identifier: str,
    standing: Standing,
    *,
    ignoring: str | None = None,
) -> None:
    """Refuse an identifier (as it is kept) that another user than ``ignoring`` has claimed.

    Raises:
        ApiError: 422 ``form_identifier_exists``.
    """
    for user in instance.state.of(USERS).find(kind.param, identifier):
        claimed = any(each.claimed for each in kind.of(user) if each.identifier == identifier)
        if user.id != ignoring and claimed and standing is not Standing.UNVERIFIED:
            raise ApiError.identifier_exists(kind.param)


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
