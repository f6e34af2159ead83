"""The webhook endpoints of an instance."""

from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.webhooks.endpoints import check_endpoint_url
from clerk_fake.webhooks.signing import SigningSecret

__all__ = ["ROUTES"]


def _list(call: ControlCall) -> Response:
    return json_response({"data": list(call.instance.endpoints)})


def _create(call: ControlCall) -> Response:
    instance = call.instance
    fields = call.request.fields()
    fields.allow_only({"url", "event_types", "secret"})
    url = check_endpoint_url(fields.required_text("url"))
    event_types = fields.texts("event_types")
    unknown = sorted(set(event_types) - EVENT_TYPES)
    if unknown:
        raise ApiError.bad_value(
            "event_types", f"of Clerk's catalogue, which has no {', '.join(unknown)}"
        )
    secret = _checked_secret(fields.text("secret")) or instance.identity.webhook_secret
    return json_response(instance.endpoints.create(url, event_types, secret), 201)


def _update(call: ControlCall) -> Response:
    instance = call.instance
    fields = call.request.fields()
    fields.allow_only({"url", "disabled"})
    url = fields.text("url")
    endpoint = instance.endpoints.update(
        call.param("endpoint_id"),
        url=None if url is None else check_endpoint_url(url),
        disabled=fields.boolean("disabled"),
    )
    return json_response(endpoint)


def _delete(call: ControlCall) -> Response:
    endpoint = call.instance.endpoints.delete(call.param("endpoint_id"))
    return json_response({"id": endpoint.id, "object": "endpoint", "deleted": True})


def _checked_secret(secret: str | None) -> str | None:
    if secret is None:
        return None
    try:
        return SigningSecret(secret).text
    except ValueError as malformed:
        raise ApiError.bad_format("secret", f"a usable secret: {malformed}") from malformed


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/endpoints", _list),
    Route("POST", "/__fake__/instances/{instance_id}/endpoints", _create),
    Route("PATCH", "/__fake__/instances/{instance_id}/endpoints/{endpoint_id}", _update),
    Route("DELETE", "/__fake__/instances/{instance_id}/endpoints/{endpoint_id}", _delete),
)
