"""``/v1/users/{user_id}/metadata``: merge (PATCH) and replace (PUT)."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_reading import called_user, user_response
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.model.users.update import (
    MetadataChange,
    merge_user_metadata,
    replace_user_metadata,
)

__all__ = ["ROUTES"]


def _merge(call: Call) -> Response:
    user = called_user(call)
    return user_response(call, merge_user_metadata(call.instance, user, _change(call), call.origin))


def _replace(call: Call) -> Response:
    user = called_user(call)
    return user_response(
        call, replace_user_metadata(call.instance, user, _change(call), call.origin)
    )


def _change(call: Call) -> MetadataChange:
    return read_form(MetadataChange, call.request.fields())


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("PATCH", "/v1/users/{user_id}/metadata", _merge),
    Route("PUT", "/v1/users/{user_id}/metadata", _replace),
)
