"""All settings of an instance in one piece, also those that only Clerk's dashboard has."""

from typing import Final

import orjson

from clerk_fake.codec import read_value
from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.settings.entity import GROUPS, Settings, change_settings, settings_of

__all__ = ["ROUTES"]


def _document(instance: Instance) -> JsonObject:
    document: JsonObject = orjson.loads(orjson.dumps(settings_of(instance)))
    return {name: document[name] for name in GROUPS}


def _read(call: ControlCall) -> Response:
    return json_response(_document(call.instance))


def _change(call: ControlCall) -> Response:
    instance = call.instance
    fields = call.request.fields()
    fields.allow_only(GROUPS)
    old = _document(instance)
    mentioned = {name: old[name] | (fields.json_object(name) or {}) for name in GROUPS}
    changed = read_value(Settings, mentioned, "settings")
    change_settings(instance, **{name: getattr(changed, name) for name in GROUPS})
    return _read(call)


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/settings", _read),
    Route("PATCH", "/__fake__/instances/{instance_id}/settings", _change),
)
