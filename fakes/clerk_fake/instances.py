"""All instances of a server, found by secret key or by id."""

import hashlib
import hmac
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from clerk_fake.errors import ApiError
from clerk_fake.identities import InstanceRequest, new_identity
from clerk_fake.ids import Ids
from clerk_fake.instance import Identity, Instance
from clerk_fake.limits.settings import Limits
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.webhooks.sender import Sender

__all__ = ["Instances", "Register"]

logger = logging.getLogger(__name__)


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
        live_keys: Whether an instance may have a real secret key, ``sk_live_…``.

    Attributes:
        live_keys: As given.
        register: Hears of every instance that comes or goes; ``None`` for nobody.
    """

    def __init__(
        self, *, shared_key: SharedKey, sender: Sender, base_url: str, live_keys: bool = False
    ) -> None:
        self.live_keys = live_keys
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

    def __contains__(self, instance: Instance) -> bool:
        return self._by_id.get(instance.id) is instance

    def create(self, request: InstanceRequest) -> Instance:
        """Make an instance.

        Raises:
            ApiError: 422 a given key is malformed or a live one; 409 it is in use here.
        """
        identity = new_identity(request, live_keys=self.live_keys)
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
        if identity.production and self.live_keys:
            logger.warning(
                "instance %s has a live secret key: whoever reaches this server can read it",
                identity.instance_id,
            )
        instance = self._build(identity, limits)
        self._by_id[instance.id] = instance
        self._by_key_digest[_digest(identity.secret_key)] = instance
        return instance

    @contextmanager
    def rehearsing(self, instance: Instance) -> Iterator[Instance]:
        """Lend a copy of an instance to try things out; it has an id of its own, and no endpoints.

        Nobody else must get a turn meanwhile: no awaiting inside.
        """
        limits = None if instance.limiter is None else instance.limiter.limits
        identity = replace(instance.identity, instance_id=Ids().new("ins"), seed=None)
        copy = self._build(identity, limits)
        copy.clock.restore(instance.clock.setting())
        for table in instance.state:
            copied = copy.state.of(table.noun)
            for entity in table.oldest_first():
                copied.put(entity)
        self._by_id[copy.id] = copy
        try:
            yield copy
        finally:
            del self._by_id[copy.id]
            copy.close()

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

    def _build(self, identity: Identity, limits: Limits | None) -> Instance:
        return Instance(
            identity,
            shared_key=self._shared_key,
            sender=self._sender,
            base_url=self._base_url,
            limits=limits,
        )


def _digest(secret_key: str) -> bytes:
    return hashlib.sha256(secret_key.encode()).digest()
