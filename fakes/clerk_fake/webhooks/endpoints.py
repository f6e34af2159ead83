"""Where an instance's events are sent."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from clerk_fake.errors import ApiError
from clerk_fake.webhooks.endpoint import Endpoint

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["EndpointChange", "Endpoints"]


@dataclass(frozen=True, slots=True)
class EndpointChange:
    """Something that happened to an endpoint; disabling and enabling are updates as well.

    Attributes:
        what: What happened.
        endpoint: As it is since, or was when it was deleted.
        automatic: Whether deliveries brought it about, and nobody by hand.
        failing_since: When its deliveries began to fail, if that is why; instance's clock, ms.
    """

    what: Literal["created", "updated", "deleted", "disabled", "enabled"]
    endpoint: Endpoint
    automatic: bool = False
    failing_since: int | None = None


Listener: TypeAlias = Callable[[EndpointChange], None]


class Endpoints:
    """The endpoints of one instance, in order of creation."""

    def __init__(self) -> None:
        self.changes: Changes | None = None
        self._by_id: dict[str, Endpoint] = {}
        self._listeners: list[Listener] = []

    def on_change(self, listener: Listener) -> None:
        """Call ``listener`` with every change from now on, right after it was made."""
        self._listeners.append(listener)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, endpoint_id: str) -> Endpoint | None:
        """Return the endpoint with this id, if there is one."""
        return self._by_id.get(endpoint_id)

    def named(self, uid: str) -> Endpoint | None:
        """Return the endpoint to which its owner gave this name, if there is one."""
        return next((each for each in self._by_id.values() if each.uid == uid), None)

    def require(self, id_or_uid: str) -> Endpoint:
        """Return the endpoint with this id, or with this name of its owner's.

        Raises:
            ApiError: 404, there is none.
        """
        endpoint = self._by_id.get(id_or_uid) or self.named(id_or_uid)
        if endpoint is None:
            raise ApiError.not_found("endpoint", id_or_uid)
        return endpoint

    def add(self, endpoint: Endpoint) -> None:
        """Have one more, for events from now on."""
        self._keep(endpoint)
        self._tell(EndpointChange("created", endpoint))

    def change(
        self, endpoint: Endpoint, *, automatic: bool = False, failing_since: int | None = None
    ) -> None:
        """Have ``endpoint`` instead of the one with its id; the rest is told to the listeners."""
        old = self.require(endpoint.id)
        self._keep(endpoint)
        self._tell(EndpointChange("updated", endpoint))
        if endpoint.disabled and not old.disabled:
            self._tell(EndpointChange("disabled", endpoint, automatic, failing_since))
        elif old.disabled and not endpoint.disabled:
            self._tell(EndpointChange("enabled", endpoint))

    def disable(self, endpoint_id: str, *, at: int, failing_since: int | None = None) -> None:
        """Disable an endpoint because of what its receiver answers, if it is not disabled yet."""
        endpoint = self._by_id.get(endpoint_id)
        if endpoint is not None and not endpoint.disabled:
            disabled = replace(endpoint, disabled=True, updated_at=at)
            self.change(disabled, automatic=True, failing_since=failing_since)

    def delete(self, endpoint: Endpoint) -> None:
        """Take an endpoint away."""
        del self._by_id[endpoint.id]
        if self.changes is not None:
            self.changes.remove("endpoints", endpoint.id)
        self._tell(EndpointChange("deleted", endpoint))

    def replace_all(self, endpoints: Iterable[Endpoint]) -> None:
        """Have exactly these endpoints (from a snapshot, or none); nobody is told."""
        self._by_id = {}
        if self.changes is not None:
            self.changes.wipe("endpoints")
        for endpoint in endpoints:
            self._keep(endpoint)

    def _keep(self, endpoint: Endpoint) -> None:
        self._by_id[endpoint.id] = endpoint
        if self.changes is not None:
            self.changes.put("endpoints", endpoint.id, endpoint)

    def _tell(self, change: EndpointChange) -> None:
        for listener in self._listeners:
            listener(change)
