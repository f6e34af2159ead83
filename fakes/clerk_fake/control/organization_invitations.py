"""Follow an invitation to an organization as the invited person would."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.fields import Fields
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.invitations.following import Newcomer
from clerk_fake.model.memberships.resource import membership_resource
from clerk_fake.model.organization_invitations.entity import OrganizationInvitation
from clerk_fake.model.organization_invitations.following import follow_organization_invitation
from clerk_fake.model.organization_invitations.resource import ORGANIZATION_INVITATIONS

__all__ = ["ROUTES", "follow_to_organization"]

PATH: Final = "/__fake__/instances/{instance_id}/organization_invitations/{invitation_id}/accept"


def follow_to_organization(
    call: ControlCall, invitation: OrganizationInvitation, fields: Fields
) -> Response:
    """Accept an invitation, with what a newcomer says of themselves; answer with the membership."""
    newcomer = read_form(Newcomer, fields)
    membership = follow_organization_invitation(
        call.instance, invitation, newcomer, call.request.origin
    )
    return json_response(membership_resource(call.instance, membership))


def _accept(call: ControlCall) -> Response:
    invitation = ORGANIZATION_INVITATIONS.require(call.instance, call.param("invitation_id"))
    return follow_to_organization(call, invitation, call.request.fields())


ROUTES: Final[tuple[ControlRoute, ...]] = (Route("POST", PATH, _accept),)
