"""What an instance emitted, and emitting more."""

from itertools import islice
from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.control.listing import Slice, listed
from clerk_fake.events.log import Event
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.messages import (
    message_status,
    require_message,
    resend_message,
    trigger_event,
)

__all__ = ["ROUTES"]


def _message(instance: Instance, event: Event) -> JsonObject:
    return {
        "id": event.id,
        "seq": event.seq,
        "event_type": event.type,
        "timestamp": event.timestamp,
        "object_id": event.object_id,
        "payload": event.payload,
        "status": message_status(instance, event),
    }


def _list(call: ControlCall) -> Response:
    instance = call.instance
    query = call.request.query()
    wanted = Slice.of(query)
    events = islice(instance.log.after(wanted.after, query.text("type")), wanted.limit + 1)
    return listed([_message(instance, event) for event in events], wanted)


def _get(call: ControlCall) -> Response:
    instance = call.instance
    event = require_message(instance, call.param("message_id"))
    return json_response(_message(instance, event))


def _resend(call: ControlCall) -> Response:
    instance = call.instance
    event = require_message(instance, call.param("message_id"))
    fields = call.request.fields()
    fields.allow_only({"endpoint_id"})
    resend_message(instance, event, fields.text("endpoint_id"))
    return json_response(_message(instance, event), 202)


def _trigger(call: ControlCall) -> Response:
    instance = call.instance
    fields = call.request.fields()
    fields.allow_only({"type", "data"})
    event = trigger_event(
        instance,
        fields.required_text("type"),
        fields.json_object("data") or {},
        call.request.origin,
    )
    return json_response(_message(instance, event), 201)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/messages", _list),
    Route("GET", "/__fake__/instances/{instance_id}/messages/{message_id}", _get),
    Route("POST", "/__fake__/instances/{instance_id}/messages/{message_id}/resend", _resend),
    Route("POST", "/__fake__/instances/{instance_id}/trigger", _trigger),
)
