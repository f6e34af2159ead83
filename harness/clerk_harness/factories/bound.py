"""All factories, bound to one instance."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar, cast

from clerk_harness.clerk import ClerkInstance
from clerk_harness.factories.base import seeded
from clerk_harness.factories.events import EventFactory
from clerk_harness.factories.organizations import MembershipFactory, OrganizationFactory
from clerk_harness.factories.sessions import SessionFactory
from clerk_harness.factories.users import UserFactory

__all__ = ["Factories"]

F = TypeVar("F")


class Factories:
    """The factories of one instance.

    Args:
        clerk: Which one.

    Attributes:
        user: ``user()``, ``user.create_batch(1000)``, ``user.build()``…
        organization: The same of organizations.
        membership: The same of memberships.
        session: The same of sessions.
        event: ``event.build()`` for signed deliveries, ``event()`` to emit.
    """

    def __init__(self, clerk: ClerkInstance) -> None:
        self._clerk = clerk
        self.user = self.bind(UserFactory)
        self.organization = self.bind(OrganizationFactory)
        self.membership = self.bind(MembershipFactory)
        self.session = self.bind(SessionFactory)
        self.event = self.bind(EventFactory)

    @classmethod
    @contextmanager
    def seeded(cls, clerk: ClerkInstance, seed: int) -> Iterator[Self]:
        """Return factories that invent the same data in the same order for the same seed."""
        with seeded(seed):
            yield cls(clerk)

    def bind(self, unbound: type[F]) -> type[F]:
        """Return a factory of one's own, bound to the instance."""
        bound: Any = type(unbound.__name__, (unbound,), {"clerk": self._clerk})
        return cast("type[F]", bound)
