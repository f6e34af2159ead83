"""Clients: browsers and devices, each with the sessions that live in it."""

from dataclasses import dataclass, replace
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.sessions.entity import SESSIONS, Session, SessionStatus, session_resource
from clerk_fake.state import Noun
from clerk_fake.tokens.jwt import read_jwt, sign_jwt

__all__ = [
    "CLIENTS",
    "Client",
    "client_for",
    "client_of_token",
    "client_token",
    "forget_session",
    "note_session",
]

TOKEN_LENGTH: Final = 32
HEXADECIMAL: Final = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Client:
    """A client; times are Unix ms, names those of Clerk's API."""

    id: str
    created_at: int
    updated_at: int
    last_active_session_id: str | None = None
    last_authentication_strategy: str | None = None
    sign_in_id: str | None = None
    sign_up_id: str | None = None


def _sessions(instance: Instance, client: Client) -> list[Session]:
    found = instance.state.of(SESSIONS).find("client_id", client.id)
    return [session for session in found if session.status is not SessionStatus.REMOVED]


def _resource(instance: Instance, client: Client) -> JsonObject:
    sessions = _sessions(instance, client)
    now = instance.clock.now_ms()
    return {
        "object": "client",
        "id": client.id,
        "session_ids": [session.id for session in sessions],
        "sessions": [session_resource(session, now) for session in sessions],
        "sign_in_id": client.sign_in_id,
        "sign_up_id": client.sign_up_id,
        "last_active_session_id": client.last_active_session_id,
        "last_authentication_strategy": client.last_authentication_strategy,
        "created_at": client.created_at,
        "updated_at": client.updated_at,
    }


CLIENTS: Final = Kind(
    Noun("clients", Client),
    what="client",
    prefix="client",
    wire_name="client",
    resource=_resource,
)


def client_for(instance: Instance, client_id: str | None) -> Client:
    """Return a client, a new one when none is named; ``note_session`` keeps it.

    Raises:
        ApiError: 404, there is no such client.
    """
    if client_id is not None:
        return CLIENTS.require(instance, client_id)
    now = instance.clock.now_ms()
    return Client(CLIENTS.new_id(instance), now, now)


def note_session(instance: Instance, client: Client, session_id: str, strategy: str | None) -> None:
    """Remember that a session of this client was started just now."""
    changed = replace(
        client,
        updated_at=max(instance.clock.now_ms(), client.updated_at),
        last_active_session_id=session_id,
        last_authentication_strategy=strategy or client.last_authentication_strategy,
    )
    CLIENTS.table(instance).put(changed)


def forget_session(instance: Instance, client_id: str, session_id: str) -> None:
    """Remember that a session was finished: another one that is live comes to the front."""
    client = CLIENTS.table(instance).get(client_id)
    if client is None or client.last_active_session_id != session_id:
        return
    now = instance.clock.now_ms()
    live = [session.id for session in _sessions(instance, client) if session.live_at(now)]
    changed = replace(
        client,
        updated_at=max(now, client.updated_at),
        last_active_session_id=live[-1] if live else None,
    )
    CLIENTS.table(instance).put(changed)


def client_token(instance: Instance, client: Client) -> str:
    """Return the token by which a browser shows that it is this client (``__client``)."""
    rotating = instance.ids.text(HEXADECIMAL, TOKEN_LENGTH)
    return sign_jwt({"id": client.id, "rotating_token": rotating}, instance.signing_key)


def client_of_token(instance: Instance, token: str) -> Client:
    """Return the client of a client token, or that of the session of a session token.

    Raises:
        ApiError: 401, it is neither, or was not signed here; 404, the client is gone.
    """
    claims = read_jwt(token, instance.signing_key) or {}
    client_id = claims.get("id")
    session = instance.state.of(SESSIONS).get(str(claims.get("sid")))
    if session is not None:
        client_id = session.client_id
    if not isinstance(client_id, str):
        raise ApiError.of(
            401,
            "authentication_invalid",
            "Invalid authentication",
            "The token is neither of a client nor of a session.",
        )
    return CLIENTS.require(instance, client_id)
