"""Where an instance's events are sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clerk_fake.errors import ApiError
from clerk_fake.ids import Ids

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["Endpoint", "Endpoints", "check_endpoint_url"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One receiver.

    Attributes:
        id: ``ep_…``.
        url: Where messages are POSTed.
        event_types: Only these types are sent; empty for all.
        disabled: A disabled endpoint gets nothing, also later.
        secret: Signs what is sent to it.
    """

    id: str
    url: str
    event_types: tuple[str, ...]
    disabled: bool
    secret: str

    def wants(self, event_type: str) -> bool:
        """Tell whether an event of this type is to be sent here now."""
        return not self.disabled and (not self.event_types or event_type in self.event_types)


class Endpoints:
    """The endpoints of one instance, in order of creation.

    Args:
        ids: Makes their ids.
    """

    def __init__(self, ids: Ids) -> None:
        self.changes: Changes | None = None
        self._ids = ids
        self._by_id: dict[str, Endpoint] = {}
        self._stop_listeners: list[Callable[[str], None]] = []

    def on_stop(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the id of every endpoint that is disabled or deleted."""
        self._stop_listeners.append(listener)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(tuple(self._by_id.values()))

    def get(self, endpoint_id: str) -> Endpoint | None:
        """Return the endpoint with this id, if there is one."""
        return self._by_id.get(endpoint_id)

    def require(self, endpoint_id: str) -> Endpoint:
        """Return the endpoint with this id.

        Raises:
            ApiError: 404, there is none.
        """
        endpoint = self._by_id.get(endpoint_id)
        if endpoint is None:
            raise ApiError.not_found("endpoint", endpoint_id)
        return endpoint

    def create(self, url: str, event_types: tuple[str, ...], secret: str) -> Endpoint:
        """Add an endpoint for events from now on."""
        endpoint = Endpoint(
            id=self._ids.new("ep"), url=url, event_types=event_types, disabled=False, secret=secret
        )
        self._keep(endpoint)
        return endpoint

    def update(
        self, endpoint_id: str, *, url: str | None = None, disabled: bool | None = None
    ) -> Endpoint:
        """Change an endpoint; what is ``None`` stays as it is."""
        old = self.require(endpoint_id)
        new = replace(
            old,
            url=old.url if url is None else url,
            disabled=old.disabled if disabled is None else disabled,
        )
        self._keep(new)
        if new.disabled and not old.disabled:
            self._tell_stopped(endpoint_id)
        return new

    def delete(self, endpoint_id: str) -> Endpoint:
        """Take an endpoint away and return what it was."""
        endpoint = self.require(endpoint_id)
        del self._by_id[endpoint_id]
        if self.changes is not None:
            self.changes.remove("endpoints", endpoint_id)
        self._tell_stopped(endpoint_id)
        return endpoint

    def replace_all(self, endpoints: tuple[Endpoint, ...]) -> None:
        """Have exactly these endpoints (from a snapshot, or none)."""
        self._by_id = {}
        if self.changes is not None:
            self.changes.wipe("endpoints")
        for endpoint in endpoints:
            self._keep(endpoint)

    def _keep(self, endpoint: Endpoint) -> None:
        self._by_id[endpoint.id] = endpoint
        if self.changes is not None:
            self.changes.put("endpoints", endpoint.id, endpoint)

    def _tell_stopped(self, endpoint_id: str) -> None:
        for listener in self._stop_listeners:
            listener(endpoint_id)


def check_endpoint_url(url: str) -> str:
    """Return ``url`` when messages can be sent to it.

    Raises:
        ApiError: 422, it is no http(s) URL with a host.
    """
    expected = "an absolute URL such as http://127.0.0.1:8000/webhooks/clerk"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as malformed:
        raise ApiError.bad_format("url", expected) from malformed
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise ApiError.bad_format("url", expected)
    return url
