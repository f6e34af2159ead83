"""``/api/v1/app``: the one app of an instance."""

from typing import Final

from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.svix_apps import (
    AppDraft,
    AppPatch,
    change_svix_app,
    close_svix_app,
    open_svix_app,
    svix_app,
)
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.moments import moment
from clerk_fake.svix_api.pages import Mark, Page, listed, rows_beyond

__all__ = ["PORTAL_ROUTES", "ROUTES"]


def _application(instance: Instance) -> JsonObject:
    app = svix_app(instance)
    return {
        "id": app.id,
        "uid": app.uid,
        "name": app.name or instance.id,
        "rateLimit": app.throttle_rate,
        "throttleRate": app.throttle_rate,
        "metadata": app.metadata,
        "createdAt": moment(app.created_at),
        "updatedAt": moment(app.updated_at or app.created_at),
    }


def _list(call: SvixCall) -> Response:
    query = call.query
    page = Page.of(query, falling=False)
    endpoints = list(call.instance.endpoints)
    shown = endpoints or not query.boolean("exclude_apps_with_no_endpoints")
    if query.boolean("exclude_apps_with_disabled_endpoints") and endpoints:
        shown = not all(endpoint.disabled for endpoint in endpoints)
    apps = [call.instance] if shown else []
    rows = rows_beyond(page, apps, lambda _instance: Mark(0, svix_app(call.instance).id))
    return listed(page, rows, _application)


def _create(call: SvixCall) -> Response:
    if_exists = call.query.boolean("get_if_exists") is True
    _, fresh = open_svix_app(call.instance, call.form(AppDraft), if_exists=if_exists)
    return json_response(_application(call.instance), 201 if fresh else 200)


def _get(call: SvixCall) -> Response:
    return json_response(_application(call.instance))


def _update(call: SvixCall) -> Response:
    change_svix_app(call.instance, call.form(AppDraft))
    return json_response(_application(call.instance))


def _patch(call: SvixCall) -> Response:
    change_svix_app(call.instance, call.form(AppPatch))
    return json_response(_application(call.instance))


def _delete(call: SvixCall) -> Response:
    close_svix_app(call.instance)
    return empty_response()


ROUTES: Final[tuple[SvixRoute, ...]] = (
    Route("GET", "/api/v1/app", _list),
    Route("POST", "/api/v1/app", _create),
    Route("PUT", "/api/v1/app/{app_id}", _update),
    Route("PATCH", "/api/v1/app/{app_id}", _patch),
    Route("DELETE", "/api/v1/app/{app_id}", _delete),
)

PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = (Route("GET", "/api/v1/app/{app_id}", _get),)
