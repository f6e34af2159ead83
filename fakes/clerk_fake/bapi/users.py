"""``/v1/users``: create, get, list, count, update, delete, passwords."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_forms import UPDATE_FIELDS, read_change, read_draft, read_filter
from clerk_fake.errors import ApiError
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.passwords import password_matches
from clerk_fake.model.users.create import create_user
from clerk_fake.model.users.entity import User, require_user
from clerk_fake.model.users.resource import deleted_user_resource, user_json
from clerk_fake.model.users.search import DEFAULT_ORDER, ORDERS, count_users, find_users
from clerk_fake.model.users.standing import delete_user
from clerk_fake.model.users.update import remove_password, update_user

__all__ = ["ROUTES", "called_user", "user_response"]


def called_user(call: Call) -> User:
    """Return the user that the path names."""
    return require_user(call.instance, call.param("user_id"))


def user_response(call: Call, user: User) -> Response:
    """Answer with a user."""
    return json_response(user_json(call.instance, user, call.now_ms))


def _create(call: Call) -> Response:
    draft = read_draft(call.request.fields())
    return user_response(call, create_user(call.instance, draft, call.origin))


def _get(call: Call) -> Response:
    return user_response(call, called_user(call))


def _list(call: Call) -> Response:
    query = call.request.query()
    order = query.text("order_by") or DEFAULT_ORDER
    if order.removeprefix("+").removeprefix("-") not in ORDERS or order.startswith("+-"):
        raise ApiError.bad_value("order_by", f"one of {', '.join(sorted(ORDERS))}, + or - in front")
    page = query.page()
    users = find_users(call.instance, read_filter(query), order)
    after = query.text("starting_after")
    if after is not None:
        if order.lstrip("+-") != "created_at" or page.offset:
            raise ApiError.bad_value("starting_after", "used with order created_at and no offset")
        require_user(call.instance, after)
        for user in users:
            if user.id == after:
                break
    now = call.now_ms
    return json_response([user_json(call.instance, user, now) for user in page.cut(users)])


def _count(call: Call) -> Response:
    total = count_users(call.instance, read_filter(call.request.query()))
    return json_response({"object": "total_count", "total_count": total})


def _update(call: Call) -> Response:
    user = called_user(call)
    fields = call.request.fields()
    fields.allow_only(UPDATE_FIELDS.of_version(call.api_version))
    return user_response(call, update_user(call.instance, user, read_change(fields), call.origin))


def _delete(call: Call) -> Response:
    user = called_user(call)
    delete_user(call.instance, user, call.origin)
    return json_response(deleted_user_resource(user))


def _verify_password(call: Call) -> Response:
    user = called_user(call)
    fields = call.request.fields()
    fields.allow_only({"password"})
    password = fields.required_text("password")
    if user.password is None:
        raise ApiError.of(
            400, "no_password_set", "no password set", "This user does not have a password set."
        )
    if not password_matches(user.password, password):
        raise ApiError.of(
            422,
            "incorrect_password",
            "incorrect password",
            "Password is incorrect. Try again.",
            param_name="password",
        )
    return json_response({"verified": True})


def _remove_password(call: Call) -> Response:
    user = called_user(call)
    fields = call.request.fields()
    fields.allow_only({"sign_out_of_other_sessions"})
    sign_out = fields.boolean("sign_out_of_other_sessions") or False
    changed = remove_password(call.instance, user, call.origin, sign_out_of_other_sessions=sign_out)
    return user_response(call, changed)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/users", _create),
    Route("GET", "/v1/users", _list),
    Route("GET", "/v1/users/count", _count),
    Route("GET", "/v1/users/{user_id}", _get),
    Route("PATCH", "/v1/users/{user_id}", _update),
    Route("DELETE", "/v1/users/{user_id}", _delete),
    Route("POST", "/v1/users/{user_id}/verify_password", _verify_password),
    Route("POST", "/v1/users/{user_id}/remove_password", _remove_password),
)
