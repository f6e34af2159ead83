"""Reset an instance, take a snapshot of it, put one back."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.snapshot import read_snapshot, restore_snapshot, take_snapshot

__all__ = ["ROUTES"]

SNAPSHOT_LIMIT: Final = 1_000_000_000
"""A snapshot may hold a million users; in bytes."""


def _reset(call: ControlCall) -> Response:
    instance = call.instance
    call.faults.heal(call.faults.of(instance.id))
    instance.reset()
    return json_response({"id": instance.id, "object": "instance", "reset": True})


def _take(call: ControlCall) -> Response:
    return json_response(take_snapshot(call.instance))


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
