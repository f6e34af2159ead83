"""Where an instance delivers its webhooks to, and how patiently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from clerk_harness.clerk.wire import Wire

__all__ = ["Endpoint", "Endpoints"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One receiver of an instance's webhooks.

    Attributes:
        id: ``ep_…``.
        url: Where messages are POSTed.
        event_types: Only these are sent; empty for all.
        channels: Only messages on one of these are sent; empty for all.
        disabled: Whether it gets nothing.
        secret: What it verifies with: ``whsec_…``.
        metadata: What its owner keeps with it.
    """

    id: str
    url: str
    event_types: tuple[str, ...]
    channels: tuple[str, ...]
    disabled: bool
    secret: str
    metadata: Mapping[str, str]

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the control plane's JSON."""
        return cls(
            id=wire["id"],
            url=wire["url"],
            event_types=tuple(wire["event_types"]),
            channels=tuple(wire["channels"]),
            disabled=wire["disabled"],
            secret=wire["secret"],
            metadata=wire["metadata"],
        )

    def wants(self, event_type: str) -> bool:
        """Tell whether an event of this type is sent here; Clerk's are on no channel."""
        in_types = not self.event_types or event_type in self.event_types
        return not self.disabled and not self.channels and in_types


class Endpoints:
    """The webhook endpoints of one instance."""

    def __init__(self, control: Wire) -> None:
        self._control = control

    def add(
        self,
        url: str,
        *,
        event_types: Sequence[str] | None = None,
        secret: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Deliver from now on to ``url``; returns the endpoint's id (``ep_…``).

        Args:
            url: Where to.
            event_types: Only these; all when left out.
            secret: ``whsec_…``; the instance's own when left out.
            metadata: To find it again by.
        """
        body: dict[str, object] = {"url": url}
        if secret is not None:
            body["secret"] = secret
        if metadata is not None:
            body["metadata"] = dict(metadata)
        if event_types is not None:
            body["event_types"] = list(event_types)
        return str(self._control.call("POST", "/endpoints", body)["id"])

    def listed(self) -> list[Endpoint]:
        """Return all endpoints, disabled ones too, in the order in which they were made."""
        return [
            Endpoint.from_wire(each) for each in self._control.call("GET", "/endpoints")["data"]
        ]

    def recover(self, endpoint_id: str, *, since_ms: int, until_ms: int) -> int:
        """Send what failed in that time (of the instance's clock) again; returns how many."""
        return self._queued(endpoint_id, "recover", since_ms, until_ms)

    def replay_missing(self, endpoint_id: str, *, since_ms: int, until_ms: int) -> int:
        """Send what the endpoint wants and was never sent in that time; returns how many."""
        return self._queued(endpoint_id, "replay-missing", since_ms, until_ms)

    def _queued(self, endpoint_id: str, what: str, since_ms: int, until_ms: int) -> int:
        span = {"since": since_ms, "until": until_ms}
        return int(self._control.call("POST", f"/endpoints/{endpoint_id}/{what}", span)["queued"])

    def urls(self) -> list[str]:
        """Where enabled endpoints deliver to."""
        listed = self._control.call("GET", "/endpoints")["data"]
        return [endpoint["url"] for endpoint in listed if not endpoint["disabled"]]

    def disable(self, endpoint_id: str) -> None:
        """Stop deliveries; what is emitted meanwhile is never delivered by itself."""
        self._control.call("PATCH", f"/endpoints/{endpoint_id}", {"disabled": True})

    def enable(self, endpoint_id: str, *, event_types: Sequence[str] | None = None) -> None:
        """Deliver again what is emitted from now on: these event types, or those of before."""
        body: dict[str, object] = {"disabled": False}
        if event_types is not None:
            body["event_types"] = list(event_types)
        self._control.call("PATCH", f"/endpoints/{endpoint_id}", body)

    def remove(self, endpoint_id: str) -> None:
        """Forget the endpoint and its pending deliveries."""
        self._control.call("DELETE", f"/endpoints/{endpoint_id}")

    def retry_after(
        self, *delays_s: float, timeout_s: float = 15, overload_s: float | None = None
    ) -> None:
        """Replace Svix's 27.6-hour schedule: the n-th attempt comes ``delays_s[n]`` after the last.

        Args:
            *delays_s: Seconds; the first is usually 0.
            timeout_s: How long the sender waits for an answer.
            overload_s: How long it waits at least after a timeout, or after 429, 502 and 504; the
                longest of the delays is enough. None leaves that as it is, at first 60.
        """
        body = {"delays_s": list(delays_s), "timeout_s": timeout_s, "jitter": 0}
        if overload_s is not None:
            body["overload_s"] = overload_s
        self._control.call("PUT", "/delivery-schedule", body)
