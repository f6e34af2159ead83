"""Tickets: the tokens inside the links of invitations and the like."""

from dataclasses import dataclass

from clerk_fake.tokens.jwt import read_jwt, sign_jwt
from clerk_fake.tokens.signing_key import SigningKey

__all__ = ["Ticket", "read_ticket", "sign_ticket", "ticket_url"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says.

    Attributes:
        kind: What it is for, e.g. ``invitation``.
        instance_id: Where it is good.
        source_id: Id of the invitation (or whatever it is for).
        expires_at_s: Unix seconds, on the instance's clock.
        redirect_url: Where its holder is sent, with the ticket as ``__clerk_ticket``.
    """

    kind: str
    instance_id: str
    source_id: str
    expires_at_s: int
    redirect_url: str | None = None


def sign_ticket(ticket: Ticket, key: SigningKey) -> str:
    """Return the JWT that says it."""
    redirect = {} if ticket.redirect_url is None else {"rurl": ticket.redirect_url}
    return sign_jwt(
        {
            "exp": ticket.expires_at_s,
            "iid": ticket.instance_id,
            "sid": ticket.source_id,
            "st": ticket.kind,
            **redirect,
        },
        key,
    )


def read_ticket(token: str, key: SigningKey) -> Ticket | None:
    """Return what a token says if ``key`` signed it as a ticket; time is not judged."""
    claims = read_jwt(token, key) or {}
    try:
        return Ticket(
            kind=claims["st"],
            instance_id=claims["iid"],
            source_id=claims["sid"],
            expires_at_s=claims["exp"],
            redirect_url=claims.get("rurl"),
        )
    except KeyError:
        return None


def ticket_url(issuer: str, ticket: str) -> str:
    """Return the link with a ticket; ``issuer`` is the instance's Frontend API."""
    return f"{issuer}/v1/tickets/accept?ticket={ticket}"
