"""Refresh a session token that has expired, with the refresh token that goes with the session."""

from dataclasses import dataclass, replace
from typing import Final, Literal, NoReturn
from urllib.parse import urlsplit

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.sessions.entity import SESSIONS, Session
from clerk_fake.model.sessions.tokens import OddToken, sign_token
from clerk_fake.model.users.entity import USERS
from clerk_fake.tokens.jwt import read_jwt

__all__ = ["RefreshForm", "issue_refresh_token", "refresh_session"]

OLDEST_S: Final = 24 * 60 * 60
"""A token that was issued longer ago cannot be refreshed."""

LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
TOKEN_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshForm:
    """What ``POST /v1/sessions/{session_id}/refresh`` takes."""

    expired_token: str
    refresh_token: str
    request_origin: str
    request_headers: JsonObject | None = None
    format: Literal["token", "cookie"] = "token"
    request_originating_ip: str | None = None


def issue_refresh_token(instance: Instance, session: Session) -> str:
    """Return the refresh token of a session, as the handshake would hand it to a browser."""
    if session.refresh_token is not None:
        return session.refresh_token
    token = instance.ids.text(LETTERS, TOKEN_LENGTH)
    instance.state.of(SESSIONS).put(replace(session, refresh_token=token))
    return token


def refresh_session(instance: Instance, session_id: str, form: RefreshForm) -> str:
    """Return a new session token for one that has expired (or will soon).

    Raises:
        ApiError: 401 with Clerk's code for what is wrong with origin, token or session: the SDKs
            take it as a hint to do a handshake.
    """
    claims = _claims(instance, session_id, form)
    session = instance.state.of(SESSIONS).get(session_id)
    if session is None:
        _refuse("session_refresh_session_not_found", f"No session was found with id {session_id}")
    if not session.live_at(instance.clock.now_ms()):
        _refuse("session_refresh_inactive_session", "The provided session is not active")
    if instance.state.of(USERS).get(session.user_id) is None:
        _refuse("session_refresh_user_not_found", "The provided user was not found")
    if session.refresh_token is None or session.refresh_token != form.refresh_token:
        _refuse("refresh_token_not_found", "The provided refresh token was not found")
    token_id = str(claims.get("jti"))
    if token_id == session.refreshed:
        _refuse(
            "session_refresh_expired_session_token_consumed",
            "The provided expired session token was already consumed in a previous refresh request",
        )
    instance.state.of(SESSIONS).put(replace(session, refreshed=token_id))
    return sign_token(instance, session, OddToken(origin=form.request_origin))


def _claims(instance: Instance, session_id: str, form: RefreshForm) -> JsonObject:
    origin = urlsplit(form.request_origin)
    if not origin.scheme or not origin.netloc:
        _refuse(
            "refresh_request_origin_invalid", "The request_origin parameter could not be parsed"
        )
    claims = read_jwt(form.expired_token, instance.signing_key)
    if claims is None:
        _refuse(
            "expired_session_token_invalid",
            "The session token provided could not be successfully verified",
        )
    for name in ("azp", "sid", "iat"):
        if name not in claims:
            prefix = "session_refresh_" if name == "iat" else ""
            _refuse(
                f"{prefix}expired_session_token_missing_{name}",
                f"No '{name}' claim present in the provided expired session token",
            )
    if claims["azp"] != form.request_origin:
        _refuse(
            "refresh_request_origin_azp_mismatch",
            "The request_origin parameter does not match the 'azp' claim of expired_token",
        )
    if claims["sid"] != session_id:
        _refuse(
            "refresh_sid_mismatch",
            "The 'sid' claim of the provided expired session token does not match the session ID "
            "provided in the request path",
        )
    issued_at = claims["iat"] if isinstance(claims["iat"], int) else 0
    if issued_at + OLDEST_S < instance.clock.now_ms() // 1000:
        _refuse(
            "session_refresh_expired_session_token_too_old",
            "The provided expired session token is too old",
        )
    return claims


def _refuse(code: str, message: str) -> NoReturn:
    raise ApiError.of(401, code, message)
