"""All instances of a server, found by secret key or by id."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from clerk_fake.errors import ApiError
from clerk_fake.ids import Ids
from clerk_fake.instance import Identity, Instance
from clerk_fake.limits.settings import Limits
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.webhooks.sender import Sender
from clerk_fake.webhooks.signing import SigningSecret

__all__ = ["InstanceRequest", "Instances", "Register"]

HOST_SUFFIX: Final = ".clerk.accounts.dev"
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
SECRET_KEY: Final = re.compile(r"sk_test_[A-Za-z0-9_-]{1,200}")
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


class Register(Protocol):
    """Writes down which instances there are."""

    def added(self, instance: Instance) -> None:
        """Hear of a new instance."""

    def removed(self, instance: Instance) -> None:
        """Hear that an instance is gone."""


class Instances:
    """The registry of a server.

    Args:
        shared_key: The server's RSA key.
        sender: The server's HTTP client for webhooks.
        base_url: Where the server is reached, without a slash at the end.

    Attributes:
        register: Hears of every instance that comes or goes; ``None`` for nobody.
    """

    def __init__(self, *, shared_key: SharedKey, sender: Sender, base_url: str) -> None:
        self.register: Register | None = None
        self._shared_key = shared_key
        self._base_url = base_url
        self._sender = sender
        self._by_id: dict[str, Instance] = {}
        self._by_key_digest: dict[bytes, Instance] = {}

    def __iter__(self) -> Iterator[Instance]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def create(self, request: InstanceRequest) -> Instance:
        """Make an instance.

        Raises:
            ApiError: 422 a given key is malformed or a live one; 409 it is in use here.
        """
        identity = _identity(request)
        if _digest(identity.secret_key) in self._by_key_digest:
            raise ApiError.of(
                409,
                "duplicate_record",
                "already in use",
                "An instance of this server has this secret_key: delete it first, or use another.",
                param_name="secret_key",
            )
        instance = self.revive(identity, request.limits(identity.usual_limits))
        if self.register is not None:
            self.register.added(instance)
        return instance

    def revive(self, identity: Identity, limits: Limits | None) -> Instance:
        """Have an instance again that there was before, as it was when it was made."""
        instance = Instance(
            identity,
            shared_key=self._shared_key,
            sender=self._sender,
            base_url=self._base_url,
            limits=limits,
        )
        self._by_id[instance.id] = instance
        self._by_key_digest[_digest(identity.secret_key)] = instance
        return instance

    def get(self, instance_id: str) -> Instance:
        """Return the instance with this id.

        Raises:
            ApiError: 404, there is none.
        """
        instance = self._by_id.get(instance_id)
        if instance is None:
            raise ApiError.not_found("instance", instance_id)
        return instance

    def by_secret_key(self, secret_key: str) -> Instance | None:
        """Return the instance that owns ``secret_key``; takes the same time for near misses."""
        instance = self._by_key_digest.get(_digest(secret_key))
        if instance is None:
            return None
        owned = instance.identity.secret_key.encode()
        return instance if hmac.compare_digest(owned, secret_key.encode()) else None

    def delete(self, instance_id: str) -> Instance:
        """Take an instance away, with everything in it.

        Raises:
            ApiError: 404, there is none.
        """
        instance = self.get(instance_id)
        instance.close()
        del self._by_id[instance_id]
        del self._by_key_digest[_digest(instance.identity.secret_key)]
        if self.register is not None:
            self.register.removed(instance)
        return instance


def _identity(request: InstanceRequest) -> Identity:
    ids = Ids()
    host = _frontend_host(request, ids)
    publishable_key = "pk_test_" + base64.b64encode(f"{host}$".encode()).decode()
    return Identity(
        instance_id=ids.new("ins"),
        frontend_host=host,
        secret_key=_secret_key(request, ids),
        publishable_key=request.publishable_key or publishable_key,
        webhook_secret=_webhook_secret(request),
        seed=request.seed,
    )


def _frontend_host(request: InstanceRequest, ids: Ids) -> str:
    host = None
    if request.publishable_key is not None:
        host = _host_of(request.publishable_key)
    if request.slug is not None:
        if not SLUG.fullmatch(request.slug):
            raise ApiError.bad_format("slug", "a host label of lower-case letters, digits and -")
        if host is not None and host != request.slug + HOST_SUFFIX:
            raise ApiError.bad_value("slug", "left out, or the one inside publishable_key")
        host = request.slug + HOST_SUFFIX
    return host or f"fake-{ids.text(string.ascii_lowercase + string.digits, 10)}{HOST_SUFFIX}"


def _host_of(publishable_key: str) -> str:
    expected = "pk_test_ and the base64 of a host and '$', e.g. of my-app.clerk.accounts.dev$"
    try:
        encoded = publishable_key.removeprefix("pk_test_")
        host = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as malformed:
        raise ApiError.bad_format("publishable_key", expected) from malformed
    well_formed = host.endswith("$") and FRONTEND_HOST.fullmatch(host[:-1])
    if not publishable_key.startswith("pk_test_") or not well_formed:
        raise ApiError.bad_format("publishable_key", expected)
    return host[:-1]


def _secret_key(request: InstanceRequest, ids: Ids) -> str:
    if request.secret_key is None:
        return "sk_test_" + ids.text(string.ascii_letters + string.digits, 42)
    if request.secret_key.startswith("sk_live_"):
        raise ApiError.bad_value(
            "secret_key", "a test key (sk_test_…): a live key does not belong on a test machine"
        )
    if not SECRET_KEY.fullmatch(request.secret_key):
        raise ApiError.bad_format("secret_key", "sk_test_ followed by letters and digits")
    return request.secret_key


def _webhook_secret(request: InstanceRequest) -> str:
    if request.webhook_secret is None:
        return SigningSecret.of_bytes(secrets.token_bytes(24)).text
    try:
        return SigningSecret(request.webhook_secret).text
    except ValueError as malformed:
        raise ApiError.bad_format("webhook_secret", f"a usable secret: {malformed}") from malformed


def _digest(secret_key: str) -> bytes:
    return hashlib.sha256(secret_key.encode()).digest()
