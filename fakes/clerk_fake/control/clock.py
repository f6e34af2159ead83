"""Read and turn the clock of an instance."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.errors import ApiError
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.billing.renewals import bring_up_to_date

__all__ = ["ROUTES"]

LONGEST_ADVANCE_S: Final = 100 * 365 * 24 * 3600
LATEST_MS: Final = 253_402_300_799_000
"""The end of the year 9999: what a datetime can hold."""


def _read(call: ControlCall) -> Response:
    return json_response(call.instance.clock.reading())


def _advance(call: ControlCall) -> Response:
    instance = call.instance
    fields = call.request.fields()
    fields.allow_only({"seconds"})
    seconds = fields.number("seconds", least=0, most=LONGEST_ADVANCE_S)
    if seconds is None:
        raise ApiError.missing_param("seconds")
    by_ms = round(seconds * 1000)
    if instance.clock.now_ms() + by_ms > LATEST_MS:
        raise ApiError.bad_value("seconds", "less: the clock would leave the year 9999")
    instance.clock.advance(by_ms)
    bring_up_to_date(instance, call.request.origin)
    return json_response(instance.clock.reading())


def _set(call: ControlCall) -> Response:
    instance = call.instance
    fields = call.request.fields()
    fields.allow_only({"now_ms", "frozen"})
    now_ms = fields.integer("now_ms", least=0, most=LATEST_MS)
    frozen = fields.boolean("frozen")
    instance.clock.turn(now_ms=now_ms, frozen=frozen)
    bring_up_to_date(instance, call.request.origin)
    return json_response(instance.clock.reading())


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/clock", _read),
    Route("POST", "/__fake__/instances/{instance_id}/clock/advance", _advance),
    Route("PUT", "/__fake__/instances/{instance_id}/clock", _set),
)
