"""The endpoints of an instance: making, changing and ending them, and what can be said of them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Final
from urllib.parse import urlsplit

from clerk_fake.errors import ApiError
from clerk_fake.events.catalogue import EVENT_TYPES
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import Between, Length
from clerk_fake.model.svix_names import CHANNEL, MOST_CHANNELS
from clerk_fake.model.unset import UNSET, Unset, applied
from clerk_fake.webhooks.endpoint import Endpoint, check_endpoint_url
from clerk_fake.webhooks.endpoints import Endpoints
from clerk_fake.webhooks.signing import HeaderNames, rotated, signing_key

__all__ = [
    "EndpointChanges",
    "EndpointDraft",
    "change_endpoint",
    "check_secret",
    "create_endpoint",
    "delete_endpoint",
    "rotate_secret",
]

MOST_PER_SECOND: Final = 1_000_000
NAME: Final = re.compile(r"(?!\.{1,2}$)[a-zA-Z0-9\-_.]{1,256}")
"""Dots alone would mean something else in the path of a URL."""
HEADER_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}")
HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,4096}")
OURS: Final = re.compile(
    r"svix-.*|webhook-.*|host|content-(?:length|type)|transfer-encoding|connection|user-agent|te"
    r"|upgrade|trailer|expect",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """What is said when an endpoint is made; the rest as in ``Endpoint``.

    Attributes:
        secret: ``None`` for the one that the caller offers.
    """

    url: str
    secret: str | None = None
    event_types: tuple[str, ...] = ()
    channels: Annotated[tuple[str, ...], Length(0, MOST_CHANNELS)] = ()
    disabled: bool = False
    description: Annotated[str, Length(0, 10_000)] = ""
    uid: str | None = None
    rate_limit: Annotated[int, Between(1, MOST_PER_SECOND)] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    header_names: HeaderNames = "svix"


@dataclass(frozen=True, slots=True)
class EndpointChanges:
    """What is changed of an endpoint; as in ``Endpoint``."""

    url: str | Unset = UNSET
    event_types: tuple[str, ...] | Unset = UNSET
    channels: Annotated[tuple[str, ...], Length(0, MOST_CHANNELS)] | Unset = UNSET
    disabled: bool | Unset = UNSET
    description: Annotated[str, Length(0, 10_000)] | Unset = UNSET
    uid: str | Unset | None = UNSET
    rate_limit: Annotated[int, Between(1, MOST_PER_SECOND)] | Unset | None = UNSET
    headers: Mapping[str, str] | Unset = UNSET
    metadata: Mapping[str, str] | Unset = UNSET
    header_names: HeaderNames | Unset = UNSET


def create_endpoint(
    instance: Instance,
    endpoints: Endpoints,
    draft: EndpointDraft,
    *,
    secret: str,
    known_types: Collection[str] = EVENT_TYPES,
) -> Endpoint:
    """Add an endpoint for messages from now on.

    Args:
        instance: Whose.
        endpoints: Those for Clerk's events, or for operational ones.
        draft: What it is like.
        secret: Signs what is sent to it, unless the draft has one.
        known_types: Event types that it may ask for.

    Raises:
        ApiError: 422, something about it is wrong. 409, its uid is taken.
    """
    now = instance.clock.now_ms()
    endpoint = Endpoint(
        id=instance.ids.new("ep"),
        url=draft.url,
        secret=check_secret(draft.secret or secret),
        event_types=draft.event_types,
        channels=draft.channels,
        disabled=draft.disabled,
        description=draft.description,
        uid=draft.uid,
        rate_limit=draft.rate_limit,
        headers=draft.headers,
        metadata=draft.metadata,
        header_names=draft.header_names,
        created_at=now,
        updated_at=now,
    )
    _check(endpoints, endpoint, known_types)
    _check_host(instance, endpoint.url)
    endpoints.add(endpoint)
    return endpoint


def change_endpoint(
    instance: Instance,
    endpoints: Endpoints,
    endpoint: Endpoint,
    changes: EndpointChanges,
    *,
    known_types: Collection[str] = EVENT_TYPES,
) -> Endpoint:
    """Change an endpoint; arguments as for ``create_endpoint``.

    Raises:
        ApiError: 422, something about it would be wrong. 409, its uid is taken.
    """
    changed = replace(applied(endpoint, changes), updated_at=instance.clock.now_ms())
    _check(endpoints, changed, known_types)
    if changed.url != endpoint.url:
        _check_host(instance, changed.url)
    endpoints.change(changed)
    return changed


def delete_endpoint(endpoints: Endpoints, endpoint: Endpoint) -> None:
    """Take an endpoint away; what is pending for it is given up."""
    endpoints.delete(endpoint)


def rotate_secret(
    instance: Instance, endpoints: Endpoints, endpoint: Endpoint, new: str, *, grace_ms: int
) -> Endpoint:
    """Sign with ``new`` from now on, and with the secret until now as well for ``grace_ms``.

    Raises:
        ApiError: 422, the new secret or the grace is none. 400, it was rotated too often.
    """
    now = instance.clock.now_ms()
    rotation = rotated(
        endpoint.secret,
        endpoint.old_secrets,
        check_secret(new),
        now_ms=now,
        grace_ms=grace_ms,
    )
    changed = replace(
        endpoint, secret=rotation.secret, old_secrets=rotation.old_secrets, updated_at=now
    )
    endpoints.change(changed)
    return changed


def _check(endpoints: Endpoints, endpoint: Endpoint, known_types: Collection[str]) -> None:
    check_endpoint_url(endpoint.url)
    unknown = sorted(set(endpoint.event_types) - set(known_types))
    if unknown:
        raise ApiError.bad_value(
            "event_types", f"of Clerk's catalogue, which has no {', '.join(unknown)}"
        )
    if not all(map(CHANNEL.fullmatch, endpoint.channels)):
        raise ApiError.bad_format("channels", f"names that match {CHANNEL.pattern}")
    if endpoint.uid is not None:
        _check_uid(endpoints, endpoint.id, endpoint.uid)
    for name, value in endpoint.headers.items():
        _check_header(name, value)
    if len({name.lower() for name in endpoint.headers}) < len(endpoint.headers):
        raise ApiError.bad_value("headers", "without one name twice, in capitals or not")


def _check_host(instance: Instance, url: str) -> None:
    """Refuse what the guard would refuse at every attempt; names show only then where they lead."""
    if instance.guard is None:
        return
    objection = instance.guard.objection(urlsplit(url).hostname or "")
    if objection is not None:
        raise ApiError.bad_value("url", f"one that webhooks may go to: {objection}")


def _check_uid(endpoints: Endpoints, endpoint_id: str, uid: str) -> None:
    if not NAME.fullmatch(uid):
        raise ApiError.bad_format("uid", f"a name that matches {NAME.pattern}")
    holder = endpoints.named(uid)
    if holder is not None and holder.id != endpoint_id:
        raise ApiError.of(
            409, "conflict", "conflict", f"{holder.id} has the uid {uid} already.", param_name="uid"
        )


def _check_header(name: str, value: str) -> None:
    if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
        raise ApiError.bad_format("headers", "names and values that HTTP allows, on one line")
    if OURS.fullmatch(name):
        raise ApiError.bad_value("headers", f"others than {name}, which the sender sets itself")


def check_secret(secret: str, param: str = "secret") -> str:
    """Return a secret as it is kept; ``param`` is what its sender calls it.

    Raises:
        ApiError: 422, it is none.
    """
    try:
        return signing_key(secret).text
    except ValueError as malformed:
        raise ApiError.bad_format(param, f"a usable secret: {malformed}") from malformed
