"""``/v1/webhooks/svix`` and ``/v1/webhooks/svix_url``; the fake's dashboard stands for Svix's."""

from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.svix_apps import create_svix_app, delete_svix_app, require_svix_app

__all__ = ["ROUTES"]


def _create(call: Call) -> Response:
    create_svix_app(call.instance)
    return _url(call)


def _generate(call: Call) -> Response:
    require_svix_app(call.instance)
    return _url(call)


def _delete(call: Call) -> Response:
    delete_svix_app(call.instance)
    return empty_response()


def _url(call: Call) -> Response:
    return json_response({"svix_url": call.instance.dashboard_url})


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("POST", "/v1/webhooks/svix", _create),
    Route("DELETE", "/v1/webhooks/svix", _delete),
    Route("POST", "/v1/webhooks/svix_url", _generate),
)
