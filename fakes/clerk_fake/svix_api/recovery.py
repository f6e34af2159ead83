"""Sending again to an endpoint, and counting what was sent."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Heading
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import Between, Instant, JsonObject
from clerk_fake.model.background_tasks import note_background_task
from clerk_fake.model.messages import recover_failed, replay_missing
from clerk_fake.model.svix_messages import send_example
from clerk_fake.model.svix_replays import Replay, check_period, replay_all
from clerk_fake.svix_api.background_tasks import begun
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.messages import written_message
from clerk_fake.svix_api.moments import moment_in
from clerk_fake.svix_api.statuses import (
    CLASSES,
    STATUSES,
    attempt_status,
    delivery_status,
    states_of,
)

__all__ = ["PORTAL_ROUTES"]


@dataclass(frozen=True, slots=True)
class _Period:
    """From when, and until when."""

    since: Instant
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class _Narrowed(_Period):
    """The same, and which messages of that time."""

    event_types: tuple[str, ...] | None = None
    channel: str | None = None
    tag: str | None = None
    status: Annotated[int, Between(0, len(STATUSES) - 1)] | None = None
    status_code_class: Annotated[int, Between(0, CLASSES[-1])] | None = None


@dataclass(frozen=True, slots=True)
class _Example:
    """Of which type; Clerk's catalogue has no examples of its own to choose from."""

    event_type: str
    example_index: Annotated[int, Between(0)] | None = None
    payload: JsonObject | None = None


def _recover(call: SvixCall) -> Response:
    wanted = call.form(_Period)
    since, until = check_period(call.instance, wanted.since, wanted.until)
    sent = recover_failed(call.instance, call.endpoint, since, until)
    return begun(note_background_task(call.instance, "endpoint.recover", messagesSent=sent))


def _replay_missing(call: SvixCall) -> Response:
    wanted = call.form(_Period)
    since, until = check_period(call.instance, wanted.since, wanted.until)
    sent = replay_missing(call.instance, call.endpoint, since, until)
    return begun(note_background_task(call.instance, "endpoint.replay", messagesSent=sent))


def _bulk_replay(call: SvixCall) -> Response:
    wanted = call.form(_Narrowed)
    if wanted.status_code_class not in {None, *CLASSES}:
        raise ApiError.bad_value("status_code_class", f"one of {CLASSES}")
    since, until = check_period(call.instance, wanted.since, wanted.until)
    replay = Replay(
        since=since,
        until=until,
        event_types=frozenset(wanted.event_types or ()),
        channel=wanted.channel,
        tag=wanted.tag,
        states=states_of(wanted.status),
        status_class=wanted.status_code_class,
    )
    sent = replay_all(call.instance, call.endpoint, replay)
    return begun(note_background_task(call.instance, "endpoint.bulk-replay", messagesSent=sent))


def _send_example(call: SvixCall) -> Response:
    wanted = call.form(_Example)
    event = send_example(call.instance, call.endpoint, wanted.event_type, wanted.payload)
    return json_response(written_message(call.instance, Heading.of(event), content=True), 202)


def _stats(call: SvixCall) -> Response:
    """Count messages by how they stand at the endpoint."""
    instance, endpoint = call.instance, call.endpoint
    since, until = _range(call)
    counted = Counter(
        delivery_status(delivery)
        for delivery in instance.deliveries
        if delivery.endpoint_id == endpoint.id
        and (heading := instance.log.heading(delivery.message_id)) is not None
        and since <= heading.timestamp < until
    )
    return json_response({word: counted[status] for status, word in enumerate(STATUSES)})


def _attempt_stats(call: SvixCall) -> Response:
    """Count attempts by how they ended."""
    endpoint = call.endpoint
    since, until = _range(call)
    counted = Counter(
        STATUSES[attempt_status(attempt)]
        for attempt in call.instance.attempts.after(0)
        if attempt.endpoint_id == endpoint.id and since <= attempt.timestamp < until
    )
    return json_response({word: counted[word] for word in ("success", "fail", "canceled")})


def _range(call: SvixCall) -> tuple[int, int]:
    query = call.query
    since, until = moment_in(query, "since"), moment_in(query, "until")
    end = call.instance.clock.now_ms() + 1 if until is None else until
    if since is not None and since > end:
        raise ApiError.bad_value("until", "later than since")
    return since or 0, end


PATH: Final = "/api/v1/app/{app_id}/endpoint/{endpoint_id}"

PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("POST", f"{PATH}/recover", _recover),
    Route("POST", f"{PATH}/replay-missing", _replay_missing),
    Route("POST", f"{PATH}/bulk-replay", _bulk_replay),
    Route("POST", f"{PATH}/send-example", _send_example),
    Route("GET", f"{PATH}/stats", _stats),
    Route("GET", f"{PATH}/attempt-stats", _attempt_stats),
)
