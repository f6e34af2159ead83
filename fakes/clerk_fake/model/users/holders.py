"""Whose an e-mail address is."""

from collections.abc import Iterator

from clerk_fake.instance import Instance
from clerk_fake.model.users.entity import USERS, User

__all__ = ["claims_address", "users_with_address"]


def users_with_address(instance: Instance, address: str) -> Iterator[User]:
    """Yield who has claimed an e-mail address (lower case); nobody or one user."""
    for user in instance.state.of(USERS).find("email_address", address):
        if claims_address(user, address):
            yield user


def claims_address(user: User, address: str) -> bool:
    """Tell whether an address is a user's, and nobody else's."""
    return any(email.claimed for email in user.email_addresses if email.email_address == address)
