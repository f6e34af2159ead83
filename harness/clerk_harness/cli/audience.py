"""Who hears of an event: a URL for the moment, or the endpoints that an instance has."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from clerk_harness.clerk import ClerkInstance, Endpoint, Message
from clerk_harness.cli.outcomes import Pair
from clerk_harness.errors import ConfigurationError

__all__ = ["Audience"]


class Audience:
    """The endpoints that a command delivers to; one that it made for the moment is removed.

    Args:
        clerk: The instance.
        to: Where to deliver to; ``None`` for the instance's own endpoints.
        secret: What the endpoint at ``to`` signs with; ``None`` for the instance's.

    Attributes:
        endpoints: Who hears.
        is_own: Whether ``to`` is an endpoint of the instance already, which then is used.

    Raises:
        ConfigurationError: ``to`` is such an endpoint and signs with another secret.
    """

    def __init__(self, clerk: ClerkInstance, to: str | None, secret: str | None) -> None:
        self._clerk = clerk
        self._to = to
        self._secret = secret
        self._made: str | None = None
        listed = [each for each in clerk.endpoints.listed() if not each.disabled]
        self.endpoints = [each for each in listed if to is None or each.url == to]
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
        """Remove the endpoint that was made for the moment."""
        if self._made is not None:
            self._clerk.endpoints.remove(self._made)
            self._made = None

    def gather(self, *event_types: str) -> None:
        """Make the endpoint at ``to``, if it is not there: for these event types, or for all."""
        if self._to is None or self.endpoints:
            return
        self._made = self._clerk.endpoints.add(
            self._to, event_types=event_types or None, secret=self._secret
        )
        self.endpoints = [each for each in self._clerk.endpoints.listed() if each.id == self._made]

    def require(self, event_type: str) -> None:
        """See to it that somebody will hear of an event.

        Raises:
            ConfigurationError: Nobody would.
        """
        there = self._to is not None and not self.is_own
        if not there and not any(each.wants(event_type) for each in self.endpoints):
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
