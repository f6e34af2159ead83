"""A receiver of an instance's messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Event
from clerk_fake.webhooks.signing import HeaderNames, OldSecret

__all__ = ["Endpoint", "check_endpoint_url"]

EXPECTED_URL: Final = "an absolute URL such as http://127.0.0.1:8000/webhooks/clerk"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One receiver.

    Attributes:
        id: ``ep_…``.
        url: Where messages are POSTed.
        secret: Signs what is sent to it: ``whsec_…``, or ``whsk_…`` for ed25519.
        event_types: Only these types are sent; empty for all.
        channels: Only messages of one of these channels are sent; empty for all messages.
        disabled: A disabled endpoint gets nothing, also later.
        description: For people.
        uid: The name that its owner gave it, unique in the instance.
        rate_limit: So many messages are sent in any second at most; ``None`` for no limit.
        headers: Sent besides those that every message has.
        metadata: Its owner's.
        old_secrets: Sign as well until they expire.
        header_names: How the headers are called that a receiver verifies.
        created_at: On the instance's clock, ms.
        updated_at: The same.
    """

    id: str
    url: str
    secret: str
    event_types: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    disabled: bool = False
    description: str = ""
    uid: str | None = None
    rate_limit: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    old_secrets: tuple[OldSecret, ...] = ()
    header_names: HeaderNames = "svix"
    created_at: int = 0
    updated_at: int = 0

    def wants(self, event_type: str, channels: Iterable[str] = ()) -> bool:
        """Tell whether a message of this type and these channels is to be sent here now.

        A message without channels is not for an endpoint that listens to some only.
        """
        return (
            not self.disabled
            and (not self.event_types or event_type in self.event_types)
            and (not self.channels or not frozenset(self.channels).isdisjoint(channels))
        )

    def is_to_get(self, event: Event) -> bool:
        """Tell whether a message is to be sent here now."""
        details = event.details
        if details.only_to is not None:
            return not self.disabled and details.only_to == self.id
        return self.wants(event.type, details.channels)

    def check_enabled(self) -> None:
        """Refuse to send anything to a disabled endpoint.

        Raises:
            ApiError: 422, it is disabled.
        """
        if self.disabled:
            raise ApiError.bad_value("endpoint_id", "an endpoint that is enabled; enable it first")


def check_endpoint_url(url: str) -> str:
    """Return ``url`` when messages can be sent to it.

    Raises:
        ApiError: 422, it is no http(s) URL with a host.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as malformed:
        raise ApiError.bad_format("url", EXPECTED_URL) from malformed
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise ApiError.bad_format("url", EXPECTED_URL)
    return url
