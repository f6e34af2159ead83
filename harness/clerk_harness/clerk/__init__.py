"""The harness's side of the fake Clerk: start it, make instances, change users, read deliveries."""

from clerk_harness.clerk.bulk import Post
from clerk_harness.clerk.endpoints import Endpoint
from clerk_harness.clerk.inflicted import ActiveFault, DidNotStrikeError
from clerk_harness.clerk.instance import ClerkInstance, InstanceKeys
from clerk_harness.clerk.messages import Attempt, Message
from clerk_harness.clerk.organizations import ClerkMembership, ClerkOrganization
from clerk_harness.clerk.server import ClerkServer
from clerk_harness.clerk.sessions import ClerkSession
from clerk_harness.clerk.users import ClerkUser
from clerk_harness.clerk.wire import ClerkRefusedError

__all__ = [
    "ActiveFault",
    "Attempt",
    "ClerkInstance",
    "ClerkMembership",
    "ClerkOrganization",
    "ClerkRefusedError",
    "ClerkServer",
    "ClerkSession",
    "ClerkUser",
    "DidNotStrikeError",
    "Endpoint",
    "InstanceKeys",
    "Message",
    "Post",
]
