"""How delivery goes: attempts, what is pending, and the schedule."""

from dataclasses import asdict
from itertools import islice
from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.control.listing import Slice, listed
from clerk_fake.errors import ApiError
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.webhooks.schedule import DeliverySchedule

__all__ = ["ROUTES"]

LONGEST_DELAY_S: Final = 365 * 24 * 3600
LONGEST_TIMEOUT_S: Final = 3600
SHORTEST_TIMEOUT_S: Final = 0.001
MOST_ATTEMPTS: Final = 100


def _attempts(call: ControlCall) -> Response:
    query = call.request.query()
    wanted = Slice.of(query)
    message_id = query.text("message_id")
    matching = (
        attempt
        for attempt in call.instance.attempts.after(wanted.after)
        if message_id is None or attempt.message_id == message_id
    )
    return listed([asdict(attempt) for attempt in islice(matching, wanted.limit + 1)], wanted)


def _deliveries(call: ControlCall) -> Response:
    dispatcher = call.instance.dispatcher
    return json_response(
        {"pending": dispatcher.pending, "next_attempt_at": dispatcher.next_attempt_at}
    )


def _read_schedule(call: ControlCall) -> Response:
    return json_response(call.instance.dispatcher.schedule)


def _set_schedule(call: ControlCall) -> Response:
    dispatcher = call.instance.dispatcher
    fields = call.request.fields()
    fields.allow_only({"delays_s", "timeout_s", "jitter", "overload_s"})
    delays = fields.numbers("delays_s", least=0, most=LONGEST_DELAY_S)
    if delays is not None and not 1 <= len(delays) <= MOST_ATTEMPTS:
        raise ApiError.bad_value("delays_s", f"1 to {MOST_ATTEMPTS} numbers")
    timeout_s = fields.number("timeout_s", least=SHORTEST_TIMEOUT_S, most=LONGEST_TIMEOUT_S)
    jitter = fields.number("jitter", least=0, most=1)
    overload_s = fields.number("overload_s", least=0, most=LONGEST_DELAY_S)
    old = dispatcher.schedule
    dispatcher.schedule = DeliverySchedule(
        delays_s=old.delays_s if delays is None else delays,
        timeout_s=old.timeout_s if timeout_s is None else timeout_s,
        jitter=old.jitter if jitter is None else jitter,
        overload_s=old.overload_s if overload_s is None else overload_s,
    )
    return json_response(dispatcher.schedule)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/attempts", _attempts),
    Route("GET", "/__fake__/instances/{instance_id}/deliveries", _deliveries),
    Route("GET", "/__fake__/instances/{instance_id}/delivery-schedule", _read_schedule),
    Route("PUT", "/__fake__/instances/{instance_id}/delivery-schedule", _set_schedule),
)
