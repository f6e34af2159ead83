"""What an endpoint signs with, and the headers that it gets besides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from clerk_fake.errors import ApiError
from clerk_fake.http.response import Response, empty_response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import Between, JsonObject
from clerk_fake.model.endpoints import EndpointChanges, change_endpoint, check_secret, rotate_secret
from clerk_fake.model.svix_headers import check_svix_headers, is_sensitive
from clerk_fake.svix_api.call import SvixCall, SvixRoute
from clerk_fake.svix_api.endpoints import APP, OPERATIONAL, Receivers
from clerk_fake.webhooks.signing import DEFAULT_GRACE_MS, MAX_GRACE_MS, new_secret, signing_key

__all__ = ["PORTAL_ROUTES", "ROUTES"]

DAY_S: Final = DEFAULT_GRACE_MS // 1000


@dataclass(frozen=True, slots=True)
class _Rotation:
    """The new secret, one that is made up when none is given, and how long the old one goes on."""

    key: str | None = None
    grace_period_seconds: Annotated[int, Between(0, MAX_GRACE_MS // 1000)] = DAY_S


@dataclass(frozen=True, slots=True)
class _Headers:
    """All headers."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _HeadersPatch:
    """Headers to be set, to null for none, and the names of those to be taken away."""

    headers: JsonObject = field(default_factory=dict)
    delete_headers: tuple[str, ...] = ()


def _secret(call: SvixCall, receivers: Receivers) -> Response:
    return json_response({"key": signing_key(receivers.named_in(call).secret).public_text})


def _rotate(call: SvixCall, receivers: Receivers) -> Response:
    wanted = call.form(_Rotation)
    rotated = rotate_secret(
        call.instance,
        receivers.of(call.instance),
        receivers.named_in(call),
        check_secret(wanted.key, "key") if wanted.key else new_secret(),
        grace_ms=wanted.grace_period_seconds * 1000,
    )
    return json_response({"key": signing_key(rotated.secret).public_text})


def _headers(call: SvixCall, receivers: Receivers) -> Response:
    headers = receivers.named_in(call).headers
    sensitive = [name for name in headers if is_sensitive(name)]
    shown = {name: value for name, value in headers.items() if name not in sensitive}
    return json_response({"headers": shown, "sensitive": sensitive})


def _set_headers(call: SvixCall, receivers: Receivers) -> Response:
    return _with_headers(call, receivers, call.form(_Headers).headers)


def _patch_headers(call: SvixCall, receivers: Receivers) -> Response:
    patch = call.form(_HeadersPatch)
    gone = {name.lower() for name in (*patch.headers, *patch.delete_headers)}
    there = receivers.named_in(call).headers
    headers = {name: value for name, value in there.items() if name.lower() not in gone}
    for name, value in patch.headers.items():
        if isinstance(value, str):
            headers[name] = value
        elif value is not None:
            raise ApiError.bad_format(f"headers.{name[:100]}", "a string or null")
    return _with_headers(call, receivers, headers)


def _with_headers(call: SvixCall, receivers: Receivers, headers: Mapping[str, str]) -> Response:
    change_endpoint(
        call.instance,
        receivers.of(call.instance),
        receivers.named_in(call),
        EndpointChanges(headers=check_svix_headers(headers)),
        known_types=receivers.known_types,
    )
    return empty_response()


def _routes_of(receivers: Receivers) -> Iterator[SvixRoute]:
    def bound(
        handler: Callable[[SvixCall, Receivers], Response],
    ) -> Callable[[SvixCall], Response]:
        return lambda call: handler(call, receivers)

    one = f"{receivers.path}/{{endpoint_id}}"
    yield Route("GET", f"{one}/secret", bound(_secret))
    yield Route("POST", f"{one}/secret/rotate", bound(_rotate))
    yield Route("GET", f"{one}/headers", bound(_headers))
    yield Route("PUT", f"{one}/headers", bound(_set_headers))
    yield Route("PATCH", f"{one}/headers", bound(_patch_headers))


ROUTES: Final[tuple[SvixRoute, ...]] = tuple(_routes_of(OPERATIONAL))
PORTAL_ROUTES: Final[tuple[SvixRoute, ...]] = tuple(_routes_of(APP))
