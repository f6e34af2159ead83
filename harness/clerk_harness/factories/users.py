"""Users."""

from typing import Any, Final

from factory.declarations import LazyAttribute, Trait
from factory.faker import Faker

from clerk_harness.clerk import ClerkUser, Post
from clerk_harness.factories.base import ClerkFactory, Draft
from clerk_harness.factories.people import email_of, phone_of, username_of

__all__ = ["PASSWORD", "UserFactory"]

PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - of nobody
"""The password of every user who is made ``with_password=True``."""


class UserFactory(ClerkFactory[ClerkUser]):
    """Users with a name and a verified address; further fields are those of ``POST /v1/users``.

    ``with_phone=True``, ``with_username=True`` and ``with_password=True`` add what they say; the
    password is ``PASSWORD``.
    """

    class Meta:
        """What it makes."""

        model = ClerkUser

    class Params:
        """What is not sent."""

        number = LazyAttribute(lambda user: user.clerk.next_number() if user.clerk else 0)
        with_phone = Trait(phone_number=LazyAttribute(lambda user: [phone_of(user.number)]))
        with_username = Trait(
            username=LazyAttribute(
                lambda user: username_of(user.first_name, user.last_name, user.number)
            )
        )
        with_password = Trait(password=PASSWORD, skip_password_requirement=False)

    first_name = Faker("first_name")
    last_name = Faker("last_name")
    email_address = LazyAttribute(
        lambda user: [email_of(user.first_name, user.last_name, user.number)]
    )
    skip_password_requirement = True

    @classmethod
    def post(cls, draft: Draft) -> Post:
        """Return ``POST /v1/users``."""
        body: dict[str, Any] = dict(draft)
        for name in ("email_address", "phone_number"):
            if isinstance(body.get(name), str):
                body[name] = [body[name]]
        return Post("/users", body)
