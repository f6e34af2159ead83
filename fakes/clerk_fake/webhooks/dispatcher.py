"""Reads the event log and sees to it that every endpoint hears of every event it wants.

The schedule runs on the instance's clock, so turning the clock brings retries forward. The
``svix-timestamp`` header is real time all the same: receivers judge its age by their own clock.
"""

import asyncio
from dataclasses import dataclass, replace
from time import perf_counter, time
from typing import TYPE_CHECKING, Final

from clerk_fake.clock import Clock
from clerk_fake.errors import ApiError
from clerk_fake.events.log import Event, EventLog
from clerk_fake.ids import Ids
from clerk_fake.webhooks.attempts import SUCCESS, Attempt, Attempts
from clerk_fake.webhooks.deliveries import Deliveries, Delivery, DeliveryState
from clerk_fake.webhooks.endpoints import Endpoint, Endpoints
from clerk_fake.webhooks.lane import Lane, Turn
from clerk_fake.webhooks.schedule import DeliverySchedule
from clerk_fake.webhooks.sender import Answer, DeliveryError, Sender
from clerk_fake.webhooks.shipment import PostponedError, Seam, Shipment, VanishedError
from clerk_fake.webhooks.signing import SigningSecret, signed_headers

if TYPE_CHECKING:
    from clerk_fake.changes import Changes

__all__ = ["LANE_WIDTH", "Dispatcher", "Outbox"]

LANE_WIDTH: Final = 16
"""How many messages are under way to one endpoint at the same time."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """What the dispatcher keeps its books in; all of it belongs to the instance."""

    log: EventLog
    endpoints: Endpoints
    deliveries: Deliveries
    attempts: Attempts


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one try ended."""

    started_at: float
    latency_ms: float
    status: int | None
    error: str | None
    body: str

    @property
    def succeeded(self) -> bool:
        return self.status is not None and self.status in SUCCESS


