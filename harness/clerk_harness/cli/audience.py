"""Who hears of an event: a URL for the moment, or the endpoints that an instance has."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from clerk_harness.clerk import ClerkInstance, Endpoint, Message
from clerk_harness.cli.outcomes import Pair
from clerk_harness.errors import ConfigurationError

__all__ = ["Audience"]


_OURS = {"made_by": "clerk-harness"}
"""Metadata of the endpoints that commands made for the moment."""


class Audience:
    """The endpoints that a command delivers to.

    One that it makes for the moment is disabled afterwards and used again for the same URL, so that
    what arrives there on a second try is known to have arrived.

    Args:
        clerk: The instance.
        to: Where to deliver to; ``None`` for the instance's own endpoints.
        secret: What the endpoint at ``to`` signs with; ``None`` for the instance's.

    Attributes:
        url: ``to``.
        endpoints: Who hears.
        is_own: Whether ``to`` is an enabled endpoint of the instance already, which then is used.

    Raises:
        ConfigurationError: ``to`` is such an endpoint and signs with another secret.
    """

    def __init__(self, clerk: ClerkInstance, to: str | None, secret: str | None) -> None:
        self._clerk = clerk
        self.url = to
        self._secret = secret or clerk.keys.webhook_secret
        self._lent: str | None = None
        self.endpoints = [
            each
            for each in clerk.endpoints.listed()
            if not each.disabled and not _is_ours(each) and to in {None, each.url}
        ]
        self.is_own = to is not None and bool(self.endpoints)
        for endpoint in self.endpoints if self.is_own else ():
            if secret not in {None, endpoint.secret}:
                raise ConfigurationError(
                    f"{to} is {endpoint.id} of this instance, which signs with another secret",
                    "leave --secret out, or give the secret of that endpoint",
                )

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disable the endpoint that was made for the moment."""
        if self._lent is not None:
            self._clerk.endpoints.disable(self._lent)
            self._lent = None

    @property
    def is_for_all(self) -> bool:
        """Whether it is all endpoints that the instance has."""
        return self.url is None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is a URL that is no endpoint of the instance."""
        return self.url is not None and not self.is_own

    def gather(self, *event_types: str) -> None:
        """Have an endpoint at ``to``, if there is none: for these event types, or for all."""
        if self.url is None or self.endpoints:
            return
        listed = self._clerk.endpoints.listed()
        idle = (each for each in listed if self._is_idle(each))
        found = next(idle, None)
        if found is None:
            self._lent = self._clerk.endpoints.add(
                self.url, event_types=event_types, secret=self._secret, metadata=_OURS
            )
        else:
            self._lent = found.id
            self._clerk.endpoints.enable(found.id, event_types=event_types)
        self.endpoints = [each for each in self._clerk.endpoints.listed() if each.id == self._lent]

    def _is_idle(self, endpoint: Endpoint) -> bool:
        fits = endpoint.url == self.url and endpoint.secret == self._secret
        return fits and endpoint.disabled and _is_ours(endpoint)

    def require(self, event_type: str) -> None:
        """See to it that somebody will hear of an event.

        Raises:
            ConfigurationError: Nobody would.
        """
        if not self.is_elsewhere and not any(each.wants(event_type) for each in self.endpoints):
            raise ConfigurationError(
                f"no enabled endpoint of {self._clerk.keys.instance_id} wants {event_type}",
                "say with --to URL where it shall go",
            )

    def pairs(self, messages: Sequence[Message]) -> list[Pair]:
        """Return which messages go to whom."""
        return [
            (message.id, endpoint.id)
            for message in messages
            for endpoint in self.endpoints
            if endpoint.wants(message.event_type)
        ]

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """Return one of them."""
        return next(each for each in self.endpoints if each.id == endpoint_id)


def _is_ours(endpoint: Endpoint) -> bool:
    return endpoint.metadata.items() >= _OURS.items()
