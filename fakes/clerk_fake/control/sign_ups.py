"""Sign up as people do in a front end, step by step."""

from dataclasses import dataclass
from typing import Final, Literal

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.sign_ups.commands import (
    amend_sign_up,
    attempt_sign_up_verification,
    create_sign_up,
    prepare_sign_up_verification,
)
from clerk_fake.model.sign_ups.entity import SIGN_UPS, SignUp
from clerk_fake.model.sign_ups.forms import SignUpAmendment, SignUpDraft

__all__ = ["ROUTES"]

SIGN_UP: Final = "/__fake__/instances/{instance_id}/sign_ups"


@dataclass(frozen=True, slots=True)
class _PrepareForm:
    strategy: Literal["email_code", "phone_code"]


@dataclass(frozen=True, slots=True)
class _AttemptForm:
    strategy: Literal["email_code", "phone_code"]
    code: str


def _create(call: ControlCall) -> Response:
    draft = read_form(SignUpDraft, call.request.fields())
    return _answer(call, create_sign_up(call.instance, draft, call.request.origin), 201)


def _amend(call: ControlCall) -> Response:
    sign_up = _called(call)
    form = read_form(SignUpAmendment, call.request.fields())
    return _answer(call, amend_sign_up(call.instance, sign_up, form, call.request.origin))


def _prepare(call: ControlCall) -> Response:
    sign_up = _called(call)
    strategy = read_form(_PrepareForm, call.request.fields()).strategy
    origin = call.request.origin
    return _answer(call, prepare_sign_up_verification(call.instance, sign_up, strategy, origin))


def _attempt(call: ControlCall) -> Response:
    sign_up = _called(call)
    form = read_form(_AttemptForm, call.request.fields())
    tried = attempt_sign_up_verification(
        call.instance, sign_up, form.strategy, form.code, call.request.origin
    )
    return _answer(call, tried)


def _called(call: ControlCall) -> SignUp:
    return SIGN_UPS.require(call.instance, call.param("sign_up_id"))


def _answer(call: ControlCall, sign_up: SignUp, status: int = 200) -> Response:
    return json_response(SIGN_UPS.resource(call.instance, sign_up), status)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", SIGN_UP, _create),
    Route("PATCH", f"{SIGN_UP}/{{sign_up_id}}", _amend),
    Route("POST", f"{SIGN_UP}/{{sign_up_id}}/prepare_verification", _prepare),
    Route("POST", f"{SIGN_UP}/{{sign_up_id}}/attempt_verification", _attempt),
)
