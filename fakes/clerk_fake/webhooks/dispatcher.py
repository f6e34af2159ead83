"""Reads the event log and sees to it that every endpoint hears of every event it wants.

The schedule runs on the instance's clock, so turning the clock brings retries forward.
"""

import asyncio
from collections.abc import Callable, Container
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from clerk_fake.clock import Clock
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Event
from clerk_fake.ids import Ids
from clerk_fake.webhooks.courier import Courier, Ending
from clerk_fake.webhooks.deliveries import MOST_ASKED, Delivery, DeliveryState
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.endpoints import EndpointChange
from clerk_fake.webhooks.lane import Lane, Turn, UnderWay
from clerk_fake.webhooks.outbox import Outbox
from clerk_fake.webhooks.outcome import Outcome
from clerk_fake.webhooks.recorder import AttemptListener, Recorder
from clerk_fake.webhooks.schedule import DeliverySchedule
from clerk_fake.webhooks.sender import Sender
from clerk_fake.webhooks.shipment import PostponedError, Seam, Shipment

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["LANE_WIDTH", "Dispatcher"]

LANE_WIDTH: Final = 16
"""How many messages are under way to one endpoint at the same time."""


class Dispatcher:
    """Delivers the messages of one outbox.

    Args:
        outbox: What is to be sent, to whom, and how it went.
        clock: The instance's clock.
        sender: Shared by all instances of a server.
        ids: Makes the attempt ids, and the jitter. Its own ones: when attempts end must not
            decide on other ids.
        leader: Whose schedule it follows; ``None`` for one of its own.
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        clock: Clock,
        sender: Sender,
        ids: Ids,
        leader: "Dispatcher | None" = None,
    ) -> None:
        self.changes: Changes | None = None
        self._leader = leader
        self._schedule = DeliverySchedule()
        self._outbox = outbox
        self._clock = clock
        self._ids = ids
        self._courier = Courier(clock, sender)
        self._lanes: dict[str, Lane] = {}
        self._recorder = Recorder(outbox, clock, ids)
        outbox.log.on_append(self._route)
        outbox.endpoints.on_change(self._heed)
        clock.on_turn(self._wake)

    @property
    def schedule(self) -> DeliverySchedule:
        """How messages are retried; what is under way goes on as it was planned."""
        return self._schedule if self._leader is None else self._leader.schedule

    @schedule.setter
    def schedule(self, schedule: DeliverySchedule) -> None:
        self._schedule = schedule
        if self.changes is not None:
            self.changes.put("schedule", "", schedule)

    @property
    def seam(self) -> Seam | None:
        """Who disturbs what is sent; ``None`` for nobody."""
        return self._courier.seam

    @seam.setter
    def seam(self, seam: Seam | None) -> None:
        self._courier.seam = seam

    @property
    def next_attempt_at(self) -> int | None:
        """When the next attempt is due on the instance's clock, ms; ``None`` when none waits."""
        dues = [lane.next_due for lane in self._lanes.values() if lane.next_due is not None]
        return min(dues, default=None)

    @property
    def pending(self) -> int:
        """How many messages are on their way, counted per endpoint, resends included."""
        return self._outbox.deliveries.pending

    def on_attempt(self, listener: AttemptListener) -> None:
        """Call ``listener`` after every attempt, with how the delivery stood before and since."""
        self._recorder.on_attempt(listener)

    def resend(self, event: Event, endpoint: Endpoint) -> None:
        """Try once more now, whatever became of the message before; the schedule stays as it is.

        Raises:
            ApiError: 422, the endpoint is disabled. 400, the message's body was deleted, or too
                many resends of it wait already.
        """
        endpoint.check_enabled()
        if event.details.expunged:
            raise ApiError.of(400, "missing_payload", "payload missing", "Its body was deleted.")
        delivery = self._outbox.deliveries.get(event.id, endpoint.id)
        if delivery is None:  # it was never meant for this endpoint
            delivery = replace(
                self._new_delivery(event, endpoint.id), state=DeliveryState.EXHAUSTED
            )
        if delivery.asked >= MOST_ASKED:
            raise ApiError.of(
                400, "limit_reached", "limit reached", f"{MOST_ASKED} resends of it wait already."
            )
        self._outbox.deliveries.put(replace(delivery, asked=delivery.asked + 1))
        self._lane(endpoint.id).add(Turn(event.id, by_hand=True), self._clock.now_ms())

    def hasten(self, endpoint_id: str, message_ids: Container[str]) -> None:
        """Send these messages to an endpoint now, if they are queued, whenever they are due."""
        lane = self._lanes.get(endpoint_id)
        if lane is not None:
            lane.hasten(message_ids)

    def parked(self, endpoint_id: str) -> AbstractContextManager[None]:
        """Let other messages go out to an endpoint while one under way waits for something."""
        return self._lane(endpoint_id).parked()

    def resume(self) -> None:
        """Queue everything that is on its way, after a snapshot was put back."""
        now = self._clock.now_ms()
        for delivery in self._outbox.deliveries:
            if delivery.state is DeliveryState.PENDING:
                self._lane(delivery.endpoint_id).add(Turn(delivery.message_id), delivery.due_at)
            for _ in range(delivery.asked):
                turn = Turn(delivery.message_id, by_hand=True)
                self._lane(delivery.endpoint_id).add(turn, now)

    def abort(self) -> None:
        """Stop at once; what was pending stays so in the books."""
        for lane in self._lanes.values():
            lane.abort()
        self._lanes.clear()

    async def drain(self, grace_s: float) -> None:
        """Let the attempts under way end within ``grace_s`` seconds, and start no others."""
        await asyncio.gather(*(lane.drain(grace_s) for lane in self._lanes.values()))
        self._lanes.clear()

    def _route(self, event: Event) -> None:
        for endpoint in self._outbox.endpoints:
            if endpoint.is_to_get(event):
                delivery = self._new_delivery(event, endpoint.id)
                self._outbox.deliveries.put(delivery)
                self._lane(endpoint.id).add(Turn(event.id), delivery.due_at)

    def _new_delivery(self, event: Event, endpoint_id: str) -> Delivery:
        now = self._clock.now_ms()
        return Delivery(
            message_id=event.id,
            endpoint_id=endpoint_id,
            state=DeliveryState.PENDING,
            attempts=0,
            step=0,
            due_at=max(
                now + (self.schedule.delay_ms(0, self._ids.fraction) or 0),
                event.details.deliver_at or 0,
            ),
            turned_ms=self._clock.turned_ms,
        )

    def _lane(self, endpoint_id: str) -> Lane:
        lane = self._lanes.get(endpoint_id)
        if lane is None:

            def rate_limit() -> int | None:
                endpoint = self._outbox.endpoints.get(endpoint_id)
                return None if endpoint is None else endpoint.rate_limit

            send = partial(self._send, endpoint_id)
            lane = Lane(self._clock, send, width=LANE_WIDTH, rate_limit=rate_limit)
            self._lanes[endpoint_id] = lane
        return lane

    def _send(self, endpoint_id: str, turn: Turn, done: Callable[[], None]) -> UnderWay | None:
        event = self._outbox.log.get(turn.message_id)
        endpoint = self._outbox.endpoints.get(endpoint_id)
        delivery = self._outbox.deliveries.get(turn.message_id, endpoint_id)
        if event is None or endpoint is None or delivery is None:
            return None
        if not turn.by_hand and delivery.state is not DeliveryState.PENDING:
            return None  # a resend was quicker
        if event.details.expunged:
            self._give_up(delivery)
            return None
        shipment = self._courier.pack(
            event,
            endpoint,
            number=delivery.attempts + 1,
            by_hand=turn.by_hand,
            timeout_s=self.schedule.timeout_s,
        )
        end = partial(self._end, shipment, self._clock.now_ms(), done)
        return self._courier.carry(shipment, end)

    def _end(
        self, shipment: Shipment, made_at: int, done: Callable[[], None], ending: Ending
    ) -> None:
        if isinstance(ending, Outcome):
            settled = self._recorder.record(
                shipment, ending, made_at=made_at, schedule=self.schedule
            )
            retried = settled is not None and settled.state is DeliveryState.PENDING
            if settled is not None and retried and not shipment.by_hand:
                self._lane(shipment.endpoint.id).add(Turn(shipment.event.id), settled.due_at)
        elif isinstance(ending, PostponedError):
            turn = Turn(shipment.event.id, shipment.by_hand)
            self._lane(shipment.endpoint.id).add(turn, ending.due_at)
        else:
            delivery = self._outbox.deliveries.get(shipment.event.id, shipment.endpoint.id)
            if delivery is not None:
                self._give_up(delivery, asked=delivery.asked - shipment.by_hand)
        done()

    def _heed(self, change: EndpointChange) -> None:
        if change.what in {"deleted", "disabled"}:
            self._drop(change.endpoint.id)
        if change.what in {"deleted", "disabled", "enabled"}:
            self._outbox.failures.forget(change.endpoint.id)
        if change.what == "updated" and change.endpoint.id in self._lanes:
            self._lanes[change.endpoint.id].wake()  # its rate limit may be another one

    def _drop(self, endpoint_id: str) -> None:
        """Give up what is pending for an endpoint that was disabled or deleted."""
        lane = self._lanes.pop(endpoint_id, None)
        if lane is not None:
            lane.clear()
        for delivery in tuple(self._outbox.deliveries):
            if delivery.endpoint_id == endpoint_id and delivery.on_its_way:
                self._give_up(delivery)

    def _give_up(self, delivery: Delivery, asked: int = 0) -> None:
        """Try a delivery no more, but for so many resends that were asked for."""
        pending = delivery.state is DeliveryState.PENDING
        state = DeliveryState.EXHAUSTED if pending else delivery.state
        self._outbox.deliveries.put(replace(delivery, state=state, asked=max(asked, 0)))

    def _wake(self) -> None:
        for lane in self._lanes.values():
            lane.wake()
