"""Where an instance delivers its webhooks to, and how patiently."""

from collections.abc import Sequence

from clerk_harness.clerk.wire import Wire

__all__ = ["Endpoints"]


class Endpoints:
    """The webhook endpoints of one instance."""

    def __init__(self, control: Wire) -> None:
        self._control = control

    def add(self, url: str, *, event_types: Sequence[str] | None = None) -> str:
        """Deliver from now on to ``url``; returns the endpoint's id (``ep_…``)."""
        body: dict[str, object] = {"url": url}
        if event_types is not None:
            body["event_types"] = list(event_types)
        return str(self._control.call("POST", "/endpoints", body)["id"])

    def urls(self) -> list[str]:
        """Where enabled endpoints deliver to."""
        listed = self._control.call("GET", "/endpoints")["data"]
        return [endpoint["url"] for endpoint in listed if not endpoint["disabled"]]

    def disable(self, endpoint_id: str) -> None:
        """Stop deliveries; what is emitted meanwhile is never delivered by itself."""
        self._control.call("PATCH", f"/endpoints/{endpoint_id}", {"disabled": True})

    def enable(self, endpoint_id: str) -> None:
        """Deliver again what is emitted from now on."""
        self._control.call("PATCH", f"/endpoints/{endpoint_id}", {"disabled": False})

    def remove(self, endpoint_id: str) -> None:
        """Forget the endpoint and its pending deliveries."""
        self._control.call("DELETE", f"/endpoints/{endpoint_id}")

    def retry_after(self, *delays_s: float, timeout_s: float = 15) -> None:
        """Replace Svix's 27.6-hour schedule: the n-th attempt comes ``delays_s[n]`` after the last.

        Args:
            *delays_s: Seconds; the first is usually 0.
            timeout_s: How long the sender waits for an answer.
        """
        body = {"delays_s": list(delays_s), "timeout_s": timeout_s, "jitter": 0}
        self._control.call("PUT", "/delivery-schedule", body)
