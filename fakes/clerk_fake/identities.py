"""What new instances are known by: keys that are given, and keys that are made up."""

import base64
import binascii
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.ids import Ids
from clerk_fake.instance import Identity
from clerk_fake.limits.settings import Limits
from clerk_fake.webhooks.signing import SigningSecret, new_secret

__all__ = ["InstanceRequest", "new_identity"]

LIVE: Final = "sk_live_"
HOST_SUFFIX: Final = ".clerk.accounts.dev"
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
SECRET_KEY: Final = re.compile(r"sk_(?:test|live)_[A-Za-z0-9_-]{1,200}")
FRONTEND_HOST: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,250}\.[a-z0-9-]+(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class InstanceRequest:
    """What a new instance should look like; what is ``None`` is made up.

    Attributes:
        secret_key: ``sk_test_…``.
        publishable_key: ``pk_test_…``; decides the host.
        webhook_secret: ``whsec_…``.
        slug: First label of the Frontend API's host.
        seed: Makes the ids inside the instance repeatable (not its keys: two instances of one
            server may share a seed).
        limits: Says what is allowed, given what Clerk allows such an instance.
    """

    secret_key: str | None = None
    publishable_key: str | None = None
    webhook_secret: str | None = None
    slug: str | None = None
    seed: int | None = None
    limits: Callable[[Limits], Limits | None] = lambda _usual: None


def new_identity(request: InstanceRequest, *, live_keys: bool) -> Identity:
    """Make up what ``request`` leaves open.

    Args:
        request: What is asked for.
        live_keys: Whether a real secret key is taken.

    Raises:
        ApiError: 422, a given key is malformed, or a live one that is not taken.
    """
    ids = Ids()
    secret_key = _secret_key(request, ids, live_keys=live_keys)
    prefix = "pk_live_" if secret_key.startswith(LIVE) else "pk_test_"
    host = _frontend_host(request, ids, prefix)
    publishable_key = prefix + base64.b64encode(f"{host}$".encode()).decode()
    return Identity(
        instance_id=ids.new("ins"),
        frontend_host=host,
        secret_key=secret_key,
        publishable_key=request.publishable_key or publishable_key,
        webhook_secret=_webhook_secret(request),
        seed=request.seed,
    )


def _frontend_host(request: InstanceRequest, ids: Ids, prefix: str) -> str:
    host = None
    if request.publishable_key is not None:
        host = _host_of(request.publishable_key, prefix)
    if request.slug is not None:
        if not SLUG.fullmatch(request.slug):
            raise ApiError.bad_format("slug", "a host label of lower-case letters, digits and -")
        if host is not None and host != request.slug + HOST_SUFFIX:
            raise ApiError.bad_value("slug", "left out, or the one inside publishable_key")
        host = request.slug + HOST_SUFFIX
    return host or f"fake-{ids.text(string.ascii_lowercase + string.digits, 10)}{HOST_SUFFIX}"


def _host_of(publishable_key: str, prefix: str) -> str:
    expected = f"{prefix} and the base64 of a host and '$', e.g. of my-app.clerk.accounts.dev$"
    try:
        encoded = publishable_key.removeprefix(prefix)
        host = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as malformed:
        raise ApiError.bad_format("publishable_key", expected) from malformed
    well_formed = host.endswith("$") and FRONTEND_HOST.fullmatch(host[:-1])
    if not publishable_key.startswith(prefix) or not well_formed:
        raise ApiError.bad_format("publishable_key", expected)
    return host[:-1]


def _secret_key(request: InstanceRequest, ids: Ids, *, live_keys: bool) -> str:
    if request.secret_key is None:
        return "sk_test_" + ids.text(string.ascii_letters + string.digits, 42)
    if request.secret_key.startswith(LIVE) and not live_keys:
        raise ApiError.bad_value(
            "secret_key",
            "a test key (sk_test_…): a live key does not belong on a test machine "
            "(the server's option --allow-live-keys takes one all the same)",
        )
    if not SECRET_KEY.fullmatch(request.secret_key):
        raise ApiError.bad_format("secret_key", "sk_test_ followed by letters and digits")
    return request.secret_key


def _webhook_secret(request: InstanceRequest) -> str:
    if request.webhook_secret is None:
        return new_secret()
    try:
        return SigningSecret(request.webhook_secret).text
    except ValueError as malformed:
        raise ApiError.bad_format("webhook_secret", f"a usable secret: {malformed}") from malformed
