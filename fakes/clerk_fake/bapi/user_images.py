"""``/v1/users/{user_id}/profile_image``: set and delete."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_reading import called_user, user_response
from clerk_fake.http.multipart import UPLOAD_LIMIT, read_multipart
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.model.users.images import delete_profile_image, set_profile_image

__all__ = ["ROUTES"]


def _set(call: Call) -> Response:
    user = called_user(call)
    upload = read_multipart(call.request).files.get("file")
    return user_response(call, set_profile_image(call.instance, user, upload, call.origin))


def _delete(call: Call) -> Response:
    return user_response(call, delete_profile_image(call.instance, called_user(call), call.origin))


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/users/{user_id}/profile_image", _set, UPLOAD_LIMIT),
    Route("DELETE", "/v1/users/{user_id}/profile_image", _delete),
)
