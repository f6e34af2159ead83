"""What users prove themselves with: passwords and second factors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_reading import called_user, user_response
from clerk_fake.events.log import Origin
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.model.users.entity import User
from clerk_fake.model.users.password import (
    remove_password,
    set_password_compromised,
    verify_password,
)
from clerk_fake.model.users.second_factors import (
    delete_backup_codes,
    delete_totp,
    disable_mfa,
    verify_second_factor,
)

__all__ = ["ROUTES"]

Command: TypeAlias = Callable[[Instance, User, Origin], User]


@dataclass(frozen=True, slots=True)
class _PasswordForm:
    password: str


@dataclass(frozen=True, slots=True)
class _RemovalForm:
    sign_out_of_other_sessions: bool = False


@dataclass(frozen=True, slots=True)
class _CompromiseForm:
    revoke_all_sessions: bool = False


@dataclass(frozen=True, slots=True)
class _CodeForm:
    code: str


def _verify_password(call: Call) -> Response:
    user = called_user(call)
    verify_password(user, read_form(_PasswordForm, call.request.fields()).password)
    return json_response({"verified": True})


def _remove_password(call: Call) -> Response:
    user = called_user(call)
    sign_out = read_form(_RemovalForm, call.request.fields()).sign_out_of_other_sessions
    changed = remove_password(call.instance, user, call.origin, sign_out_of_other_sessions=sign_out)
    return user_response(call, changed)


def _set_compromised(call: Call) -> Response:
    user = called_user(call)
    revoke = read_form(_CompromiseForm, call.request.fields()).revoke_all_sessions
    changed = set_password_compromised(
        call.instance, user, call.origin, compromised=True, revoke_sessions=revoke
    )
    return user_response(call, changed)


def _unset_compromised(call: Call) -> Response:
    changed = set_password_compromised(
        call.instance, called_user(call), call.origin, compromised=False, revoke_sessions=False
    )
    return user_response(call, changed)


def _verify_totp(call: Call) -> Response:
    user = called_user(call)
    code = read_form(_CodeForm, call.request.fields()).code
    code_type = verify_second_factor(call.instance, user, code, call.origin)
    return json_response({"verified": True, "code_type": code_type})


def _without(command: Command) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        return json_response({"user_id": command(call.instance, called_user(call), call.origin).id})

    return answer


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/users/{user_id}/verify_password", _verify_password),
    Route("POST", "/v1/users/{user_id}/remove_password", _remove_password),
    Route("POST", "/v1/users/{user_id}/password/set_compromised", _set_compromised),
    Route("POST", "/v1/users/{user_id}/password/unset_compromised", _unset_compromised),
    Route("POST", "/v1/users/{user_id}/verify_totp", _verify_totp),
    Route("DELETE", "/v1/users/{user_id}/mfa", _without(disable_mfa)),
    Route("DELETE", "/v1/users/{user_id}/totp", _without(delete_totp)),
    Route("DELETE", "/v1/users/{user_id}/backup_code", _without(delete_backup_codes)),
)
