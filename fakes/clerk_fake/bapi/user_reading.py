"""``GET /v1/users``: one, a list, how many. The first room that a server enters."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_filters import read_filter
from clerk_fake.errors import ApiError
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.users.entity import User, require_user
from clerk_fake.model.users.resource import user_json
from clerk_fake.model.users.search import DEFAULT_ORDER, ORDERS, count_users, find_users

__all__ = ["ROUTES", "called_user", "user_response"]


def called_user(call: Call) -> User:
    """Return the user that the path names."""
    return require_user(call.instance, call.param("user_id"))


def user_response(call: Call, user: User) -> Response:
    """Answer with a user."""
    return json_response(user_json(call.instance, user, call.now_ms))


def _get(call: Call) -> Response:
    return user_response(call, called_user(call))


def _list(call: Call) -> Response:
    query = call.request.query()
    order = query.text("order_by") or DEFAULT_ORDER
    if order.removeprefix("+").removeprefix("-") not in ORDERS or order.startswith("+-"):
        raise ApiError.bad_value("order_by", f"one of {', '.join(sorted(ORDERS))}, + or - in front")
    page = query.page()
    after = None
    cursor = query.text("starting_after")
    if cursor is not None:
        if order.lstrip("+-") != "created_at" or page.offset:
            raise ApiError.bad_value("starting_after", "used with order created_at and no offset")
        after = require_user(call.instance, cursor)
    users = find_users(call.instance, read_filter(query), order, after=after)
    now = call.now_ms
    return json_response([user_json(call.instance, user, now) for user in page.cut(users)])


def _count(call: Call) -> Response:
    total = count_users(call.instance, read_filter(call.request.query()))
    return json_response({"object": "total_count", "total_count": total})


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", "/v1/users", _list),
    Route("GET", "/v1/users/count", _count),
    Route("GET", "/v1/users/{user_id}", _get),
)
