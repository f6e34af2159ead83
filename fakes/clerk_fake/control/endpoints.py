"""The webhook endpoints of an instance, and those of its owner for operational messages."""

from collections.abc import Callable
from functools import partial
from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.model.endpoints import (
    EndpointChanges,
    EndpointDraft,
    change_endpoint,
    create_endpoint,
    delete_endpoint,
    rotate_secret,
)
from clerk_fake.model.messages import recover_failed, replay_missing
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.endpoints import Endpoints
from clerk_fake.webhooks.operational import OPERATIONAL_TYPES
from clerk_fake.webhooks.signing import DEFAULT_GRACE_MS, MAX_GRACE_MS, new_secret

__all__ = ["ROUTES"]

PATH: Final = "/__fake__/instances/{instance_id}/endpoints"
OPERATIONAL: Final = "/__fake__/instances/{instance_id}/operational-endpoints"


def _clerks(instance: Instance) -> Endpoints:
    return instance.endpoints


def _owners(instance: Instance) -> Endpoints:
    return instance.operational.outbox.endpoints


def _endpoint(call: ControlCall, of: Callable[[Instance], Endpoints]) -> Endpoint:
    return of(call.instance).require(call.param("endpoint_id"))


def _list(call: ControlCall, of: Callable[[Instance], Endpoints]) -> Response:
    return json_response({"data": list(of(call.instance))})


def _create(call: ControlCall, of: Callable[[Instance], Endpoints]) -> Response:
    draft = read_form(EndpointDraft, call.request.fields())
    created = create_endpoint(
        call.instance,
        of(call.instance),
        draft,
        secret=call.instance.identity.webhook_secret,
        known_types=_types(of),
    )
    return json_response(created, 201)


def _get(call: ControlCall, of: Callable[[Instance], Endpoints]) -> Response:
    return json_response(_endpoint(call, of))


def _change(call: ControlCall, of: Callable[[Instance], Endpoints]) -> Response:
    changes = read_form(EndpointChanges, call.request.fields())
    changed = change_endpoint(
        call.instance,
        of(call.instance),
        _endpoint(call, of),
        changes,
        known_types=_types(of),
    )
    return json_response(changed)


def _delete(call: ControlCall, of: Callable[[Instance], Endpoints]) -> Response:
    endpoint = _endpoint(call, of)
    delete_endpoint(of(call.instance), endpoint)
    return json_response({"id": endpoint.id, "object": "endpoint", "deleted": True})


def _rotate(call: ControlCall, of: Callable[[Instance], Endpoints]) -> Response:
    fields = call.request.fields()
    fields.allow_only({"secret", "grace_s"})
    grace_s = fields.number("grace_s", least=0, most=MAX_GRACE_MS / 1000)
    rotated = rotate_secret(
        call.instance,
        of(call.instance),
        _endpoint(call, of),
        fields.text("secret") or new_secret(),
        grace_ms=DEFAULT_GRACE_MS if grace_s is None else round(grace_s * 1000),
    )
    return json_response(rotated)


def _recover(call: ControlCall) -> Response:
    return _again(call, recover_failed)


def _replay(call: ControlCall) -> Response:
    return _again(call, replay_missing)


def _again(call: ControlCall, command: Callable[[Instance, Endpoint, int, int], int]) -> Response:
    fields = call.request.fields()
    fields.allow_only({"since", "until"})
    since = fields.integer("since", least=0)
    until = fields.integer("until", least=0)
    queued = command(
        call.instance,
        _endpoint(call, _clerks),
        since or 0,
        call.instance.clock.now_ms() + 1 if until is None else until,
    )
    return json_response({"queued": queued}, 202)


def _types(of: Callable[[Instance], Endpoints]) -> frozenset[str]:
    return frozenset(EVENT_TYPES if of is _clerks else OPERATIONAL_TYPES)


def _routes(path: str, of: Callable[[Instance], Endpoints]) -> tuple[ControlRoute, ...]:
    one = f"{path}/{{endpoint_id}}"
    return (
        Route("GET", path, partial(_list, of=of)),
        Route("POST", path, partial(_create, of=of)),
        Route("GET", one, partial(_get, of=of)),
        Route("PATCH", one, partial(_change, of=of)),
        Route("DELETE", one, partial(_delete, of=of)),
        Route("POST", f"{one}/rotate-secret", partial(_rotate, of=of)),
    )


ROUTES: Final[tuple[ControlRoute, ...]] = (
    *_routes(PATH, _clerks),
    *_routes(OPERATIONAL, _owners),
    Route("POST", f"{PATH}/{{endpoint_id}}/recover", _recover),
    Route("POST", f"{PATH}/{{endpoint_id}}/replay-missing", _replay),
)
