"""Writes down how an attempt ended, and draws the conclusions."""

from collections.abc import Callable
from typing import TypeAlias

from clerk_fake.clock import Clock
from clerk_fake.ids import Ids
from clerk_fake.webhooks.attempts import Attempt
from clerk_fake.webhooks.deliveries import Delivery, DeliveryState
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.outcome import Outcome
from clerk_fake.webhooks.schedule import DeliverySchedule
from clerk_fake.webhooks.settlement import Settlement, Terms, settle
from clerk_fake.webhooks.shipment import Shipment

__all__ = ["AttemptListener", "Recorder"]

AttemptListener: TypeAlias = Callable[[Attempt, Delivery, Delivery], None]
"""Hears of an attempt, and how the delivery stood before and since."""


class Recorder:
    """Keeps the books of one outbox.

    Args:
        outbox: The books.
        clock: The instance's clock.
        ids: Makes the attempt ids, and the jitter.
    """

    def __init__(self, outbox: Outbox, clock: Clock, ids: Ids) -> None:
        self._outbox = outbox
        self._clock = clock
        self._ids = ids
        self._listeners: list[AttemptListener] = []

    def on_attempt(self, listener: AttemptListener) -> None:
        """Call ``listener`` after every attempt from now on."""
        self._listeners.append(listener)

    def record(
        self, shipment: Shipment, outcome: Outcome, *, made_at: int, schedule: DeliverySchedule
    ) -> Delivery | None:
        """Write down an attempt.

        Args:
            shipment: What was sent.
            outcome: How that ended.
            made_at: When it was sent, on the instance's clock, ms.
            schedule: When it is tried again.

        Returns:
            How the delivery stands now; ``None`` when the books were replaced in the meantime.
        """
        delivery = self._outbox.deliveries.get(shipment.event.id, shipment.endpoint.id)
        if delivery is None:
            return None
        settlement = settle(
            delivery,
            outcome,
            by_hand=shipment.by_hand,
            terms=Terms(schedule, self._clock, self._ids.fraction),
        )
        self._outbox.deliveries.put(settlement.delivery)
        attempt = self._attempt(shipment, outcome, made_at, settlement)
        self._outbox.attempts.append(attempt)
        for listener in self._listeners:
            listener(attempt, delivery, settlement.delivery)
        self._judge(shipment.endpoint.id, outcome, settlement.at)
        return self._outbox.deliveries.get(shipment.event.id, shipment.endpoint.id)

    def _attempt(
        self, shipment: Shipment, outcome: Outcome, made_at: int, settlement: Settlement
    ) -> Attempt:
        settled = settlement.delivery
        retried = settled.state is DeliveryState.PENDING
        return Attempt(
            id=self._ids.new("atmpt"),
            seq=self._outbox.attempts.next_seq,
            message_id=shipment.event.id,
            endpoint_id=shipment.endpoint.id,
            url=shipment.endpoint.url,
            number=settled.attempts,
            started_at=outcome.started_at,
            latency_ms=round(outcome.latency_ms, 3),
            status=outcome.status,
            error=outcome.error,
            response_body=outcome.body,
            next_attempt_at=settled.due_at if retried else None,
            timestamp=min(made_at, settlement.at),
            trigger="manual" if shipment.by_hand else "scheduled",
            request_headers=outcome.sent or shipment.headers,
            response_headers=outcome.headers,
        )

    def _judge(self, endpoint_id: str, outcome: Outcome, at: int) -> None:
        """Disable an endpoint that wants it, or that has taken nothing for too long."""
        failures = self._outbox.failures
        if outcome.succeeded:
            failures.forget(endpoint_id)
            disabled = outcome.disables
        else:
            disabled = failures.note_failure(endpoint_id, at) or outcome.disables
        if disabled:
            since = failures.since(endpoint_id)
            self._outbox.endpoints.disable(endpoint_id, at=at, failing_since=since)
