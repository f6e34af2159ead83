"""Webhook endpoints: those of the app, and those of its owner for operational messages."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeVar

from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.endpoints import (
    EndpointChanges,
    EndpointDraft,
    change_endpoint,
    create_endpoint,
    delete_endpoint,
)
from clerk_fake.model.svix_apps import MOST_PER_SECOND
from clerk_fake.model.svix_headers import check_svix_headers
from clerk_fake.model.svix_metadata import check_svix_metadata
from clerk_fake.model.svix_names import check_channels, check_uid
from clerk_fake.model.unset import UNSET, Unset
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.moments import moment
from clerk_fake.svix_api.pages import Mark, Page, listed, rows_beyond
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.endpoints import Endpoints
from clerk_fake.webhooks.operational import OPERATIONAL_TYPES
from clerk_fake.webhooks.signing import new_secret

__all__ = ["APP", "OPERATIONAL", "Receivers", "common_of", "routes_of"]

V = TypeVar("V")
W = TypeVar("W")
PerSecond = Annotated[int, Between(1, MOST_PER_SECOND)]
Url = Annotated[str, Length(1, 65_536)]
Types = Annotated[tuple[str, ...], Length(1, 1000)]
Description = Annotated[str, Length(0, 4096)]


@dataclass(frozen=True, slots=True)
class Receivers:
    """Endpoints of one sort.

    Attributes:
        path: Where they are.
        of: Those of an instance.
        known_types: What they may listen to.
        listen_to_channels: Whether messages to them have channels.
    """

    path: str
    of: Callable[[Instance], Endpoints]
    known_types: Collection[str]
    listen_to_channels: bool

    def named_in(self, call: SvixCall) -> Endpoint:
        """Return the endpoint that the path names.

        Raises:
            ApiError: 404, there is none.
        """
        return self.of(call.instance).require(call.param("endpoint_id"))


APP: Final = Receivers(
    "/api/v1/app/{app_id}/endpoint",
    lambda instance: instance.endpoints,
    EVENT_TYPES,
    listen_to_channels=True,
)
OPERATIONAL: Final = Receivers(
    "/api/v1/operational-webhook/endpoint",
    lambda instance: instance.operational.outbox.endpoints,
    OPERATIONAL_TYPES,
    listen_to_channels=False,
)


@dataclass(frozen=True, slots=True)
class _Whole:
    """All that is said of an endpoint when it is replaced."""

    url: Url
    description: Description = ""
    throttle_rate: PerSecond | None = None
    rate_limit: PerSecond | None = None
    uid: str | None = None
    disabled: bool = False
    event_types: Types | None = None
    filter_types: Types | None = None
    channels: tuple[str, ...] | None = None
    metadata: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _New(_Whole):
    """The same of a new one."""

    secret: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    """What is to be different."""

    url: Url | Unset = UNSET
    description: Description | Unset = UNSET
    throttle_rate: PerSecond | Unset | None = UNSET
    uid: str | Unset | None = UNSET
    disabled: bool | Unset = UNSET
    event_types: Types | Unset | None = UNSET
    channels: tuple[str, ...] | Unset | None = UNSET
    metadata: JsonObject | Unset = UNSET


def common_of(endpoint: Endpoint) -> JsonObject:
    """Write what Svix tells of an endpoint everywhere."""
    event_types = list(endpoint.event_types) or None
    return {
        "id": endpoint.id,
        "uid": endpoint.uid,
        "url": endpoint.url,
        "version": 1,
        "description": endpoint.description,
        "disabled": endpoint.disabled,
        "rateLimit": endpoint.rate_limit,
        "throttleRate": endpoint.rate_limit,
        "eventTypes": event_types,
        "filterTypes": event_types,
        "channels": list(endpoint.channels) or None,
        "createdAt": moment(endpoint.created_at),
        "updatedAt": moment(endpoint.updated_at),
    }


def routes_of(receivers: Receivers) -> Iterator[SvixRoute]:
    """Yield the operations that make, show, change and end endpoints of one sort."""

    def bound(handler: Callable[[SvixCall, Receivers], Response]) -> Callable[..., Response]:
        return lambda call: handler(call, receivers)

    one = f"{receivers.path}/{{endpoint_id}}"
    yield Route("GET", receivers.path, bound(_list))
    yield Route("POST", receivers.path, bound(_create))
    yield Route("GET", one, bound(_get))
    yield Route("PUT", one, bound(_replace))
    yield Route("PATCH", one, bound(_patch))
    yield Route("DELETE", one, bound(_delete))


def _written(endpoint: Endpoint) -> JsonObject:
    return common_of(endpoint) | {"metadata": endpoint.metadata}


def _list(call: SvixCall, receivers: Receivers) -> Response:
    page = Page.of(call.query, falling=True)
    endpoints = receivers.of(call.instance)
    rows = rows_beyond(page, endpoints, lambda each: Mark(each.created_at, each.id))
    return listed(page, rows, _written)


def _get(call: SvixCall, receivers: Receivers) -> Response:
    return json_response(_written(receivers.named_in(call)))


def _create(call: SvixCall, receivers: Receivers) -> Response:
    return json_response(_written(_created(call, receivers, call.form(_New))), 201)


def _replace(call: SvixCall, receivers: Receivers) -> Response:
    wanted = call.form(_Whole)
    endpoints, name = receivers.of(call.instance), call.param("endpoint_id")
    there = endpoints.get(name) or endpoints.named(name)
    if there is None:
        return json_response(_written(_created(call, receivers, wanted)), 201)
    changes = EndpointChanges(
        url=wanted.url,
        event_types=wanted.event_types or wanted.filter_types or (),
        channels=check_channels(wanted.channels),
        disabled=wanted.disabled,
        description=wanted.description,
        uid=_checked_uid(wanted.uid),
        rate_limit=wanted.throttle_rate or wanted.rate_limit,
        metadata=check_svix_metadata(wanted.metadata),
    )
    return json_response(_written(_changed(call, receivers, there, changes)))


def _patch(call: SvixCall, receivers: Receivers) -> Response:
    there = receivers.named_in(call)
    part = call.form(_Part)
    changes = EndpointChanges(
        url=part.url,
        event_types=_unless_unset(part.event_types, lambda types: types or ()),
        channels=_unless_unset(part.channels, check_channels),
        disabled=part.disabled,
        description=part.description,
        uid=_unless_unset(part.uid, _checked_uid),
        rate_limit=part.throttle_rate,
        metadata=_unless_unset(part.metadata, check_svix_metadata),
    )
    return json_response(_written(_changed(call, receivers, there, changes)))


def _delete(call: SvixCall, receivers: Receivers) -> Response:
    delete_endpoint(receivers.of(call.instance), receivers.named_in(call))
    return empty_response()


def _created(call: SvixCall, receivers: Receivers, wanted: _Whole) -> Endpoint:
    draft = EndpointDraft(
        url=wanted.url,
        secret=wanted.secret if isinstance(wanted, _New) else None,
        event_types=wanted.event_types or wanted.filter_types or (),
        channels=check_channels(wanted.channels),
        disabled=wanted.disabled,
        description=wanted.description,
        uid=_checked_uid(wanted.uid),
        rate_limit=wanted.throttle_rate or wanted.rate_limit,
        headers=check_svix_headers(wanted.headers) if isinstance(wanted, _New) else {},
        metadata=check_svix_metadata(wanted.metadata),
    )
    return create_endpoint(
        call.instance,
        receivers.of(call.instance),
        draft,
        secret=new_secret(),
        known_types=receivers.known_types,
    )


def _changed(
    call: SvixCall, receivers: Receivers, endpoint: Endpoint, changes: EndpointChanges
) -> Endpoint:
    return change_endpoint(
        call.instance,
        receivers.of(call.instance),
        endpoint,
        changes,
        known_types=receivers.known_types,
    )


def _unless_unset(value: V | Unset, read: Callable[[V], W]) -> W | Unset:
    return value if isinstance(value, Unset) else read(value)


def _checked_uid(uid: str | None) -> str | None:
    return None if uid is None else check_uid(uid, "uid", kind="ep")
