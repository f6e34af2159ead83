"""An endpoint is disabled for a while."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar

from clerk_fake.events.log import Event
from clerk_fake.faults.delivery.passage import BegunDeliveryFault, DeliveryFault, instance_of
from clerk_fake.faults.delivery.where import Where
from clerk_fake.faults.fault import Onset
from clerk_fake.faults.tally import Tally
from clerk_fake.instance import Instance
from clerk_fake.webhooks.deliveries import DeliveryState
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.recovery import failed_since, missing_since

__all__ = ["EndpointOutage"]


@dataclass(frozen=True, slots=True)
class EndpointOutage(DeliveryFault):
    """Endpoints are disabled at once, and nothing is sent to them.

    When it ends or is healed, they are enabled again, and what was given up, failed or is missing
    since is sent: each message once, as when somebody recovers by hand.
    """

    kind: ClassVar[str] = "endpoint_outage"
    drawn: ClassVar[bool] = False
    said: ClassVar[frozenset[str] | None] = frozenset({"endpoint_id", "duration_s"})

    def begin(self, onset: Onset[Where]) -> BegunDeliveryFault:
        """Disable the endpoint, or all that are enabled."""
        instance, only = instance_of(onset), onset.where.endpoint_id
        struck = {
            endpoint.id: _pending(instance, endpoint)
            for endpoint in instance.endpoints
            if only in {None, endpoint.id} and not endpoint.disabled
        }
        outage = _Outage(instance, onset.tally, struck, since=instance.clock.now_ms())
        for endpoint_id, given_up in struck.items():
            onset.tally.hit(len(given_up))
            _disable(instance, endpoint_id, disabled=True)
        instance.log.on_append(outage.miss)
        return outage


@dataclass(frozen=True, slots=True, eq=False)
class _Outage(BegunDeliveryFault):
    instance: Instance
    tally: Tally
    struck: dict[str, tuple[str, ...]]
    since: int

    def miss(self, event: Event) -> None:
        """Count a message that would be sent now."""
        for endpoint_id in self.struck:
            endpoint = self.instance.endpoints.get(endpoint_id)
            if endpoint is not None and replace(endpoint, disabled=False).wants(
                event.type, event.details.channels
            ):
                self.tally.hit()

    def end(self) -> None:
        self.instance.log.off_append(self.miss)
        for endpoint_id, given_up in self.struck.items():
            if self.instance.endpoints.get(endpoint_id) is not None:
                self._recover(_disable(self.instance, endpoint_id, disabled=False), given_up)

    def _recover(self, endpoint: Endpoint, given_up: tuple[str, ...]) -> None:
        for message_id in dict.fromkeys(chain(given_up, self._since_then(endpoint))):
            event = self.instance.log.get(message_id)
            delivery = self.instance.deliveries.get(message_id, endpoint.id)
            arrived = delivery is not None and delivery.state is DeliveryState.DELIVERED
            if event is not None and not event.details.expunged and not arrived:
                self.instance.dispatcher.resend(event, endpoint)

    def _since_then(self, endpoint: Endpoint) -> Iterator[str]:
        outbox, until = self.instance.outbox, self.instance.clock.now_ms() + 1
        for event in tuple(failed_since(outbox, endpoint, self.since, until)):
            yield event.id
        for event in tuple(missing_since(outbox, endpoint, self.since, until)):
            yield event.id


def _pending(instance: Instance, endpoint: Endpoint) -> tuple[str, ...]:
    """Return what is on its way to an endpoint, and is given up when that is disabled."""
    return tuple(
        delivery.message_id
        for delivery in instance.deliveries
        if delivery.endpoint_id == endpoint.id and delivery.state is DeliveryState.PENDING
    )


def _disable(instance: Instance, endpoint_id: str, *, disabled: bool) -> Endpoint:
    endpoint = instance.endpoints.require(endpoint_id)
    changed = replace(endpoint, disabled=disabled, updated_at=instance.clock.now_ms())
    if endpoint.disabled is not disabled:
        instance.endpoints.change(changed)
    return changed
