"""The pictures of an instance, for browsers: without authentication, as on Clerk's image host."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.model.images import require_image

__all__ = ["ROUTES"]


def _get(call: ControlCall) -> Response:
    image = require_image(call.instance, call.param("image_id"))
    headers = ((b"x-content-type-options", b"nosniff"),)
    return Response(200, image.content, image.content_type.encode(), headers)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/i/{instance_id}/images/{image_id}", _get),
)
