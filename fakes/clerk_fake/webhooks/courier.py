"""Makes one attempt: signs a message for an endpoint, sends it, and tells how it ended."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter, time
from typing import TypeAlias

from clerk_fake.clock import Clock
from clerk_fake.events.log import Event
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.lane import UnderWay
from clerk_fake.webhooks.outcome import Outcome
from clerk_fake.webhooks.sender import Answer, DeliveryError, Sender
from clerk_fake.webhooks.shipment import PostponedError, Seam, Shipment, VanishedError
from clerk_fake.webhooks.signing import signed_headers, signing_keys

__all__ = ["Courier", "Done", "Ending"]

Ending: TypeAlias = Outcome | PostponedError | VanishedError
"""How it ended, or why there was no attempt."""

Done: TypeAlias = Callable[[Ending], None]


class Courier:
    """Sends the messages of one instance.

    Args:
        clock: The instance's clock: it says which old secrets still sign. The signed timestamp is
            real time all the same, because receivers judge its age by their own clock.
        sender: Shared by all instances of a server.

    Attributes:
        seam: Who disturbs what is sent; ``None`` for nobody.
    """

    def __init__(self, clock: Clock, sender: Sender) -> None:
        self.seam: Seam | None = None
        self._clock = clock
        self._sender = sender

    def pack(
        self, event: Event, endpoint: Endpoint, *, number: int, by_hand: bool, timeout_s: float
    ) -> Shipment:
        """Return an attempt that is ready to be sent now; as in ``Shipment``."""
        body = event.payload.encode()
        now = self._clock.now_ms() if endpoint.old_secrets else 0
        keys = signing_keys(endpoint.secret, endpoint.old_secrets, now)
        headers = signed_headers(keys, event.id, int(time()), body, names=endpoint.header_names)
        if endpoint.headers:
            headers.update(endpoint.headers)
        return Shipment(
            event=event,
            endpoint=endpoint,
            number=number,
            by_hand=by_hand,
            headers=headers,
            body=body,
            timeout_s=timeout_s,
        )

    def carry(self, shipment: Shipment, done: Done) -> UnderWay:
        """Send a shipment; ``done`` hears how that ended, later, unless it is broken off."""
        if self.seam is not None:
            task = asyncio.ensure_future(self._carry_past(self.seam, shipment))
            task.add_done_callback(partial(_tell, done))
            return task
        hear = partial(_hear, done, time() * 1000, perf_counter())
        try:
            return self._sender.start(
                shipment.endpoint.url,
                shipment.headers,
                shipment.body,
                shipment.timeout_s,
                done=hear,
            )
        except DeliveryError as failure:
            return asyncio.get_running_loop().call_soon(hear, failure)

    async def _carry_past(self, seam: Seam, shipment: Shipment) -> Ending:
        started_at, started = time() * 1000, perf_counter()
        sent = shipment.headers

        async def post(changed: Shipment) -> Answer:
            nonlocal sent
            sent = changed.headers
            return await self._post(changed)

        ending: Answer | DeliveryError
        try:
            ending = await seam.ship(shipment, post)
        except DeliveryError as failure:
            ending = failure
        except (PostponedError, VanishedError) as without_attempt:
            return without_attempt
        return replace(_outcome(started_at, started, ending), sent=sent)

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


def _tell(done: Done, task: "asyncio.Task[Ending]") -> None:
    if not task.cancelled():
        done(task.result())


def _hear(done: Done, started_at: float, started: float, ending: Answer | DeliveryError) -> None:
    done(_outcome(started_at, started, ending))


def _outcome(started_at: float, started: float, ending: Answer | DeliveryError) -> Outcome:
    if isinstance(ending, DeliveryError):
        return Outcome.of_failure(started_at, (perf_counter() - started) * 1000, ending)
    return Outcome.of_answer(started_at, ending)
