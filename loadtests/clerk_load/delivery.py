"""One signed webhook out, its outcome back."""

import time

from clerk_fake.webhooks.sender import DeliveryError, Sender
from clerk_fake.webhooks.signing import signed_headers
from clerk_load.arrivals import Outcome
from clerk_load.plan import Plan

__all__ = ["Delivery"]


class Delivery:
    """Signs and posts the messages of a plan on the running loop."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sender = Sender(max_idle=plan.max_in_flight)

    async def send(self, index: int) -> Outcome:
        """Post message ``index``, signed at this second; errors become part of the outcome."""
        plan, message = self._plan, self._plan.messages[index]
        headers = signed_headers((plan.secret,), message.id, int(time.time()), message.body)
        try:
            answer = await self._sender.post(plan.url, headers, message.body, plan.timeout_s)
        except DeliveryError as failed:
            return Outcome(error=failed.kind)
        return Outcome(status=answer.status)

    async def close(self) -> None:
        """Close the kept connections."""
        await self._sender.close()
