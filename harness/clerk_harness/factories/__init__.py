"""Test data for an instance: factories whose objects are made through Clerk's API.

They are factory-boy's, so they are subclassed, nested and called as one knows it. Every factory
takes ``clerk``, the instance it works for; those of the fixture ``clerk_factories`` are bound
already. Needs the extra ``factories``.
"""

try:
    import factory as _factory  # which itself needs Faker
except ModuleNotFoundError as _missing:
    from clerk_harness.errors import MissingExtraError

    raise MissingExtraError("clerk_harness.factories", "factories", _missing.name) from None

from clerk_harness.factories.base import ClerkFactory, Draft, seeded
from clerk_harness.factories.bound import Factories
from clerk_harness.factories.deliveries import SignedDelivery
from clerk_harness.factories.events import EventFactory
from clerk_harness.factories.organizations import MembershipFactory, OrganizationFactory
from clerk_harness.factories.sessions import SessionFactory
from clerk_harness.factories.users import PASSWORD, UserFactory

del _factory

__all__ = [
    "PASSWORD",
    "ClerkFactory",
    "Draft",
    "EventFactory",
    "Factories",
    "MembershipFactory",
    "OrganizationFactory",
    "SessionFactory",
    "SignedDelivery",
    "UserFactory",
    "seeded",
]
