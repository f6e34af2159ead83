"""Reset an instance, take a snapshot of it, put one back."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.snapshot import read_snapshot, restore_snapshot, write_snapshot

__all__ = ["ROUTES"]

SNAPSHOT_LIMIT: Final = 1_000_000_000
"""A snapshot may hold some 300,000 users and what is told of them; in bytes."""


def _reset(call: ControlCall) -> Response:
    instance = call.instance
    call.faults.heal(call.faults.of(instance.id))
    instance.reset()
    return json_response({"id": instance.id, "object": "instance", "reset": True})


def _take(call: ControlCall) -> Response:
    return Response(200, write_snapshot(call.instance, limit=SNAPSHOT_LIMIT))


def _restore(call: ControlCall) -> Response:
    instance = call.instance
    snapshot = read_snapshot(call.request.fields().whole())
    call.faults.heal(call.faults.of(instance.id))
    restore_snapshot(instance, snapshot)
    return json_response({"id": instance.id, "object": "instance", "restored": True})


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("POST", "/__fake__/instances/{instance_id}/reset", _reset),
    Route("GET", "/__fake__/instances/{instance_id}/snapshot", _take),
    Route("PUT", "/__fake__/instances/{instance_id}/snapshot", _restore, SNAPSHOT_LIMIT),
)
