"""Sessions."""

from typing import Any, ClassVar

from factory.declarations import SelfAttribute, SubFactory

from clerk_harness.clerk import ClerkSession, Post
from clerk_harness.factories.base import ClerkFactory, Draft
from clerk_harness.factories.users import UserFactory

__all__ = ["SessionFactory"]


class SessionFactory(ClerkFactory[ClerkSession]):
    """Active sessions, of a new user unless one is given; ``organization`` is active in it."""

    class Meta:
        """What it makes."""

        model = ClerkSession

    _drafted: ClassVar = {"user": UserFactory}

    user = SubFactory(UserFactory, clerk=SelfAttribute("..clerk"))
    organization: Any = None

    @classmethod
    def post(cls, draft: Draft) -> Post:
        """Return ``POST /v1/sessions``."""
        user, organization = draft["user"], draft["organization"]
        body = {"user_id": getattr(user, "id", user)}
        if organization is not None:
            body["active_organization_id"] = getattr(organization, "id", organization)
        return Post("/sessions", body)