class Dispatcher:
    """Delivers the events of one instance.

    Args:
        outbox: What is to be sent, to whom, and how it went.
        clock: The instance's clock.
        sender: Shared by all instances of a server.
        ids: Makes the attempt ids, and the jitter. Its own ones: when attempts end must not
            decide on other ids.

    Attributes:
        seam: Who disturbs what is sent; ``None`` for nobody.
    """

    def __init__(self, outbox: Outbox, *, clock: Clock, sender: Sender, ids: Ids) -> None:
        self.changes: Changes | None = None
        self.seam: Seam | None = None
        self._schedule = DeliverySchedule()
        self._outbox = outbox
        self._clock = clock
        self._ids = ids
        self._sender = sender
        self._lanes: dict[str, Lane] = {}
        self._secrets: dict[str, SigningSecret] = {}
        outbox.log.on_append(self._route)
        outbox.endpoints.on_stop(self._drop)
        clock.on_turn(self._wake)

    @property
    def schedule(self) -> DeliverySchedule:
        """How messages are retried; what is under way goes on as it was planned."""
        return self._schedule

    @schedule.setter
    def schedule(self, schedule: DeliverySchedule) -> None:
        self._schedule = schedule
        if self.changes is not None:
            self.changes.put("schedule", "", schedule)

    @property
    def next_attempt_at(self) -> int | None:
        """When the next attempt is due on the instance's clock, ms; ``None`` when none waits."""
        dues = [lane.next_due for lane in self._lanes.values() if lane.next_due is not None]
        return min(dues, default=None)

    @property
    def pending(self) -> int:
        """How many messages are on their way, counted per endpoint, resends included."""
        return self._outbox.deliveries.pending + sum(lane.by_hand for lane in self._lanes.values())

    def resend(self, event: Event, endpoint: Endpoint) -> None:
        """Try once more now, whatever became of the message before; the schedule stays as it is.

        Raises:
            ApiError: 422, the endpoint is disabled.
        """
        if endpoint.disabled:
            raise ApiError.bad_value("endpoint_id", "an endpoint that is enabled; enable it first")
        if self._outbox.deliveries.get(event.id, endpoint.id) is None:
            never_meant_for_it = self._new_delivery(event.id, endpoint.id)
            self._outbox.deliveries.put(replace(never_meant_for_it, state=DeliveryState.EXHAUSTED))
        self._lane(endpoint.id).add(Turn(event.id, by_hand=True), self._clock.now_ms())

    def resume(self) -> None:
        """Queue every pending delivery, after a snapshot was put back."""
        for delivery in self._outbox.deliveries:
            if delivery.state is DeliveryState.PENDING:
                self._lane(delivery.endpoint_id).add(Turn(delivery.message_id), delivery.due_at)

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
            if endpoint.wants(event.type):
                delivery = self._new_delivery(event.id, endpoint.id)
                self._outbox.deliveries.put(delivery)
                self._lane(endpoint.id).add(Turn(event.id), delivery.due_at)

    def _new_delivery(self, message_id: str, endpoint_id: str) -> Delivery:
        return Delivery(
            message_id=message_id,
            endpoint_id=endpoint_id,
            state=DeliveryState.PENDING,
            attempts=0,
            step=0,
            due_at=self._clock.now_ms() + (self._delay_ms(0) or 0),
            turned_ms=self._clock.turned_ms,
        )

    def _lane(self, endpoint_id: str) -> Lane:
        lane = self._lanes.get(endpoint_id)
        if lane is None:

            async def send(turn: Turn) -> None:
                await self._take_turn(turn, endpoint_id)

            lane = self._lanes[endpoint_id] = Lane(self._clock, send, width=LANE_WIDTH)
        return lane

    async def _take_turn(self, turn: Turn, endpoint_id: str) -> None:
        event = self._outbox.log.get(turn.message_id)
        endpoint = self._outbox.endpoints.get(endpoint_id)
        delivery = self._outbox.deliveries.get(turn.message_id, endpoint_id)
        if event is None or endpoint is None or delivery is None:
            return
        if not turn.by_hand and delivery.state is not DeliveryState.PENDING:
            return  # a resend was quicker
        shipment = self._packed(turn, event, endpoint, delivery)
        try:
            outcome = await self._try(shipment)
        except PostponedError as postponed:
            self._lane(endpoint_id).add(turn, postponed.due_at)
        except VanishedError:
            self._outbox.deliveries.put(replace(delivery, state=DeliveryState.EXHAUSTED))
        else:
            self._record(turn, endpoint, outcome)

    def _packed(self, turn: Turn, event: Event, endpoint: Endpoint, delivery: Delivery) -> Shipment:
        secret = self._secrets.get(endpoint.secret)
        if secret is None:
            secret = self._secrets[endpoint.secret] = SigningSecret(endpoint.secret)
        body = event.payload.encode()
        return Shipment(
            event=event,
            endpoint=endpoint,
            number=delivery.attempts + 1,
            by_hand=turn.by_hand,
            headers=signed_headers((secret,), event.id, int(time()), body),
            body=body,
            timeout_s=self._schedule.timeout_s,
        )

    async def _try(self, shipment: Shipment) -> "_Outcome":
        started_at, started = time() * 1000, perf_counter()
        try:
            if self.seam is None:
                answer = await self._post(shipment)
            else:
                answer = await self.seam.ship(shipment, self._post)
        except DeliveryError as failure:
            latency_ms = (perf_counter() - started) * 1000
            return _Outcome(started_at, latency_ms, status=None, error=str(failure), body="")
        body = answer.body.decode("utf-8", "replace")
        return _Outcome(started_at, answer.latency_ms, status=answer.status, error=None, body=body)

    def _record(self, turn: Turn, endpoint: Endpoint, outcome: "_Outcome") -> None:
        delivery = self._outbox.deliveries.get(turn.message_id, endpoint.id)
        if delivery is None:  # the books were replaced in the meantime
            return
        settled = self._settle(delivery, turn, succeeded=outcome.succeeded)
        self._outbox.deliveries.put(settled)
        retried = settled.state is DeliveryState.PENDING
        if retried and not turn.by_hand:
            self._lane(endpoint.id).add(Turn(turn.message_id), settled.due_at)
        self._outbox.attempts.append(
            Attempt(
                id=self._ids.new("atmpt"),
                seq=self._outbox.attempts.next_seq,
                message_id=turn.message_id,
                endpoint_id=endpoint.id,
                url=endpoint.url,
                number=settled.attempts,
                started_at=outcome.started_at,
                latency_ms=round(outcome.latency_ms, 3),
                status=outcome.status,
                error=outcome.error,
                response_body=outcome.body,
                next_attempt_at=settled.due_at if retried else None,
            )
        )

    async def _post(self, shipment: Shipment) -> Answer:
        if shipment.manner is not None:
            return await self._sender.post_oddly(
                shipment.endpoint.url,
                shipment.headers,
                shipment.body,
                manner=shipment.manner,
                timeout_s=shipment.timeout_s,
            )
        return await self._sender.post(
            shipment.endpoint.url, shipment.headers, shipment.body, shipment.timeout_s
        )

    def _settle(self, delivery: Delivery, turn: Turn, *, succeeded: bool) -> Delivery:
        """Return how a delivery stands after one more attempt."""
        tried = replace(delivery, attempts=delivery.attempts + 1)
        if succeeded:
            return replace(tried, state=DeliveryState.DELIVERED)
        if turn.by_hand or tried.state is not DeliveryState.PENDING:
            return tried
        delay_ms = self._delay_ms(delivery.step + 1)
        if delay_ms is None:
            return replace(tried, state=DeliveryState.EXHAUSTED)
        # Lateness that comes from turning the clock is credited to the next steps, so one turn of
        # 27.6 hours walks the whole schedule. Lateness from a backlog is not: a busy receiver
        # still gets its pause.
        now = self._clock.now_ms()
        turned = self._clock.turned_ms - delivery.turned_ms
        credit = max(min(turned, now - delivery.due_at), 0)
        return replace(
            tried,
            step=delivery.step + 1,
            due_at=now - credit + delay_ms,
            turned_ms=self._clock.turned_ms - max(credit - delay_ms, 0),
        )

    def _delay_ms(self, step: int) -> int | None:
        return self._schedule.delay_ms(step, self._ids.fraction)

    def _drop(self, endpoint_id: str) -> None:
        """Give up what is pending for an endpoint that was disabled or deleted."""
        lane = self._lanes.pop(endpoint_id, None)
        if lane is not None:
            lane.clear()
        for delivery in tuple(self._outbox.deliveries):
            if delivery.endpoint_id == endpoint_id and delivery.state is DeliveryState.PENDING:
                self._outbox.deliveries.put(replace(delivery, state=DeliveryState.EXHAUSTED))

    def _wake(self) -> None:
        for lane in self._lanes.values():
            lane.wake()
