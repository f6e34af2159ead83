"""Attempts: what was tried, for each endpoint and each message, and trying once more."""

from collections.abc import Iterator
from typing import Any, Final

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Heading
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.model.messages import resend_message
from clerk_fake.model.svix_headers import is_sensitive
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.endpoints import common_of
from clerk_fake.svix_api.filters import Filter
from clerk_fake.svix_api.messages import message_without_payload, written_message
from clerk_fake.svix_api.moments import moment
from clerk_fake.svix_api.pages import Mark, Page, Row, listed, rows_beyond
from clerk_fake.svix_api.statuses import STATUSES, attempt_status, delivery_status
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState
from clerk_fake.webhooks.endpoint import Endpoint

__all__ = ["PORTAL_ROUTES", "ROUTES"]

SCHEDULED: Final = 0
MANUAL: Final = 1


def _written(attempt: Attempt, *, content: bool) -> dict[str, Any]:
    status = attempt_status(attempt)
    return {
        "id": attempt.id,
        "msgId": attempt.message_id,
        "endpointId": attempt.endpoint_id,
        "url": attempt.url,
        "response": (attempt.error or attempt.response_body) if content else "{}",
        "responseStatusCode": attempt.status or 0,
        "responseDurationMs": round(attempt.latency_ms),
        "status": status,
        "statusText": STATUSES[status],
        "triggerType": MANUAL if attempt.trigger == "manual" else SCHEDULED,
        "timestamp": moment(attempt.timestamp),
    }


def _found(
    call: SvixCall, page: Page, narrowed: Filter, **about: str | None
) -> Iterator[Row[Attempt]]:
    """Yield the attempts that are ``about`` these things, from where the page begins."""
    attempts = call.instance.attempts
    beyond = page.beyond
    for attempt in attempts.before(beyond) if page.falling else attempts.after(beyond or 0):
        if all(value in {None, getattr(attempt, name)} for name, value in about.items()) and (
            narrowed.takes_attempt(call.instance, attempt)
        ):
            yield Row(Mark(attempt.seq, attempt.id), attempt)


def _list_of_endpoint(call: SvixCall) -> Response:
    instance, query = call.instance, call.query
    with_message, content = query.boolean("with_msg") is True, call.wants_content()
    query.boolean("expanded_statuses")  # nothing is ever canceled, so it is all the same

    def write(attempt: Attempt) -> dict[str, Any]:
        written = _written(attempt, content=content)
        heading = instance.log.heading(attempt.message_id) if with_message else None
        return written if heading is None else written | {"msg": message_without_payload(heading)}

    narrowed = Filter.of(query)
    page = narrowed.page(query)
    return listed(page, _found(call, page, narrowed, endpoint_id=call.endpoint.id), write)


def _list_of_message(call: SvixCall) -> Response:
    query, content = call.query, call.wants_content()
    query.boolean("expanded_statuses")
    narrowed, name = Filter.of(query), query.text("endpoint_id")
    endpoint = None if name is None else call.instance.endpoints.require(name)
    page = narrowed.page(query)
    rows = _found(
        call,
        page,
        narrowed,
        message_id=call.message.id,
        endpoint_id=None if endpoint is None else endpoint.id,
    )
    return listed(page, rows, lambda attempt: _written(attempt, content=content))


def _list_messages(call: SvixCall) -> Response:
    """List what was tried at an endpoint, the youngest message first."""
    instance, query, content = call.instance, call.query, call.wants_content()
    query.boolean("expanded_statuses")
    narrowed, endpoint = Filter.of(query), call.endpoint

    def write(row: tuple[Heading, Delivery]) -> dict[str, Any]:
        heading, delivery = row
        written = written_message(instance, heading, content=content)
        return written | _standing(delivery)

    page = narrowed.page(query)
    return listed(page, _tried(instance, endpoint, page, narrowed), write)


def _tried(
    instance: Instance, endpoint: Endpoint, page: Page, narrowed: Filter
) -> Iterator[Row[tuple[Heading, Delivery]]]:
    for heading in narrowed.headings(instance.log, page):
        delivery = instance.deliveries.get(heading.id, endpoint.id)
        if (
            delivery is not None
            and delivery.attempts
            and narrowed.status in {None, delivery_status(delivery)}
        ):
            yield Row(Mark(heading.seq, heading.id), (heading, delivery))


def _list_destinations(call: SvixCall) -> Response:
    """List where a message was tried."""
    instance, message = call.instance, call.message
    page = Page.of(call.query, falling=False)
    tried = {}
    for endpoint_id in instance.deliveries.endpoints_of(message.id):
        endpoint = instance.endpoints.get(endpoint_id)
        delivery = instance.deliveries.get(message.id, endpoint_id)
        if endpoint is not None and delivery is not None and delivery.attempts:
            tried[endpoint_id] = (endpoint, delivery)
    rows = rows_beyond(
        page,
        sorted(tried.values(), key=lambda pair: pair[0].created_at),
        lambda pair: Mark(pair[0].created_at, pair[0].id),
    )
    return listed(page, rows, lambda pair: common_of(pair[0]) | _standing(pair[1]))


def _standing(delivery: Delivery) -> dict[str, Any]:
    status = delivery_status(delivery)
    again = delivery.state is DeliveryState.PENDING
    return {
        "status": status,
        "statusText": STATUSES[status],
        "nextAttempt": moment(delivery.due_at) if again else None,
    }


def _attempt(call: SvixCall) -> Attempt:
    message_id, attempt_id = call.message.id, call.param("attempt_id")
    for attempt in call.instance.attempts.before():
        if attempt.id == attempt_id and attempt.message_id == message_id:
            return attempt
    raise ApiError.not_found("attempt", attempt_id)


def _get(call: SvixCall) -> Response:
    call.query.boolean("expanded_statuses")
    return json_response(_written(_attempt(call), content=True))


def _get_headers(call: SvixCall) -> Response:
    attempt = _attempt(call)
    sent = attempt.request_headers
    return json_response(
        {
            "sentHeaders": {name: sent[name] for name in sent if not is_sensitive(name)},
            "responseHeaders": [list(pair) for pair in attempt.response_headers.items()],
            "sensitive": [name for name in sent if is_sensitive(name)],
        }
    )


def _expunge(call: SvixCall) -> Response:
    call.instance.attempts.forget_content(_attempt(call).seq)
    return empty_response()


def _resend(call: SvixCall) -> Response:
    resend_message(call.instance, call.message, call.endpoint.id)
    return json_response({}, 202)


APP: Final = "/api/v1/app/{app_id}"
MESSAGE: Final = f"{APP}/msg/{{msg_id}}"

ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("DELETE", f"{MESSAGE}/attempt/{{attempt_id}}/content", _expunge),
)

PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("GET", f"{APP}/attempt/endpoint/{{endpoint_id}}", _list_of_endpoint),
    Route("GET", f"{APP}/attempt/msg/{{msg_id}}", _list_of_message),
    Route("GET", f"{APP}/endpoint/{{endpoint_id}}/msg", _list_messages),
    Route("GET", f"{MESSAGE}/endpoint", _list_destinations),
    Route("GET", f"{MESSAGE}/attempt/{{attempt_id}}", _get),
    Route("GET", f"{MESSAGE}/attempt/{{attempt_id}}/headers", _get_headers),
    Route("POST", f"{MESSAGE}/endpoint/{{endpoint_id}}/resend", _resend),
)
