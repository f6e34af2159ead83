"""Follow an invitation as the invited person would, with its id or with the ticket in its link."""

from dataclasses import dataclass
from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.control.organization_invitations import follow_to_organization
from clerk_fake.control.sessions import session_response
from clerk_fake.http.fields import Fields
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.invitations.entity import INVITATIONS, Invitation
from clerk_fake.model.invitations.following import (
    Newcomer,
    follow_invitation,
    invitation_of_ticket,
)
from clerk_fake.model.organization_invitations.following import organization_invitation_of_ticket
from clerk_fake.model.tickets import SESSION_TICKETS, redeem_ticket, require_ticket
from clerk_fake.model.users.resource import user_json
from clerk_fake.tokens.tickets import read_ticket

__all__ = ["ROUTES"]


@dataclass(frozen=True, slots=True)
class _TicketForm:
    ticket: str
    client_id: str | None = None


def _accept(call: ControlCall) -> Response:
    invitation = INVITATIONS.require(call.instance, call.param("invitation_id"))
    return _followed(call, invitation, call.request.fields())


def _accept_ticket(call: ControlCall) -> Response:
    """Follow any link: what comes out is a user (of an invitation) or a session."""
    fields = call.request.fields()
    text = fields.required_text("ticket")
    ticket = read_ticket(text, call.instance.signing_key)
    if ticket is not None and ticket.kind in SESSION_TICKETS:
        form = read_form(_TicketForm, fields)
        known = require_ticket(call.instance, text)
        session = redeem_ticket(call.instance, known, call.request.origin, client_id=form.client_id)
        return session_response(call, session)
    newcomer = fields.without(("ticket",))
    to_organization = organization_invitation_of_ticket(call.instance, text)
    if to_organization is not None:
        return follow_to_organization(call, to_organization, newcomer)
    return _followed(call, invitation_of_ticket(call.instance, text), newcomer)


def _followed(call: ControlCall, invitation: Invitation, fields: Fields) -> Response:
    instance = call.instance
    newcomer = read_form(Newcomer, fields)
    user = follow_invitation(instance, invitation, newcomer, call.request.origin)
    return json_response(user_json(instance, user, instance.clock.now_ms()))


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", "/__fake__/instances/{instance_id}/invitations/{invitation_id}/accept", _accept),
    Route("POST", "/__fake__/instances/{instance_id}/tickets/accept", _accept_ticket),
)
