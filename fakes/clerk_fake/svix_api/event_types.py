"""``/api/v1/event-type``: Clerk's catalogue, which nobody else can change."""

from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.svix_apps import BEGINNING_MS
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.moments import moment
from clerk_fake.svix_api.pages import Mark, Page, listed, rows_beyond

__all__ = ["PORTAL_ROUTES"]


def _event_type(name: str) -> JsonObject:
    noun, _, happening = name.partition(".")
    return {
        "name": name,
        "description": f"{noun}: {happening}",
        "archived": False,
        "deprecated": False,
        "schemas": None,
        "groupName": noun,
        "featureFlag": None,
        "featureFlags": None,
        "createdAt": moment(BEGINNING_MS),
        "updatedAt": moment(BEGINNING_MS),
    }


def _list(call: SvixCall) -> Response:
    page = Page.of(call.query, falling=False)
    for flag in ("include_archived", "with_content"):
        call.query.boolean(flag)  # nothing is archived, and there are no schemas to leave out
    places = {name: place for place, name in enumerate(sorted(EVENT_TYPES))}
    rows = rows_beyond(page, places, lambda name: Mark(places[name], name))
    return listed(page, rows, _event_type)


def _get(call: SvixCall) -> Response:
    name = call.param("event_type_name")
    if name not in EVENT_TYPES:
        raise ApiError.not_found("event type", name)
    return json_response(_event_type(name))


PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("GET", "/api/v1/event-type", _list),
    Route("GET", "/api/v1/event-type/{event_type_name}", _get),
)
