"""Messages: those that Clerk's changes made, and those that are sent by hand."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Event, Heading
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject, Length
from clerk_fake.model.background_tasks import note_background_task
from clerk_fake.model.svix_messages import (
    MessageDraft,
    expunge_everything,
    find_message,
    is_wanted_by_anyone,
    send_message,
)
from clerk_fake.svix_api.background_tasks import begun
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.filters import Filter
from clerk_fake.svix_api.moments import moment
from clerk_fake.svix_api.pages import Mark, Row, listed

__all__ = ["PORTAL_ROUTES", "ROUTES", "message_without_payload", "written_message"]

NOTHING: Final = orjson.Fragment(b"{}")
UNREADABLE: Final = orjson.Fragment(b'{"expired":true}')
MOST_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class _Draft(MessageDraft):
    """A message, and an app to be made for it, which there always is."""

    application: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class _Precheck:
    """What a message would be like."""

    event_type: str
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Several:
    """Messages by id or ``eventId``."""

    ids: Annotated[tuple[str, ...], Length(1, MOST_AT_ONCE)] = ()


def message_without_payload(heading: Heading) -> dict[str, Any]:
    """Write a message, its payload left out."""
    details = heading.details
    return {
        "id": heading.id,
        "eventId": details.event_id,
        "eventType": heading.type,
        "payload": NOTHING,
        "channels": list(details.channels) or None,
        "tags": list(details.tags) or None,
        "timestamp": moment(heading.timestamp),
        "deliverAt": None if details.deliver_at is None else moment(details.deliver_at),
    }


def written_message(instance: Instance, heading: Heading, *, content: bool) -> dict[str, Any]:
    """Write a message, with its payload when ``content`` is wanted."""
    written = message_without_payload(heading)
    event = instance.log.get(heading.id) if content else None
    return written if event is None else written | {"payload": _payload(event)}


def _payload(event: Event) -> orjson.Fragment:
    """Return the payload as it is; a raw one may be anything, which no client could read."""
    try:
        readable = isinstance(orjson.loads(event.payload), dict)
    except orjson.JSONDecodeError:
        readable = False
    return orjson.Fragment(event.payload) if readable else UNREADABLE


def _answer(call: SvixCall, event: Event, status: int = 200) -> Response:
    heading = Heading.of(event)
    content = call.wants_content()
    return json_response(written_message(call.instance, heading, content=content), status)


def _list(call: SvixCall) -> Response:
    instance = call.instance
    narrowed, content = Filter.of(call.query), call.wants_content()
    page = narrowed.page(call.query)
    rows = (
        Row(Mark(heading.seq, heading.id), heading)
        for heading in narrowed.headings(instance.log, page)
    )
    return listed(page, rows, lambda each: written_message(instance, each, content=content))


def _create(call: SvixCall) -> Response:
    call.wants_content()
    return _answer(call, send_message(call.instance, call.form(_Draft)), 202)


def _precheck(call: SvixCall) -> Response:
    wanted = call.form(_Precheck)
    active = is_wanted_by_anyone(call.instance, wanted.event_type, wanted.channels)
    return json_response({"active": active})


def _get(call: SvixCall) -> Response:
    return _answer(call, call.message)


def _expunge(call: SvixCall) -> Response:
    call.instance.log.expunge(call.message.id)
    return empty_response()


def _expunge_several(call: SvixCall) -> Response:
    results = {}
    for name in call.form(_Several).ids:
        try:
            call.instance.log.expunge(find_message(call.instance, name).id)
        except ApiError:
            results[name] = "not-found"
        else:
            results[name] = "expunged"
    return json_response({"results": results})


def _expunge_all(call: SvixCall) -> Response:
    purged = expunge_everything(call.instance)
    kind = "application.purge_content"
    return begun(note_background_task(call.instance, kind, messagesPurged=purged))


PATH: Final = "/api/v1/app/{app_id}/msg"

ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("POST", PATH, _create),
    Route("POST", f"{PATH}/precheck/active", _precheck),
    Route("DELETE", f"{PATH}/{{msg_id}}/content", _expunge),
    Route("POST", f"{PATH}/bulk-expunge", _expunge_several),
    Route("POST", f"{PATH}/expunge-all-contents", _expunge_all),
)

PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("GET", PATH, _list),
    Route("GET", f"{PATH}/{{msg_id}}", _get),
)
