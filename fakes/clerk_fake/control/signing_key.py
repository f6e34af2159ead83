"""The keys of an instance: look at them, rotate them for good."""

from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between

__all__ = ["ROUTES"]

LONGEST_S: Final = 100 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Rotation:
    """How to rotate.

    Attributes:
        overlap_s: How long the old key is still published.
    """

    overlap_s: Annotated[float, Between(0, LONGEST_S)] = 300.0


def _shown(instance: Instance) -> Response:
    key = instance.signing_key
    published = [
        {"kid": version.key.kid, "until": version.published_until} for version in key.published()
    ]
    return json_response(
        {"kid": key.kid, "public_key_pem": key.public_pem(), "published": published}
    )


def _read(call: ControlCall) -> Response:
    return _shown(call.instance)


def _rotate(call: ControlCall) -> Response:
    instance = call.instance
    rotation = read_form(Rotation, call.request.fields())
    instance.signing_key.rotate(round(rotation.overlap_s * 1000))
    return _shown(instance)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/signing-key", _read),
    Route("POST", "/__fake__/instances/{instance_id}/signing-key/rotate", _rotate),
)
