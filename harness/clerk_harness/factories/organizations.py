"""Organizations and memberships."""

from collections.abc import Iterable
from typing import Any, ClassVar

from factory.declarations import SelfAttribute, SubFactory
from factory.faker import Faker

from clerk_harness.clerk import (
    ClerkInstance,
    ClerkMembership,
    ClerkOrganization,
    ClerkUser,
    Post,
)
from clerk_harness.factories.base import ClerkFactory, Draft
from clerk_harness.factories.users import UserFactory

__all__ = ["MembershipFactory", "OrganizationFactory"]


class OrganizationFactory(ClerkFactory[ClerkOrganization]):
    """Organizations; further fields are those of ``POST /v1/organizations``.

    ``creator`` (a user) becomes the first admin; there is none unless it is given. ``members=3``
    (or a list of users) lets so many belong to it.
    """

    class Meta:
        """What it makes."""

        model = ClerkOrganization

    _drafted: ClassVar = {"creator": UserFactory}

    name = Faker("company")
    creator: Any = None
    members: Any = 0

    @classmethod
    def post(cls, draft: Draft) -> Post:
        """Return ``POST /v1/organizations``."""
        apart = {"creator", "members"}
        body = {name: value for name, value in draft.items() if name not in apart}
        if draft["creator"] is not None:
            body["created_by"] = _id(draft["creator"])
        return Post("/organizations", body)

    @classmethod
    def create_all(cls, clerk: ClerkInstance, drafts: list[Any]) -> list[ClerkOrganization]:
        """Make the organizations of drafts, then their memberships, each at once."""
        made = super().create_all(clerk, drafts)
        memberships = [
            MembershipFactory.build(clerk=clerk, organization=organization, user=user)
            for organization, draft in zip(made, drafts, strict=True)
            for user in _users(clerk, draft["members"])
        ]
        if memberships:
            MembershipFactory.create_all(clerk, memberships)
        return made

    @classmethod
    def _create(
        cls, model_class: type[ClerkOrganization], *args: Any, **kwargs: Any
    ) -> ClerkOrganization:
        if not kwargs["members"]:
            return super()._create(model_class, *args, **kwargs)
        clerk = cls._bound(kwargs.pop("clerk"))
        return cls.create_all(clerk, [Draft(kwargs)])[0]


class MembershipFactory(ClerkFactory[ClerkMembership]):
    """Memberships, of a new user in a new organization unless they are given."""

    class Meta:
        """What it makes."""

        model = ClerkMembership

    _drafted: ClassVar = {"organization": OrganizationFactory, "user": UserFactory}

    organization = SubFactory(OrganizationFactory, clerk=SelfAttribute("..clerk"))
    user = SubFactory(UserFactory, clerk=SelfAttribute("..clerk"))
    role = "org:member"

    @classmethod
    def post(cls, draft: Draft) -> Post:
        """Return ``POST /v1/organizations/{organization_id}/memberships``."""
        body = {"user_id": _id(draft["user"]), "role": draft["role"]}
        return Post(f"/organizations/{_id(draft['organization'])}/memberships", body)


def _users(clerk: ClerkInstance, members: Any) -> Iterable[Any]:
    if isinstance(members, int):
        return (UserFactory.build(clerk=clerk) for _ in range(members))
    users: Iterable[Any] = members
    return users


def _id(thing: ClerkOrganization | ClerkUser | str) -> str:
    return thing if isinstance(thing, str) else thing.id
