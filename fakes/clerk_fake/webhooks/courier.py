"""Makes one attempt: signs a message for an endpoint, sends it, and tells how it ended."""

from time import perf_counter, time

from clerk_fake.clock import Clock
from clerk_fake.events.log import Event
from clerk_fake.webhooks.endpoint import Endpoint
from clerk_fake.webhooks.outcome import Outcome
from clerk_fake.webhooks.sender import Answer, DeliveryError, Sender
from clerk_fake.webhooks.shipment import Seam, Shipment
from clerk_fake.webhooks.signing import signed_headers, signing_keys

__all__ = ["Courier"]


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
        keys = signing_keys(endpoint.secret, endpoint.old_secrets, self._clock.now_ms())
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

    async def carry(self, shipment: Shipment) -> Outcome:
        """Send a shipment and return how that ended.

        Raises:
            PostponedError: Somebody at the seam wants it to be tried later.
            VanishedError: Somebody at the seam lost it.
        """
        started_at, started = time() * 1000, perf_counter()
        try:
            if self.seam is None:
                answer = await self._post(shipment)
            else:
                answer = await self.seam.ship(shipment, self._post)
        except DeliveryError as failure:
            latency_ms = (perf_counter() - started) * 1000
            return Outcome.of_failure(started_at, latency_ms, failure)
        return Outcome.of_answer(started_at, answer)

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
