"""``/v1/sessions``: create, get, list, refresh, revoke, verify, and their tokens."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import Between
from clerk_fake.model.jwt_templates.minting import create_token_from_template
from clerk_fake.model.sessions.commands import SignIn, create_session, finish_session
from clerk_fake.model.sessions.entity import (
    Session,
    SessionStatus,
    require_session,
    session_resource,
)
from clerk_fake.model.sessions.refreshing import RefreshForm, refresh_session
from clerk_fake.model.sessions.search import find_sessions
from clerk_fake.model.sessions.tokens import create_session_token, verify_session_token
from clerk_fake.model.users.entity import require_user
from clerk_fake.tokens.session_token import LIFETIME_S

__all__ = ["ROUTES"]

SHORTEST_TOKEN_S: Final = 30
LONGEST_TOKEN_S: Final = 315_360_000


@dataclass(frozen=True, slots=True)
class _Draft:
    user_id: str
    active_organization_id: str | None = None


@dataclass(frozen=True, slots=True)
class _TokenWish:
    expires_in_seconds: Annotated[int, Between(SHORTEST_TOKEN_S, LONGEST_TOKEN_S)] | None = None


def _create(call: Call) -> Response:
    draft = read_form(_Draft, call.request.fields())
    user = require_user(call.instance, draft.user_id)
    sign_in = SignIn(organization_id=draft.active_organization_id or None)
    return _answer(call, create_session(call.instance, user, call.origin, sign_in=sign_in))


def _get(call: Call) -> Response:
    return _answer(call, _called(call))


def _list(call: Call) -> Response:
    query = call.request.query()
    page = query.page()
    status = query.choice("status", [member.value for member in SessionStatus])
    sessions = find_sessions(
        call.instance,
        user_id=query.text("user_id"),
        client_id=query.text("client_id"),
        status=SessionStatus(status) if status else None,
    )
    found = list(sessions)
    rows = [session_resource(session, call.now_ms) for session in page.cut(found)]
    if query.boolean("paginated"):
        return json_response({"data": rows, "total_count": len(found)})
    return json_response(rows)


def _revoke(call: Call) -> Response:
    session = finish_session(call.instance, _called(call), SessionStatus.REVOKED, call.origin)
    return _answer(call, session)


def _verify(call: Call) -> Response:
    token = call.request.fields().required_text("token")
    return _answer(call, verify_session_token(call.instance, call.param("session_id"), token))


def _refresh(call: Call) -> Response:
    form = read_form(RefreshForm, call.request.fields())
    token = refresh_session(call.instance, call.param("session_id"), form)
    if form.format == "cookie":
        cookie = f"__session={token}; Path=/; Max-Age=31536000; Secure; SameSite=Lax"
        return json_response({"object": "cookies", "cookies": [cookie]})
    return json_response({"object": "token", "jwt": token})


def _create_token(call: Call) -> Response:
    wish = read_form(_TokenWish, call.request.fields())
    token = create_session_token(
        call.instance, call.param("session_id"), wish.expires_in_seconds or LIFETIME_S
    )
    return json_response({"object": "token", "jwt": token})


def _create_token_from_template(call: Call) -> Response:
    wish = read_form(_TokenWish, call.request.fields())
    session_id, name = call.param("session_id"), call.param("template_name")
    token = create_token_from_template(call.instance, session_id, name, wish.expires_in_seconds)
    return json_response({"object": "token", "jwt": token})


def _called(call: Call) -> Session:
    return require_session(call.instance, call.param("session_id"))


def _answer(call: Call, session: Session) -> Response:
    return json_response(session_resource(session, call.now_ms))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/sessions", _create),
    Route("GET", "/v1/sessions", _list),
    Route("GET", "/v1/sessions/{session_id}", _get),
    Route("POST", "/v1/sessions/{session_id}/refresh", _refresh),
    Route("POST", "/v1/sessions/{session_id}/revoke", _revoke),
    Route("POST", "/v1/sessions/{session_id}/verify", _verify),
    Route("POST", "/v1/sessions/{session_id}/tokens", _create_token),
    Route("POST", "/v1/sessions/{session_id}/tokens/{template_name}", _create_token_from_template),
)
