"""All operations of the control plane."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from clerk_fake.control import (
    billing,
    clock,
    connection_trials,
    endpoints,
    faults,
    images,
    instances,
    invitations,
    limits,
    mailbox,
    messages,
    oauth_tokens,
    organization_invitations,
    people,
    sending,
    sessions,
    settings,
    sign_ups,
    signing_key,
    snapshots,
    tokens,
)
from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.faults.board import Faults
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route
from clerk_fake.instances import Instances

__all__ = ["control_routes"]

ROUTES: Final[tuple[ControlRoute, ...]] = (
    *billing.ROUTES,
    *instances.ROUTES,
    *images.ROUTES,
    *snapshots.ROUTES,
    *clock.ROUTES,
    *limits.ROUTES,
    *mailbox.ROUTES,
    *settings.ROUTES,
    *faults.ROUTES,
    *signing_key.ROUTES,
    *invitations.ROUTES,
    *organization_invitations.ROUTES,
    *endpoints.ROUTES,
    *messages.ROUTES,
    *people.ROUTES,
    *sessions.ROUTES,
    *sign_ups.ROUTES,
    *sending.ROUTES,
    *tokens.ROUTES,
    *oauth_tokens.ROUTES,
    *connection_trials.ROUTES,
)


def control_routes(
    all_instances: Instances,
    all_faults: Faults,
    base_url: str,
    further: Iterable[ControlRoute] = (),
) -> Iterator[Route[Handler]]:
    """Yield the routes under ``/__fake__``, ``further`` ones too, and the JWKS of each instance."""

    def bound(handler: Callable[[ControlCall], Response]) -> Handler:
        return lambda request: handler(ControlCall(request, all_instances, all_faults, base_url))

    for route in (*ROUTES, *further):
        yield route.answered_by(bound(route.handler))
