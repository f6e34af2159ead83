"""Messages that Clerk emits and does not deliver, until somebody does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from clerk_harness.clerk import Message
from clerk_harness.errors import HarnessError
from clerk_harness.ledger import Ledger
from clerk_harness.target import Deployment
from clerk_harness.waiting import eventually

__all__ = ["Held", "deliver_now", "hold_deliveries"]


@dataclass
class Held:
    """What was emitted while deliveries were held; filled in when they flow again."""

    messages: list[Message] = field(default_factory=list)

    def only(self, event_type: str) -> Message:
        """The one message of a type.

        Raises:
            HarnessError: There is none, or more than one.
        """
        of_type = [message for message in self.messages if message.event_type == event_type]
        if len(of_type) != 1:
            raise HarnessError(
                f"{len(of_type)} messages {event_type} were held back where one was expected"
            )
        return of_type[0]


@contextmanager
def hold_deliveries(deployment: Deployment, ledger: Ledger) -> Iterator[Held]:
    """Disable the endpoint for the body; as with Svix, nothing held is sent by itself later."""
    held = Held()
    ledger.refresh()
    before = len(ledger.emitted)
    deployment.clerk.endpoints.disable(deployment.endpoint_id)
    try:
        yield held
    finally:
        deployment.clerk.endpoints.enable(deployment.endpoint_id)
        ledger.refresh()
        held.messages.extend(ledger.emitted[before:])


def deliver_now(
    deployment: Deployment, ledger: Ledger, message: Message, *, within: float = 15
) -> None:
    """Deliver a message, again or for the first time, and wait until an attempt is acknowledged.

    An attempt that fails is asked for again: nobody else repeats what was asked for by hand.

    Raises:
        WaitTimeoutError: No attempt that was made from now on was acknowledged.
    """
    ledger.refresh()
    before = len(ledger.attempts)
    asked = 0

    def acknowledged() -> bool:
        nonlocal asked
        ledger.refresh()
        later = [each for each in ledger.attempts[before:] if each.message_id == message.id]
        if any(each.acknowledged for each in later):
            return True
        if len(later) >= asked:
            deployment.clerk.messages.resend(message.id, endpoint_id=deployment.endpoint_id)
            asked += 1
        return False

    eventually(acknowledged, within=within, describe=f"acknowledgement of {message.id}")
