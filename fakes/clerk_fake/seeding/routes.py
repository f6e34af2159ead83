"""``POST /__fake__/instances/{id}/seed``: fill an instance with what the body declares."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.seeding.document import read_document
from clerk_fake.seeding.operations import Operator
from clerk_fake.seeding.problems import Problem, SeedError
from clerk_fake.seeding.sowing import sow

__all__ = ["ROUTES"]

SEED_LIMIT: Final = 20_000_000
"""Largest seed, in bytes."""


def _seed(call: ControlCall) -> Response:
    try:
        text = call.request.body.decode()
    except UnicodeDecodeError as malformed:
        raise SeedError([Problem(1, (), "a seed is text in UTF-8")]) from malformed
    instance = call.instance
    operator = Operator(call.instances, call.faults, call.base_url)
    handles = sow(operator, instance, read_document(text))
    return json_response({"object": "seed", "instance_id": instance.id, "handles": handles}, 201)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", "/__fake__/instances/{instance_id}/seed", _seed, SEED_LIMIT),
)
