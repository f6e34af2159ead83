"""What only a front end does with sessions: sign in, go on, sign out, show who it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.clients import CLIENTS, client_token
from clerk_fake.model.sessions.commands import (
    LIFETIME_MS,
    SignIn,
    create_session,
    finish_session,
    touch_session,
)
from clerk_fake.model.sessions.entity import (
    Session,
    SessionStatus,
    Task,
    require_session,
    session_resource,
)
from clerk_fake.model.sessions.refreshing import issue_refresh_token
from clerk_fake.model.users.entity import require_user

__all__ = ["ROUTES", "session_response"]

INSTANCE: Final = "/__fake__/instances/{instance_id}"
SESSION: Final = INSTANCE + "/sessions/{session_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _SignInForm:
    user_id: str
    client_id: str | None = None
    active_organization_id: str | None = None
    actor: JsonObject | None = None
    lifetime_s: Annotated[int, Between(1, 10**10)] = LIFETIME_MS // 1000
    strategy: str = "password"


@dataclass(frozen=True, slots=True)
class _TouchForm:
    active_organization_id: str | None = None
    task_done: Task | None = None


def session_response(call: ControlCall, session: Session, status: int = 200) -> Response:
    """Answer with a session, and with the tasks that keep it pending."""
    resource = session_resource(session, call.instance.clock.now_ms())
    tasks = [{"key": task.value} for task in session.tasks]
    return json_response(resource | {"tasks": tasks}, status)


def _sign_in(call: ControlCall) -> Response:
    form = read_form(_SignInForm, call.request.fields())
    user = require_user(call.instance, form.user_id)
    sign_in = SignIn(
        organization_id=form.active_organization_id,
        client_id=form.client_id,
        actor=form.actor,
        lifetime_ms=form.lifetime_s * 1000,
        strategy=form.strategy,
        has_tasks=True,
    )
    session = create_session(call.instance, user, call.request.origin, sign_in=sign_in)
    return session_response(call, session, 201)


def _touch(call: ControlCall) -> Response:
    form = read_form(_TouchForm, call.request.fields())
    session = touch_session(
        call.instance,
        _called(call),
        call.request.origin,
        organization_id=form.active_organization_id,
        done=form.task_done,
    )
    return session_response(call, session)


def _finished_as(status: SessionStatus) -> Callable[[ControlCall], Response]:
    def answer(call: ControlCall) -> Response:
        session = finish_session(call.instance, _called(call), status, call.request.origin)
        return session_response(call, session)

    return answer


def _refresh_token(call: ControlCall) -> Response:
    return json_response({"refresh_token": issue_refresh_token(call.instance, _called(call))})


def _client_token(call: ControlCall) -> Response:
    client = CLIENTS.require(call.instance, call.param("client_id"))
    return json_response({"token": client_token(call.instance, client)})


def _called(call: ControlCall) -> Session:
    return require_session(call.instance, call.param("session_id"))


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", f"{INSTANCE}/sessions", _sign_in),
    Route("POST", f"{SESSION}/touch", _touch),
    Route("POST", f"{SESSION}/end", _finished_as(SessionStatus.ENDED)),
    Route("POST", f"{SESSION}/remove", _finished_as(SessionStatus.REMOVED)),
    Route("POST", f"{SESSION}/refresh_token", _refresh_token),
    Route("POST", f"{INSTANCE}/clients/{{client_id}}/token", _client_token),
)
