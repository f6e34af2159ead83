"""``/v1/users/{user_id}/ban`` and its kin: ban, unban, lock, unlock, also in bulk."""

from collections.abc import Callable
from typing import Final, TypeAlias

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_reading import called_user, user_response
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.model.users.entity import User, require_user
from clerk_fake.model.users.resource import user_json
from clerk_fake.model.users.standing import ban_user, lock_user, unban_user, unlock_user

__all__ = ["ROUTES"]

Command: TypeAlias = Callable[[Instance, User, Origin], User]

BULK_LIMIT: Final = 50


def _one(command: Command) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        return user_response(call, command(call.instance, called_user(call), call.origin))

    return answer


def _many(command: Command) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        fields = call.request.fields()
        fields.allow_only({"user_ids"})
        user_ids = fields.texts("user_ids")
        if not user_ids:
            raise ApiError.missing_param("user_ids")
        if len(user_ids) > BULK_LIMIT:
            raise ApiError.bad_value("user_ids", f"at most {BULK_LIMIT} ids")
        users = [require_user(call.instance, user_id) for user_id in dict.fromkeys(user_ids)]
        changed = [command(call.instance, user, call.origin) for user in users]
        return json_response([user_json(call.instance, user, call.now_ms) for user in changed])

    return answer


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/users/ban", _many(ban_user)),
    Route("POST", "/v1/users/unban", _many(unban_user)),
    Route("POST", "/v1/users/{user_id}/ban", _one(ban_user)),
    Route("POST", "/v1/users/{user_id}/unban", _one(unban_user)),
    Route("POST", "/v1/users/{user_id}/lock", _one(lock_user)),
    Route("POST", "/v1/users/{user_id}/unlock", _one(unlock_user)),
)
